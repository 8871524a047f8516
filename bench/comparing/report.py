"""The results as tables, for the terminal and for the document."""
import re

from . import measure, suite


class Table:
    """A title, a row of column names, and rows of cells; the first column is text."""

    def __init__(self, title, columns):
        self.title = title
        self.columns = columns
        self.rows = []

    def add(self, *cells):
        self.rows.append([str(cell) for cell in cells])

    def plain(self):
        rows = [self.columns, *self.rows]
        widths = [max(len(row[i]) for row in rows) for i in range(len(self.columns))]
        lines = ["  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                           for i, (cell, width) in enumerate(zip(row, widths))).rstrip()
                 for row in rows]
        lines.insert(1, "-" * len(lines[0]))
        return "\n".join([self.title, "", *lines, ""])

    def markdown(self):
        def line(cells):
            return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

        return "\n".join([line(self.columns),
                          line(["---"] + ["---:"] * (len(self.columns) - 1)),
                          *map(line, self.rows)])


def seconds(value):
    return f"{value:.2f} s" if value >= 0.1 else f"{1000 * value:.1f} ms"


def times(value):
    return "" if value is None else f"{value:.2f}"


def of_program(program):
    name, value = program
    return f"{value:.2f} ({name})"


def summary_table(results, peers):
    table = Table("Time compared with Waxwing's (more than 1: Waxwing is faster)",
                  ["engine", "geometric mean", "programs", "least", "most", "later features"])
    for peer in peers:
        found = suite.summary(results, peer)
        if found:
            table.add(peer, times(found["mean"]), found["programs"], of_program(found["worst"]),
                      of_program(found["best"]), times(found["mean_of_later"]))
        else:
            table.add(peer, "runs none", 0, "", "", "")
    return table


def programs_table(results, peers):
    table = Table("By program: Waxwing's time, and that of others as multiples of it",
                  ["program", "waxwing", *peers])
    for later in (False, True):
        for program, result in results.items():
            if bool(result["features"]) != later:
                continue
            own = result["engines"]["waxwing"].get("median")
            cells = []
            for peer in peers:
                other = result["engines"][peer]
                cells.append(times(other["median"] / own) if own and "median" in other
                             else "cannot run" if "error" in other else "")
            needs = f" ({', '.join(result['features'])})" if later else ""
            table.add(program + needs, seconds(own) if own else "", *cells)
    return table


def failures(results):
    """A line for every program that an engine could not run."""
    return [f"{program} on {name}: {engine['error']}"
            for program, result in results.items()
            for name, engine in result["engines"].items() if "error" in engine]


def hello_table(title, results):
    table = Table(title, ["engine", "start to end", "processor", "peak memory"])
    for name, found in results.items():
        if "error" in found:
            table.add(name, "cannot run", "", "")
        else:
            table.add(name, f"{1000 * found['wall']:.1f} ms",
                      f"{1000 * (found['user'] + found['system']):.1f} ms",
                      f"{found['peak_kib'] / 1024:.1f} MiB")
    return table


def load_table(results):
    names = list(dict.fromkeys(name for found in results.values() for name in found["engines"]))
    table = Table("Making a module ready, in MB/s of processor time",
                  ["module", "size", *names])
    for module, found in results.items():
        cells = [found["engines"].get(name, {}) for name in names]
        table.add(module, f"{found['bytes'] / 1e6:.2f} MB",
                  *(f"{cell['mb_per_second']:.1f}" if "mb_per_second" in cell else "cannot"
                    for cell in cells))
    means = Table("What that is", ["engine", "made ready means"])
    for name in names:
        text = next((found["engines"][name]["means"] for found in results.values()
                     if found["engines"].get(name, {}).get("means")), "")
        if text:
            means.add(name, text)
    return [table, means]


def vector_table(results):
    found = suite.vector_ratios(results)
    names = list(dict.fromkeys(name for row in found.values() for name in row))
    table = Table("How much faster vectors are than scalars", ["program", *names])
    for program, row in found.items():
        table.add(program, *(times(row.get(name)) for name in names))
    return table if found else None


NANOSECONDS = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}


def duration(nanoseconds):
    if nanoseconds < 1e4:
        return f"{nanoseconds:.1f} ns"
    return f"{nanoseconds / 1e3:.1f} µs" if nanoseconds < 1e7 else f"{nanoseconds / 1e6:.1f} ms"


def rate(entry):
    if (value := entry.get("bytes_per_second")) is not None:
        return f"{value / 1e6:.1f} MB/s" if value < 1e10 else f"{value / 1e9:.1f} GB/s"
    return f"{entry['items_per_second'] / 1e6:.0f} M/s" if "items_per_second" in entry else ""


def micro_table(results):
    table = Table("Micro suite", ["what", "time", "rate"])
    for name, entry in results.items():
        clock = "real_time" if "/real_time" in name else "cpu_time"
        once = entry["each"] * 1e9 if "each" in entry \
            else entry[clock] * NANOSECONDS[entry["time_unit"]]
        table.add(name, duration(once), rate(entry))
    return table


def facts_table(results):
    table = Table("More about Waxwing", ["what", "value"])
    if "fuel" in results:
        table.add("time with fuel, as a multiple of that without (geometric mean)",
                  times(results["fuel"]["mean"]))
    if scaling := suite.thread_scaling(results.get("micro", {})):
        table.add("throughput of two threads, as a multiple of that of one", times(scaling))
    if results.get("stripped_bytes"):
        table.add("the command without symbols", f"{results['stripped_bytes'] / 1e6:.2f} MB")
    return table if table.rows else None


def tables(results):
    """By name: every table that the results have the data for."""
    peers = [engine["name"] for engine in results["engines"] if engine["name"] != "waxwing"]
    made = {}
    if "programs" in results:
        if peers:
            made["summary"] = [summary_table(results["programs"], peers)]
        made["programs"] = [programs_table(results["programs"], peers)]
        made["vectors"] = [vector_table(results["programs"])]
    if "start" in results:
        made["start"] = [hello_table("Hello world", results["start"])]
    if "esbuild" in results:
        made["esbuild"] = [hello_table("esbuild --version", results["esbuild"])]
    if "load" in results:
        made["load"] = load_table(results["load"])
    if "micro" in results:
        made["micro"] = [micro_table(results["micro"])]
    made["facts"] = [facts_table(results)]
    return {name: [table for table in some if table] for name, some in made.items() if any(some)}


def machine_text(results):
    machine = results["machine"]
    lines = [f"Measured on {machine['date']}: {machine['processor']}, {machine['cores']} cores, "
             f"{machine['system']}. Each number is the median of {results['runs']} runs; what "
             f"takes more than {measure.LONG} s was run once.", ""]
    for engine in results["engines"]:
        version = f": {engine['version']}" if engine["version"] else ""
        lines.append(f"- {engine['name']}{version}; `{engine['command']}`")
    return "\n".join(lines)


def fill(document, results):
    """The document with what stands between <!-- NAME --> and <!-- end --> replaced by the
    table of that name. What was not measured stays."""
    parts = {name: "\n\n".join(table.markdown() for table in some)
             for name, some in tables(results).items()}
    parts["machine"] = machine_text(results)
    if "programs" in results and (lines := failures(results["programs"])):
        parts["failures"] = "\n".join(f"- {line}" for line in lines)

    def replace(found):
        new = parts.get(found[1])
        return found[0] if new is None else f"<!-- {found[1]} -->\n{new}\n<!-- end -->"

    return re.sub(r"<!-- (\w+) -->\n.*?<!-- end -->", replace, document, flags=re.S)
