#!/usr/bin/env python3
"""Checks that modules are the same, byte for byte, after printing and parsing.

usage: check_round_trip.py WAXWING [--lenient] FILE...

--lenient: for modules whose integers are padded. They may differ from what is parsed, but that
must have the same text, and be the same when printed and parsed once more.
"""
import pathlib
import subprocess
import sys
import tempfile


def run(program, *args):
    subprocess.run([program, *map(str, args)], check=True)


def check(program, file, lenient, folder):
    text, binary = folder / "printed.wat", folder / "parsed.wasm"
    for options in [], ["--fold"]:
        run(program, "print", *options, file, "-o", text)
        run(program, "parse", text, "-o", binary)
        if binary.read_bytes() == file.read_bytes():
            continue
        if not lenient:
            return f"{file.name} {' '.join(options)}: differs"
        run(program, "validate", binary)
        again, last = folder / "again.wat", folder / "last.wasm"
        run(program, "print", *options, binary, "-o", again)
        if again.read_bytes() != text.read_bytes():
            return f"{file.name} {' '.join(options)}: another text"
        run(program, "parse", again, "-o", last)
        if last.read_bytes() != binary.read_bytes():
            return f"{file.name} {' '.join(options)}: differs each time"
    return None


def main():
    program, *files = sys.argv[1:]
    lenient = "--lenient" in files
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in files:
            if name == "--lenient":
                continue
            complaint = check(program, pathlib.Path(name), lenient, pathlib.Path(folder))
            if complaint:
                print(complaint)
                failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
