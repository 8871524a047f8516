;; The loop of loop_locals.wat with its variables in globals: the numbers below 100 million.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "\10\00\00\00\11\00\00\00" "loop_globals: ok\n")

  (global $i (mut i32) (i32.const 0))
  (global $sum (mut i32) (i32.const 0))
  (global $mix (mut i32) (i32.const 0))

  (func $work
    (loop $again
      (global.set $sum (i32.add (global.get $sum) (global.get $i)))
      (global.set $mix (i32.xor (global.get $mix) (global.get $sum)))
      (global.set $i (i32.add (global.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (global.get $i) (i32.const 100000000)))))

  (func (export "_start")
    (call $work)
    (if (i32.ne (global.get $mix) (i32.const 1109673728)) (then (call $exit (i32.const 1))))
    (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 0)))))
