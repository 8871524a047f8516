;; Tail calls: a machine of four states, each a function; 20 million transitions. The
;; next state depends on the value, and is reached through a table. Then two functions
;; that call each other, 10 million deep if they did not give up their frames.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "\10\00\00\00\0f\00\00\00" "tail_calls: ok\n")

  (type $state (func (param i32 i32) (result i32)))
  (table funcref (elem $add $xor $triple $rotate))

  (func $next (param $x i32) (param $n i32) (result i32)
    (if (i32.eqz (local.get $n)) (then (return (local.get $x))))
    (return_call_indirect (type $state) (local.get $x) (local.get $n)
      (i32.and (i32.shr_u (local.get $x) (i32.const 3)) (i32.const 3))))
  (func $add (param $x i32) (param $n i32) (result i32)
    (return_call $next (i32.add (local.get $x) (local.get $n))
      (i32.sub (local.get $n) (i32.const 1))))
  (func $xor (param $x i32) (param $n i32) (result i32)
    (return_call $next (i32.xor (local.get $x) (local.get $n))
      (i32.sub (local.get $n) (i32.const 1))))
  (func $triple (param $x i32) (param $n i32) (result i32)
    (return_call $next (i32.mul (local.get $x) (i32.const 3))
      (i32.sub (local.get $n) (i32.const 1))))
  (func $rotate (param $x i32) (param $n i32) (result i32)
    (return_call $next (i32.rotl (local.get $x) (i32.const 7))
      (i32.sub (local.get $n) (i32.const 1))))

  (func $even (param $n i32) (result i32)
    (if (i32.eqz (local.get $n)) (then (return (i32.const 1))))
    (return_call $odd (i32.sub (local.get $n) (i32.const 1))))
  (func $odd (param $n i32) (result i32)
    (if (i32.eqz (local.get $n)) (then (return (i32.const 0))))
    (return_call $even (i32.sub (local.get $n) (i32.const 1))))

  (func (export "_start")
    (if (i32.ne (call $add (i32.const 1) (i32.const 20000000)) (i32.const 1878567792))
      (then (call $exit (i32.const 1))))
    (if (i32.ne (call $even (i32.const 10000001)) (i32.const 0))
      (then (call $exit (i32.const 1))))
    (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 0)))))
