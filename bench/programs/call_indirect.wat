;; Calls through a table: 60 million calls of four small functions in turn.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "\10\00\00\00\12\00\00\00" "call_indirect: ok\n")

  (type $step (func (param $x i32) (param $n i32) (result i32)))
  (table funcref (elem $add $xor $triple $rotate))
  (func $add (type $step) (i32.add (local.get 0) (local.get 1)))
  (func $xor (type $step) (i32.xor (local.get 0) (local.get 1)))
  (func $triple (type $step) (i32.mul (local.get 0) (i32.const 3)))
  (func $rotate (type $step) (i32.rotl (local.get 0) (i32.const 7)))

  (func $work (param $n i32) (result i32)
    (local $x i32)
    (local.set $x (i32.const 1))
    (loop $again
      (local.set $x
        (call_indirect (type $step) (local.get $x) (local.get $n)
          (i32.and (local.get $n) (i32.const 3))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x))

  (func (export "_start")
    (if (i32.ne (call $work (i32.const 60000000)) (i32.const -865988477))
      (then (call $exit (i32.const 1))))
    (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 0)))))
