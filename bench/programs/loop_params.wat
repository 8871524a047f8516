;; Parameters as the variables of a loop: 150 million rounds of i64 arithmetic.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "\10\00\00\00\10\00\00\00" "loop_params: ok\n")

  (func $work (param $n i32) (param $a i64) (param $b i64) (param $c i64) (result i64)
    (loop $again
      (local.set $a (i64.add (local.get $a) (local.get $b)))
      (local.set $b (i64.xor (local.get $b) (local.get $c)))
      (local.set $c (i64.add (i64.mul (local.get $c) (i64.const 5)) (local.get $a)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i64.xor (i64.xor (local.get $a) (local.get $b)) (local.get $c)))

  (func (export "_start")
    (if (i64.ne (call $work (i32.const 150000000) (i64.const 1) (i64.const 2) (i64.const 3))
                (i64.const 1070566095892433239))
      (then (call $exit (i32.const 1))))
    (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 0)))))
