#!/usr/bin/env python3
"""Checks that README.md shows the example program as it is, and that the program works.

usage: check_readme.py README EXAMPLE_SOURCE WAXWING EXAMPLE_PROGRAM
"""
import pathlib
import re
import subprocess
import sys
import tempfile
import textwrap

MODULE = """(module (func (export "add") (param i32 i32) (result i32)
  local.get 0 local.get 1 i32.add))"""
MOST_LINES = 8


def main():
    readme, source, waxwing, program = sys.argv[1:]
    shown = re.search(r"```cpp\n(.*?)```", pathlib.Path(readme).read_text(), re.S)
    code = re.search(r"// README begin\n(.*?)\n *// README end", pathlib.Path(source).read_text(),
                     re.S)
    wanted = textwrap.dedent(code[1])
    if not shown or wanted not in shown[1]:
        print(f"README.md does not show this as its first C++ example:\n{wanted}")
        return 1
    if len(wanted.splitlines()) > MOST_LINES:
        print(f"the example has more than {MOST_LINES} lines")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        wat = pathlib.Path(folder, "add.wat")
        wat.write_text(MODULE)
        wasm = pathlib.Path(folder, "add.wasm")
        subprocess.run([waxwing, "parse", wat, "-o", wasm], check=True)
        result = subprocess.run([program, wasm], capture_output=True, text=True)
    if (result.returncode, result.stdout) != (0, "42\n"):
        print(f"the example gave {result}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
