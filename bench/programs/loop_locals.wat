;; i32 locals in a loop: the numbers below 200 million are summed up, and the sums mixed.
;; The result was computed by the same loop in C, as that of every kernel here.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "\10\00\00\00\10\00\00\00" "loop_locals: ok\n")

  (func $work (result i32)
    (local $i i32) (local $sum i32) (local $mix i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (local.get $i)))
      (local.set $mix (i32.xor (local.get $mix) (local.get $sum)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 200000000))))
    (local.get $mix))

  (func (export "_start")
    (if (i32.ne (call $work) (i32.const -673227264)) (then (call $exit (i32.const 1))))
    (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 0)))))
