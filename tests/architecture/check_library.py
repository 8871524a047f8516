#!/usr/bin/env python3
"""Checks a built shared library: what it needs, what it exports, and that it runs nothing when
it is loaded. What an object before `main` may use is there from the start.

usage: check_library.py LIBRARY
"""
import re
import subprocess
import sys

MAY_NEED = {"libstdc++.so.6", "libm.so.6", "libgcc_s.so.1", "libc.so.6", "ld-linux-x86-64.so.2",
            "ld-linux-aarch64.so.1"}
MUST_EXPORT = ["waxwing::Module::load(", "waxwing::Runtime::compile_file(", "waxwing::Func::call(",
               "waxwing::Error::message()", "waxwing::add_wasi(", "waxwing::parse_wat("]
# What compilers call the code that initializes static storage, and what destroys it.
INITIALIZERS = re.compile(r"\b(_GLOBAL__(?:sub_)?[ID]_?\S*|__cxx_global_\w+|__cxa_atexit)\b")
PRIVATE = re.compile(r"^waxwing::(core|decoder|validator|interp|text|wasi|api)::")


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main():
    library = sys.argv[1]
    needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", output("readelf", "-dW", library)))
    found = [f"needs {name}" for name in sorted(needed - MAY_NEED)]
    exported = [line.split(maxsplit=2)[2] for line in
                output("nm", "-DC", "--defined-only", library).splitlines()]
    found += [f"does not export {name}" for name in MUST_EXPORT
              if not any(symbol.startswith(name) for symbol in exported)]
    found += [f"has code to run when it is loaded or unloaded: {symbol}"
              for symbol in INITIALIZERS.findall(output("nm", library))]
    # The C runtime has one of its own.
    size = re.search(r"\(INIT_ARRAYSZ\)\s+(\d+)", output("readelf", "-dW", library))
    if size and int(size[1]) > 8:
        found.append(f"has initializers: INIT_ARRAYSZ {size[1]}")
    found += [f"exports {symbol}" for symbol in exported if PRIVATE.match(symbol)]
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
