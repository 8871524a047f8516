;; What random modules import as "fuzzing-support", as far as it is not the host's: so that
;; both engines run the same. Everything is bounded, and wrong types are ignored.
(module
  (type $plain (func))

  (import "host" "log-halves" (func $log_halves (param i64 i64)))

  (tag $wasmtag (export "wasmtag") (param i32))
  (tag $jstag (export "jstag") (param externref))

  ;; The host puts the functions here that the module under test exports.
  (table $exports (export "exports") 64 funcref)
  (table $own 8 funcref)

  (func $pick (param $table_size i32) (param $index i32) (result i32)
    (i32.rem_u (local.get $index) (local.get $table_size)))

  (func $call_plain (param $callee funcref)
    (if (ref.test (ref $plain) (local.get $callee))
      (then (call_ref $plain (ref.cast (ref $plain) (local.get $callee))))))

  (func $call_catching (param $callee funcref) (result i32)
    (block $caught
      (try_table (catch_all $caught)
        (call $call_plain (local.get $callee)))
      (return (i32.const 0)))
    (i32.const 1))

  (func $export_at (param $index i32) (result funcref)
    (table.get $exports (call $pick (table.size $exports) (local.get $index))))

  (func (export "call-export") (param $index i32) (param $flags i32)
    (if (i32.and (local.get $flags) (i32.const 1))
      (then (call $call_plain (call $export_at (local.get $index))))
      (else (drop (call $call_catching (call $export_at (local.get $index)))))))
  (func (export "call-export-catch") (param $index i32) (result i32)
    (call $call_catching (call $export_at (local.get $index))))
  (func (export "call-ref") (param $callee funcref) (param $flags i32)
    (if (i32.and (local.get $flags) (i32.const 1))
      (then (call $call_plain (local.get $callee)))
      (else (drop (call $call_catching (local.get $callee))))))
  (func (export "call-ref-catch") (param $callee funcref) (result i32)
    (call $call_catching (local.get $callee)))

  (func (export "table-get") (param $index i32) (result funcref)
    (table.get $own (call $pick (table.size $own) (local.get $index))))
  (func (export "table-set") (param $index i32) (param $value funcref)
    (table.set $own (call $pick (table.size $own) (local.get $index)) (local.get $value)))

  (func (export "throw") (param $value i32)
    (if (i32.eqz (local.get $value))
      (then (throw $jstag (ref.null extern))))
    (throw $wasmtag (local.get $value)))
  (func (export "sleep") (param $milliseconds i32) (param $id i32) (result i32)
    (local.get $id))

  (func (export "log-v128") (param $value v128)
    (call $log_halves
      (i64x2.extract_lane 0 (local.get $value))
      (i64x2.extract_lane 1 (local.get $value)))))
