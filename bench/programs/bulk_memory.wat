;; memory.fill and memory.copy: a block of 4 MB is filled, copied with an overlap in both
;; directions, and looked at, 100 times; then 20 million small ones of 1 to 63 bytes, as most
;; are in real programs. Byte i of a round is then known.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "\10\00\00\00\10\00\00\00" "bulk_memory: ok\n")

  (func $big (param $round i32)
    (local $at i32)
    (local.set $at (i32.const 65536))
    (memory.fill (local.get $at) (local.get $round) (i32.const 4194304))
    (i32.store8 (i32.const 65543) (i32.xor (local.get $round) (i32.const 1)))
    ;; the odd byte moves up by 9 and down by 4
    (memory.copy (i32.const 65545) (i32.const 65536) (i32.const 4194304))
    (memory.copy (i32.const 65541) (i32.const 65545) (i32.const 4194304))
    (loop $again
      (if (i32.ne (i32.load8_u (local.get $at))
                  (i32.xor (i32.and (local.get $round) (i32.const 255))
                           (i32.eq (local.get $at) (i32.const 65548))))
        (then (call $exit (i32.const 1))))
      (br_if $again
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const 65600)))))

  (func $small (param $round i32)
    (local $size i32)
    (local.set $size (i32.add (i32.rem_u (local.get $round) (i32.const 63)) (i32.const 1)))
    (memory.fill (i32.const 1024) (local.get $round) (local.get $size))
    (memory.copy (i32.const 2048) (i32.const 1024) (local.get $size))
    (if (i32.ne (i32.load8_u offset=2047 (local.get $size))
                (i32.and (local.get $round) (i32.const 255)))
      (then (call $exit (i32.const 2)))))

  (func (export "_start")
    (local $i i32)
    (drop (memory.grow (i32.const 128)))
    (loop $again
      (call $big (local.get $i))
      (br_if $again
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100))))
    (local.set $i (i32.const 0))
    (loop $again
      (call $small (local.get $i))
      (br_if $again
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 20000000))))
    (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 0)))))
