;; Collected structures: trees.c with structures of the collector. Many small binary trees
;; are built, counted and left behind while one of depth 18 lives on.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "\10\00\00\00\0d\00\00\00" "trees_gc: ok\n")

  (type $tree (struct (field $left (ref null $tree)) (field $right (ref null $tree))))

  (func $grow (param $depth i32) (result (ref $tree))
    (if (result (ref $tree)) (local.get $depth)
      (then
        (struct.new $tree
          (call $grow (i32.sub (local.get $depth) (i32.const 1)))
          (call $grow (i32.sub (local.get $depth) (i32.const 1)))))
      (else (struct.new_default $tree))))

  (func $size (param $tree (ref null $tree)) (result i32)
    (if (result i32) (ref.is_null (local.get $tree))
      (then (i32.const 0))
      (else
        (i32.add (i32.const 1)
          (i32.add (call $size (struct.get $tree $left (local.get $tree)))
                   (call $size (struct.get $tree $right (local.get $tree))))))))

  (func $expect (param $tree (ref $tree)) (param $depth i32)
    (if (i32.ne (call $size (local.get $tree))
                (i32.sub (i32.shl (i32.const 2) (local.get $depth)) (i32.const 1)))
      (then (call $exit (i32.const 1)))))

  (func (export "_start")
    (local $lasting (ref $tree)) (local $depth i32) (local $i i32)
    (local.set $lasting (call $grow (i32.const 18)))
    (local.set $depth (i32.const 4))
    (loop $deeper
      (local.set $i (i32.shl (i32.const 1) (i32.sub (i32.const 18) (local.get $depth))))
      (loop $again
        (call $expect (call $grow (local.get $depth)) (local.get $depth))
        (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
      (br_if $deeper
        (i32.le_u (local.tee $depth (i32.add (local.get $depth) (i32.const 2))) (i32.const 18))))
    (call $expect (local.get $lasting) (i32.const 18))
    (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 0)))))
