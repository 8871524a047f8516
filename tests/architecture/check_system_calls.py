#!/usr/bin/env python3
"""Checks that src/wasi calls the system only through its door (src/wasi/system.hpp), where a test can
make every call fail.

usage: check_system_calls.py SOURCE_ROOT
"""
import pathlib
import re
import sys

DOOR = {"system.cpp", "system.def", "raw_calls.hpp"}
# Of the C library, but no calls of the system, or such as cannot fail.
HARMLESS = {"inet_pton", "pthread_sigmask", "sigaddset", "sigemptyset", "sigismember", "sigpending"}
CALL = re.compile(r"(?<![\w>:])::([a-z]\w*)\(")


def main():
    found = []
    for file in sorted((pathlib.Path(sys.argv[1]) / "src/wasi").glob("*.?pp")):
        if file.name in DOOR:
            continue
        for number, line in enumerate(file.read_text().splitlines(), 1):
            for match in CALL.finditer(line):
                if match[1] not in HARMLESS:
                    found.append(f"src/wasi/{file.name}:{number}: {match[1]}: not by sys::")
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
