"""Reads a table from a folder it was given, writes files next to it, and tells of both."""
import collections
import csv
import dataclasses
import datetime
import decimal
import hashlib
import io
import json
import os
import re
import sys
import textwrap
import zlib


@dataclasses.dataclass(order=True)
class Sighting:
    count: int
    species: str
    region: str
    day: datetime.date


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield Sighting(int(row["count"]), row["species"], row["region"],
                           datetime.date.fromisoformat(row["first seen"]))


def big_numbers():
    # Both sides of Fermat's little theorem, with numbers of some hundred digits.
    prime = 2**521 - 1
    base = 3**200 + int(os.environ["SALT"])
    assert pow(base, prime, prime) == base % prime
    digits = str(prime**20 // base)
    return f"{len(digits)} digits, {digits[:12]}...{digits[-12:]}"


def files(folder):
    work = os.path.join(folder, "work")
    os.makedirs(os.path.join(work, "deep", "er"))
    for number in range(40):
        with open(os.path.join(work, f"{number:02}.txt"), "w", encoding="utf-8") as file:
            file.write("line\n" * number)
    os.rename(os.path.join(work, "39.txt"), os.path.join(work, "deep", "renamed.txt"))
    os.unlink(os.path.join(work, "38.txt"))
    with open(os.path.join(work, "00.txt"), "r+b") as file:
        file.seek(10)
        file.write(b"end")
        file.truncate(12)
    sizes = {}
    for path, folders, names in os.walk(work):
        folders.sort()
        for name in sorted(names):
            full = os.path.join(path, name)
            sizes[os.path.relpath(full, work)] = os.stat(full).st_size
    try:
        open(os.path.join(folder, "absent"), encoding="utf-8")
    except FileNotFoundError as error:
        sizes["absent"] = error.errno
    try:
        os.open("/outside", os.O_RDONLY)
    except OSError as error:
        sizes["outside"] = type(error).__name__
    return sizes


def main():
    folder = sys.argv[1]
    sightings = sorted(read(os.path.join(folder, "inventory.csv")))
    totals = collections.Counter()
    for sighting in sightings:
        totals[sighting.species] += sighting.count
    words = collections.Counter(re.findall(r"[a-zé]+", sys.stdin.read().lower()))
    data = json.dumps([dataclasses.asdict(s) for s in sightings], default=str, indent=1)
    assert json.loads(data)[0]["count"] == 9
    packed = zlib.compress(data.encode() * 50, 9)
    assert zlib.decompress(packed) == data.encode() * 50
    with open(os.path.join(folder, "summary.json"), "w", encoding="utf-8") as file:
        file.write(data)

    decimal.getcontext().prec = 60
    out = io.StringIO()
    print("totals", totals.most_common(), file=out)
    print("words", sorted(words.items()), file=out)
    print("big", big_numbers(), file=out)
    print("root of 2", decimal.Decimal(2).sqrt(), file=out)
    print("pi by floats", sum((-1) ** k * 4 / (2 * k + 1) for k in range(50000)), file=out)
    print("sha256", hashlib.sha256(data.encode()).hexdigest(), file=out)
    print("packed", len(packed), file=out)
    print("files", json.dumps(files(folder)), file=out)
    print(textwrap.indent(data.splitlines()[1], "> "), file=out)
    print(out.getvalue(), end="")
    print("done", file=sys.stderr)
    sys.exit(7)


main()
