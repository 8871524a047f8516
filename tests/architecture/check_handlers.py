#!/usr/bin/env python3
"""Checks that the handlers of instructions allocate nothing: no exception could pass through them.

usage: check_handlers.py OBJECT-OR-ARCHIVE...
"""
import re
import subprocess
import sys

# Functions of the C and the C++ library that allocate, or say that they could not.
ALLOCATES = re.compile(r"^(operator new|std::__throw|malloc|calloc|realloc|aligned_alloc|__cxa_throw"
                       r"|__cxa_allocate_exception|std::__cxx11::basic_string|std::filesystem)")


def main():
    symbols = subprocess.run(["nm", "-uC", *sys.argv[1:]], check=True, capture_output=True,
                             text=True).stdout
    found = []
    where = ""
    handlers = 0
    for line in symbols.splitlines():
        if line.endswith(":"):
            where = line[:-1]
            handlers += 1
            continue
        name = line.split(maxsplit=1)[1] if line.strip() else ""
        if ALLOCATES.match(name):
            found.append(f"{where} calls {name}")
    if handlers < 10:
        found.append(f"only {handlers} objects: these are not the handlers")
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
