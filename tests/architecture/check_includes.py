#!/usr/bin/env python3
"""Checks the #include lines of src/ and include/ against the architecture: arrows point one way.

usage: check_includes.py SOURCE_ROOT
"""
import pathlib
import re
import sys

# Folder of src/ -> the folders it may include besides itself; "waxwing" is include/waxwing/.
ALLOWED = {
    "core": {"waxwing"},
    "decoder": {"waxwing", "core"},
    "validator": {"waxwing", "core"},
    "interp": {"waxwing", "core"},
    "text": {"waxwing", "core"},
    "print": {"waxwing", "core", "decoder"},
    "wasi": {"waxwing"},
    "api": {"waxwing", "core", "decoder", "validator", "interp", "text", "print", "wasi"},
    "cli": {"waxwing", "text", "print"},
}
# Foreign libraries belong to the command.
FOREIGN = re.compile(r"^(fmt|CLI|toml\+\+|toml)/")
# Vocabulary of the core without a meaning of its own, open to everybody.
COMMON = {"core/guard.hpp", "core/printable.hpp", "core/int.hpp", "core/try.hpp"}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def includes(file):
    for number, line in enumerate(file.read_text().splitlines(), 1):
        if match := INCLUDE.match(line):
            yield number, match[1], match[2]


def mistakes(root):
    for folder, allowed in ALLOWED.items():
        for file in sorted((root / "src" / folder).rglob("*.?pp")):
            for number, quote, name in includes(file):
                where = f"{file.relative_to(root)}:{number}: {name}"
                top = name.split("/")[0]
                if FOREIGN.match(name) and folder != "cli":
                    yield f"{where}: only src/cli may use another library"
                if quote == "<" or name in COMMON:
                    continue
                if top in ALLOWED or top == "waxwing":
                    if top != folder and top not in allowed:
                        yield f"{where}: src/{folder} may not include src/{top}"
                elif "/" in name or not name.endswith(".def"):
                    yield f"{where}: not named from the root of src/ or include/"
    for file in sorted((root / "include").rglob("*.hpp")):
        for number, quote, name in includes(file):
            if quote == '"' and not name.startswith("waxwing/"):
                yield f"{file.relative_to(root)}:{number}: {name}: private to src/"
            if quote == "<" and "/" in name:
                yield f"{file.relative_to(root)}:{number}: {name}: not the standard library"


def main():
    found = list(mistakes(pathlib.Path(sys.argv[1])))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
