;; Structures with cycles: rings, from which every so-and-so many is taken out, and a graph
;; whose edges are arrays of nodes.

(module
  (type $node (struct (field $value i32) (field $next (mut (ref null $node)))
                      (field $prev (mut (ref null $node)))))

  (func $alone (param $value i32) (result (ref $node)) (local $node (ref $node))
    (local.set $node (struct.new $node (local.get $value) (ref.null $node) (ref.null $node)))
    (struct.set $node $next (local.get $node) (local.get $node))
    (struct.set $node $prev (local.get $node) (local.get $node))
    (local.get $node))

  ;; Puts a new node in front of another one.
  (func $insert (param $at (ref $node)) (param $value i32) (local $node (ref $node))
    (local $before (ref $node))
    (local.set $before (ref.as_non_null (struct.get $node $prev (local.get $at))))
    (local.set $node (struct.new $node (local.get $value) (local.get $at) (local.get $before)))
    (struct.set $node $next (local.get $before) (local.get $node))
    (struct.set $node $prev (local.get $at) (local.get $node)))

  ;; The node that comes after the one taken out.
  (func $remove (param $node (ref $node)) (result (ref $node))
    (local $next (ref $node)) (local $prev (ref $node))
    (local.set $next (ref.as_non_null (struct.get $node $next (local.get $node))))
    (local.set $prev (ref.as_non_null (struct.get $node $prev (local.get $node))))
    (struct.set $node $next (local.get $prev) (local.get $next))
    (struct.set $node $prev (local.get $next) (local.get $prev))
    (local.get $next))

  ;; 1, 2, ..., size
  (func $ring (param $size i32) (result (ref $node)) (local $first (ref $node)) (local $i i32)
    (local.set $first (call $alone (i32.const 1)))
    (local.set $i (i32.const 2))
    (block $done
      (loop $again
        (br_if $done (i32.gt_s (local.get $i) (local.get $size)))
        (call $insert (local.get $first) (local.get $i))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $again)))
    (local.get $first))

  ;; Of `size` in a ring every `step`-th leaves: who is the last? For each that leaves
  ;; another ring is made and forgotten.
  (func (export "last") (param $size i32) (param $step i32) (result i32)
    (local $node (ref $node)) (local $i i32)
    (local.set $node (call $ring (local.get $size)))
    (loop $leave
      (local.set $i (i32.const 1))
      (block $there
        (loop $count
          (br_if $there (i32.ge_s (local.get $i) (local.get $step)))
          (local.set $node (ref.as_non_null (struct.get $node $next (local.get $node))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $count)))
      (local.set $node (call $remove (local.get $node)))
      (drop (call $ring (i32.const 5)))
      (br_if $leave (i32.eqz (ref.eq (local.get $node)
        (struct.get $node $next (local.get $node))))))
    (struct.get $node $value (local.get $node)))

  ;; Once around backwards: the values as digits.
  (func (export "backwards") (param $size i32) (result i32)
    (local $first (ref $node)) (local $node (ref $node)) (local $number i32)
    (local.set $first (call $ring (local.get $size)))
    (local.set $node (local.get $first))
    (loop $again
      (local.set $node (ref.as_non_null (struct.get $node $prev (local.get $node))))
      (local.set $number (i32.add (i32.mul (local.get $number) (i32.const 10))
        (struct.get $node $value (local.get $node))))
      (br_if $again (i32.eqz (ref.eq (local.get $node) (local.get $first)))))
    (local.get $number))
)
(assert_return (invoke "backwards" (i32.const 7)) (i32.const 7654321))
(assert_return (invoke "last" (i32.const 41) (i32.const 3)) (i32.const 31))
(assert_return (invoke "last" (i32.const 100) (i32.const 7)) (i32.const 50))
(assert_return (invoke "last" (i32.const 64) (i32.const 2)) (i32.const 1))

;; A grid that wraps around: each cell refers to its four neighbours by an array, and is
;; reached from all of them.
(module
  (rec
    (type $cell (struct (field $distance (mut i32)) (field $edges (mut (ref null $cells)))))
    (type $cells (array (mut (ref null $cell)))))
  (type $queue (struct (field $cell (ref $cell)) (field $rest (mut (ref null $queue)))))

  (func $at (param $grid (ref $cells)) (param $side i32) (param $x i32) (param $y i32)
    (result (ref null $cell))
    (array.get $cells (local.get $grid)
      (i32.add
        (i32.mul (i32.rem_u (i32.add (local.get $y) (local.get $side)) (local.get $side))
                 (local.get $side))
        (i32.rem_u (i32.add (local.get $x) (local.get $side)) (local.get $side)))))

  (func $grid (param $side i32) (result (ref $cells))
    (local $grid (ref $cells)) (local $i i32) (local $x i32) (local $y i32)
    (local.set $i (i32.mul (local.get $side) (local.get $side)))
    (local.set $grid (array.new_default $cells (local.get $i)))
    (loop $cell
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (array.set $cells (local.get $grid) (local.get $i)
        (struct.new $cell (i32.const -1) (ref.null $cells)))
      (br_if $cell (local.get $i)))
    (loop $edges
      (local.set $x (i32.rem_u (local.get $i) (local.get $side)))
      (local.set $y (i32.div_u (local.get $i) (local.get $side)))
      (struct.set $cell $edges (array.get $cells (local.get $grid) (local.get $i))
        (array.new_fixed $cells 4
          (call $at (local.get $grid) (local.get $side)
            (i32.add (local.get $x) (i32.const 1)) (local.get $y))
          (call $at (local.get $grid) (local.get $side)
            (i32.sub (local.get $x) (i32.const 1)) (local.get $y))
          (call $at (local.get $grid) (local.get $side)
            (local.get $x) (i32.add (local.get $y) (i32.const 1)))
          (call $at (local.get $grid) (local.get $side)
            (local.get $x) (i32.sub (local.get $y) (i32.const 1)))))
      (br_if $edges (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
                              (i32.mul (local.get $side) (local.get $side)))))
    (local.get $grid))

  ;; Breadth first from one cell, which is all that is kept of the grid: the sum of the
  ;; distances to all others.
  (func (export "distances") (param $side i32) (result i32)
    (local $head (ref null $queue)) (local $tail (ref null $queue)) (local $cell (ref null $cell))
    (local $neighbour (ref null $cell)) (local $i i32) (local $sum i32)
    (local.set $cell (call $at (call $grid (local.get $side)) (local.get $side)
      (i32.const 1) (i32.const 2)))
    (struct.set $cell $distance (local.get $cell) (i32.const 0))
    (local.set $head (struct.new $queue (ref.as_non_null (local.get $cell)) (ref.null $queue)))
    (local.set $tail (local.get $head))
    (loop $next
      (local.set $cell (struct.get $queue $cell (local.get $head)))
      (local.set $sum (i32.add (local.get $sum)
        (struct.get $cell $distance (local.get $cell))))
      (local.set $i (i32.const 0))
      (loop $edge
        (local.set $neighbour (array.get $cells (struct.get $cell $edges (local.get $cell))
          (local.get $i)))
        (if (i32.lt_s (struct.get $cell $distance (local.get $neighbour)) (i32.const 0))
          (then
            (struct.set $cell $distance (local.get $neighbour)
              (i32.add (struct.get $cell $distance (local.get $cell)) (i32.const 1)))
            (struct.set $queue $rest (local.get $tail)
              (struct.new $queue (ref.as_non_null (local.get $neighbour)) (ref.null $queue)))
            (local.set $tail (struct.get $queue $rest (local.get $tail)))))
        (br_if $edge (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
                               (i32.const 4))))
      (br_if $next (i32.eqz (ref.is_null
        (local.tee $head (struct.get $queue $rest (local.get $head)))))))
    (local.get $sum))
)
(assert_return (invoke "distances" (i32.const 1)) (i32.const 0))
(assert_return (invoke "distances" (i32.const 5)) (i32.const 60))
(assert_return (invoke "distances" (i32.const 12)) (i32.const 864))
