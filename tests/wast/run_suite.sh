#!/bin/sh
# run_suite.sh WAXWING SKIP-LIST [OPTIONS]: runs the official test scripts, if they are there.
if [ ! -d "${WASM_TESTSUITE:-}" ]; then
    echo "skipped: WASM_TESTSUITE does not name a checkout of WebAssembly/testsuite"
    exit 77
fi
waxwing=$1 skip_list=$2
shift 2
exec "$waxwing" wast --skip-list "$skip_list" "$@" "$WASM_TESTSUITE"
