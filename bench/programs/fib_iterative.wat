;; A loop over i64 locals: the 90th Fibonacci number, half a million times.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "\10\00\00\00\12\00\00\00" "fib_iterative: ok\n")

  (func $fib (param $n i32) (result i64)
    (local $now i64) (local $next i64) (local $sum i64)
    (local.set $next (i64.const 1))
    (block $done
      (loop $again
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $sum (i64.add (local.get $now) (local.get $next)))
        (local.set $now (local.get $next))
        (local.set $next (local.get $sum))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $again)))
    (local.get $now))

  (func (export "_start")
    (local $count i32)
    (local.set $count (i32.const 1000000))
    (loop $again
      (if (i64.ne (call $fib (i32.const 90)) (i64.const 2880067194370816120))
        (then (call $exit (i32.const 1))))
      (br_if $again (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
    (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 0)))))
