"""What is measured: each function gives a part of the results, plain data for JSON."""
import json
import shutil
import subprocess

from . import engines
from .measure import geometric_mean, median

# Programs that use these are reported apart from the others: not every engine has them.
LATER_FEATURES = ("tail-call", "simd", "relaxed-simd", "gc", "exceptions", "function-references",
                  "memory64", "multi-memory")

A_LOT_OF_FUEL = "1000000000000000000"


def features(waxwing, module):
    done = subprocess.run([waxwing.run[0], "inspect", "--json", module], capture_output=True,
                          check=True)
    needed = (feature["name"] for feature in json.loads(done.stdout)["features"])
    return [name for name in needed if name in LATER_FEATURES]


def fault(run, wanted):
    """What is wrong with a run, which should print what another one did; or None."""
    if run.status != 0:
        return run.complaint
    return None if run.output == wanted.output else "another output"


def load_fault(run, command):
    """What is wrong with a run that only loads. One that asks for a function that is not there
    has to get as far as to say so."""
    if engines.NO_FUNCTION in command:
        return None if engines.NO_FUNCTION.encode() in run.output + run.errors else run.complaint
    return None if run.status == 0 else run.complaint


def failure(found, module):
    """What stands in the results for a command that failed, without the folder of the module;
    none if it did not."""
    if not isinstance(found, str):
        return None
    return {"error": found.replace(str(module), module.name)[:100]}


def programs(runner, waxwing, peers, modules, rounds, args):
    """The user time of every program on every engine."""
    results = {}
    for module in modules:
        wanted = runner.run(waxwing.command(module, *args))
        if wanted is None or wanted.status != 0:
            raise RuntimeError(f"{module.stem}: Waxwing fails: "
                               f"{wanted.complaint if wanted else 'takes too long'}")
        commands = {engine.name: engine.command(module, *args) for engine in [waxwing, *peers]}
        runs = runner.alternate(commands, rounds, lambda run, _: fault(run, wanted), module.stem)
        results[module.stem] = {
            "features": features(waxwing, module),
            "engines": {name: failure(found, module) or
                        {"user": [run.user for run in found], "median": median(found, "user")}
                        for name, found in runs.items()}}
    return results


def ratios(results, peer, later=False, base="waxwing"):
    """By program, how many times as long as Waxwing the peer takes."""
    found = {}
    for program, result in results.items():
        own, other = (result["engines"].get(name, {}).get("median") for name in (base, peer))
        if bool(result["features"]) == later and own and other:
            found[program] = other / own
    return found


def summary(results, peer, base="waxwing"):
    """The geometric mean over the programs that both run, and the extremes."""
    plain = ratios(results, peer, base=base)
    if not plain:
        return None
    worst, best = min(plain, key=plain.get), max(plain, key=plain.get)
    return {"mean": geometric_mean(plain.values()), "programs": len(plain),
            "worst": [worst, plain[worst]], "best": [best, plain[best]],
            "mean_of_later": geometric_mean(ratios(results, peer, True, base).values())}


def vector_ratios(results, base="waxwing"):
    """By program with a sibling NAME_simd: how much faster the sibling is, by engine."""
    found = {}
    for program in results:
        if f"{program}_simd" not in results:
            continue
        scalar, vector = (results[name]["engines"] for name in (program, f"{program}_simd"))
        found[program] = {name: scalar[name]["median"] / vector[name]["median"]
                          for name in scalar if scalar[name].get("median") and
                          vector.get(name, {}).get("median")}
    return found


def hello(runner, waxwing, peers, module, rounds, args=(), title="hello"):
    """Start-up and memory: a program that does little."""
    wanted = runner.run(waxwing.command(module, *args))
    commands = {engine.name: engine.command(module, *args) for engine in [waxwing, *peers]}
    runs = runner.alternate(commands, rounds, lambda run, _: fault(run, wanted), title)
    return {name: failure(found, module) or
            {what: median(found, what) for what in ("wall", "user", "system", "peak_kib")}
            for name, found in runs.items()}


def load(runner, waxwing, peers, modules, rounds):
    """How long it takes to get a module ready: the processor's time of the whole process."""
    able = [engine for engine in [waxwing, *peers] if engine.load]
    results = {}
    for module in modules:
        commands = {engine.name: engine.load_command(module) for engine in able}
        runs = runner.alternate(commands, rounds, load_fault, f"load {module.name}")
        size = module.stat().st_size
        results[module.name] = {"bytes": size, "engines": {}}
        for name, found in runs.items():
            if failed := failure(found, module):
                results[module.name]["engines"][name] = failed
                continue
            seconds = median(found, "user") + median(found, "system")
            results[module.name]["engines"][name] = {
                "seconds": seconds, "mb_per_second": size / 1e6 / seconds,
                "peak_kib": median(found, "peak_kib"),
                "means": engines.LOAD_MEANS.get(engines.known_kind(name), "")}
    return results


def fuel(runner, waxwing, modules, rounds, args):
    """What it costs to count fuel: user time with, divided by without."""
    metered = engines.Engine("metered", [waxwing.run[0], "run", "--fuel", A_LOT_OF_FUEL, "{}"])
    results = programs(runner, waxwing, [metered], modules, rounds, args)
    every = {**ratios(results, "metered"), **ratios(results, "metered", later=True)}
    return {"mean": geometric_mean(every.values()), "programs": every}


def stripped_size(program, folder):
    """In bytes, of the command without symbols; none without `strip`."""
    if not shutil.which("strip"):
        return None
    copy = folder / "stripped"
    subprocess.run(["strip", "-o", copy, program], check=True)
    return copy.stat().st_size


def micro(executable, modules, progress):
    """The micro suite's own results; `modules` are those that it loads. `each` is in seconds."""
    progress.show("micro suite")
    done = subprocess.run([executable, "--benchmark_format=json", "--benchmark_min_time=0.2",
                           *modules], capture_output=True, check=True)
    return {entry["name"]: {key: entry[key] for key in ("real_time", "cpu_time", "time_unit",
                                                        "each", "bytes_per_second",
                                                        "items_per_second")
                            if key in entry}
            for entry in json.loads(done.stdout)["benchmarks"]}


def thread_scaling(results):
    """The throughput of two threads as a multiple of that of one; none if it is not known."""
    one, two = (results.get(f"threads/real_time/threads:{count}") for count in (1, 2))
    return two["items_per_second"] / one["items_per_second"] if one and two else None
