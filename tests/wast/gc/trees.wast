;; Binary trees that come and go while one stays. A node knows its number in its tree, so
;; that a node in the wrong place is noticed.

(module
  (type $node (struct (field $left (mut (ref null $node))) (field $right (mut (ref null $node)))
                      (field $number i32)))
  (global $kept (mut (ref null $node)) (ref.null $node))

  ;; The node is made before its children: they are its only roots while they grow.
  (func $make (export "make") (param $depth i32) (param $number i32) (result (ref $node))
    (local $node (ref $node))
    (local.set $node (struct.new $node (ref.null $node) (ref.null $node) (local.get $number)))
    (if (local.get $depth)
      (then
        (local.set $depth (i32.sub (local.get $depth) (i32.const 1)))
        (local.set $number (i32.mul (local.get $number) (i32.const 2)))
        (struct.set $node $left (local.get $node)
          (call $make (local.get $depth) (local.get $number)))
        (struct.set $node $right (local.get $node)
          (call $make (local.get $depth) (i32.add (local.get $number) (i32.const 1))))))
    (local.get $node))

  ;; From the leaves up: subtrees are operands while the next one grows.
  (func $grow (param $depth i32) (param $number i32) (result (ref $node))
    (if (result (ref $node)) (local.get $depth)
      (then
        (struct.new $node
          (call $grow (i32.sub (local.get $depth) (i32.const 1))
            (i32.mul (local.get $number) (i32.const 2)))
          (call $grow (i32.sub (local.get $depth) (i32.const 1))
            (i32.add (i32.mul (local.get $number) (i32.const 2)) (i32.const 1)))
          (local.get $number)))
      (else (struct.new $node (ref.null $node) (ref.null $node) (local.get $number)))))

  ;; The number of nodes, or a trap if one has not the number that its place asks for.
  (func $count (param $node (ref null $node)) (param $number i32) (result i32)
    (if (ref.is_null (local.get $node)) (then (return (i32.const 0))))
    (if (i32.ne (struct.get $node $number (local.get $node)) (local.get $number))
      (then unreachable))
    (i32.add (i32.const 1)
      (i32.add
        (call $count (struct.get $node $left (local.get $node))
          (i32.mul (local.get $number) (i32.const 2)))
        (call $count (struct.get $node $right (local.get $node))
          (i32.add (i32.mul (local.get $number) (i32.const 2)) (i32.const 1))))))

  (func (export "keep") (param $depth i32)
    (global.set $kept (call $grow (local.get $depth) (i32.const 1))))
  (func (export "kept") (result i32) (call $count (global.get $kept) (i32.const 1)))

  ;; So many trees of this depth, one after the other: the sum of their nodes.
  (func (export "churn") (param $trees i32) (param $depth i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum)
        (call $count (call $make (local.get $depth) (i32.const 1)) (i32.const 1))))
      (local.set $sum (i32.add (local.get $sum)
        (call $count (call $grow (local.get $depth) (i32.const 1)) (i32.const 1))))
      (br_if $again (local.tee $trees (i32.sub (local.get $trees) (i32.const 1)))))
    (local.get $sum))

  ;; Exchanges the subtrees of every node, by way of new nodes.
  (func $mirror (param $node (ref null $node)) (result (ref null $node))
    (if (ref.is_null (local.get $node)) (then (return (ref.null $node))))
    (struct.new $node (call $mirror (struct.get $node $right (local.get $node)))
      (call $mirror (struct.get $node $left (local.get $node)))
      (struct.get $node $number (local.get $node))))
  (func (export "mirror") (global.set $kept (call $mirror (global.get $kept))))
  (func (export "leftmost") (result i32) (local $node (ref null $node))
    (local.set $node (global.get $kept))
    (loop $down
      (if (ref.is_null (struct.get $node $left (local.get $node)))
        (then (return (struct.get $node $number (local.get $node)))))
      (local.set $node (struct.get $node $left (local.get $node)))
      (br $down))
    unreachable)
)

(assert_return (invoke "keep" (i32.const 10)))
(assert_return (invoke "kept") (i32.const 2047))
(assert_return (invoke "churn" (i32.const 20) (i32.const 7)) (i32.const 10200))
(assert_return (invoke "churn" (i32.const 100) (i32.const 0)) (i32.const 200))
(assert_return (invoke "churn" (i32.const 1) (i32.const 8)) (i32.const 1022))
(assert_return (invoke "kept") (i32.const 2047))
(assert_return (invoke "leftmost") (i32.const 1024))
(assert_return (invoke "mirror"))
(assert_return (invoke "leftmost") (i32.const 2047))
(assert_trap (invoke "kept") "unreachable")
(assert_return (invoke "mirror"))
(assert_return (invoke "kept") (i32.const 2047))
(assert_return (invoke "make" (i32.const 3) (i32.const 1)) (ref.struct))
