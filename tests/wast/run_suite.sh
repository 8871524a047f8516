#!/bin/sh
# run_suite.sh WAXWING SKIP-LIST: runs the official test scripts, if they are there.
if [ ! -d "${WASM_TESTSUITE:-}" ]; then
    echo "skipped: WASM_TESTSUITE does not name a checkout of WebAssembly/testsuite"
    exit 77
fi
exec "$1" wast --skip-list "$2" "$WASM_TESTSUITE"
