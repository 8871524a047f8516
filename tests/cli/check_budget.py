#!/usr/bin/env python3
"""Checks that the command stays small: its stripped size, and the memory of a small guest.

usage: check_budget.py WAXWING
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

# Of these, 0.36 MB are what it takes to catch exceptions of the C++ library.
MOST_BYTES = 3_450_000
MOST_KIB = 2930

# Says hello, and does not end.
GUEST = r"""(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "hello world\n")
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 8))
    (i32.store (i32.const 4) (i32.const 12))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 20)))
    (loop br 0)))"""


def stripped_size(program, folder):
    copy = pathlib.Path(folder, "stripped")
    subprocess.run(["strip", "-o", copy, program], check=True)
    return copy.stat().st_size


def peak_memory(program, folder):
    text = pathlib.Path(folder, "hello.wat")
    text.write_text(GUEST)
    binary = pathlib.Path(folder, "hello.wasm")
    subprocess.run([program, "parse", text, "-o", binary], check=True)
    # The test runner has malloc fill what it hands out, which would be counted.
    env = {name: value for name, value in os.environ.items() if name != "MALLOC_PERTURB_"}
    with subprocess.Popen([program, "--timeout", "20s", binary], stdout=subprocess.PIPE,
                          env=env) as guest:
        greeting = guest.stdout.readline()
        status = pathlib.Path(f"/proc/{guest.pid}/status").read_text()
        guest.kill()
    assert greeting == b"hello world\n", greeting
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])


def main():
    program = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        size = stripped_size(program, folder)
        memory = peak_memory(program, folder)
    print(f"stripped: {size} bytes (at most {MOST_BYTES}), "
          f"hello world: {memory} KiB (at most {MOST_KIB})")
    return 0 if size <= MOST_BYTES and memory <= MOST_KIB else 1


if __name__ == "__main__":
    sys.exit(main())
