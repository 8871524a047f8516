"""The engines that can be compared, and their command lines."""
import dataclasses
import pathlib
import shlex
import shutil
import subprocess

NODE_WASI = pathlib.Path(__file__).parents[2] / "scripts/node-wasi.mjs"

# How a peer is started: {} is the module, and what follows it are the guest's arguments. The
# default stacks of some are too small for the programs.
RUN = {
    "iwasm": "iwasm --stack-size=1048576 {}",
    "node": f"node --no-warnings {shlex.quote(str(NODE_WASI))} '' '' {{}}",
    "toywasm": "toywasm --wasi {}",
    "wasm3": "wasm3 --stack-size 1000000 {}",
    "wasmi": "wasmi {}",
    "wasmtime": "wasmtime run {}",
    "wasmtime-pulley": "wasmtime run --target pulley64 {}",
    "waxwing": "waxwing {}",
    "wazero": "wazero run {}",
    "wazero-interpreter": "wazero run -interpreter {}",
}

# Reading a module and making it ready, without running any of it. Where there is no command
# for that, a function that does not exist is asked for.
NO_FUNCTION = "no-such-function"
LOAD = {
    "iwasm": f"iwasm -f {NO_FUNCTION} {{}}",
    "toywasm": "toywasm --wasi --load {}",
    "wasm3": f"wasm3 --compile --func {NO_FUNCTION} {{}}",
    "wasmi": f"wasmi --invoke {NO_FUNCTION} {{}}",
    "wasmtime": "wasmtime compile -o /dev/null {}",
    "waxwing": "waxwing validate {}",
    "wazero": "wazero compile {}",
}

# What `load` includes for whom.
LOAD_MEANS = {
    "iwasm": "decoded, validated, translated",
    "toywasm": "decoded, validated (runs the bytes as they are)",
    "wasm3": "decoded, translated (not validated)",
    "wasmi": "decoded, validated, translated when called",
    "wasmtime": "decoded, validated, compiled to machine code",
    "waxwing": "decoded, validated, translated when called",
    "wazero": "decoded, validated, compiled to machine code",
}

# These make machine code, at least by default.
COMPILERS = {"node", "wasmtime", "wazero"}


@dataclasses.dataclass
class Engine:
    name: str
    run: list[str]  # with one "{}"
    load: list[str] | None = None
    version: str = ""
    compiler: bool = False

    def command(self, module, *args):
        return [str(module) if part == "{}" else part for part in self.run] + list(args)

    def load_command(self, module):
        return [str(module) if part == "{}" else part for part in self.load]


def known_kind(name):
    """The entry of RUN that a name like "wasmi-2" belongs to, or none."""
    while name not in RUN and "-" in name:
        name = name.rpartition("-")[0]
    return name if name in RUN else None


def version_of(program):
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = (done.stdout or done.stderr).strip().splitlines()
    return lines[0] if done.returncode == 0 and lines else ""


def make(name, command=None):
    """The engine of that name. `command` may be a program alone, which then takes the place
    of the usual one, or a whole command line, to which {} is added if it has none."""
    kind = known_kind(name)
    words = shlex.split(command) if command else []
    load = None
    if len(words) == 1 and kind:
        run = words + shlex.split(RUN[kind])[1:]
        load = words + shlex.split(LOAD[kind])[1:] if kind in LOAD else None
    elif words:
        run = words if "{}" in words else words + ["{}"]
    elif kind:
        run = shlex.split(RUN[kind])
        load = shlex.split(LOAD[kind]) if kind in LOAD else None
    else:
        raise ValueError(f"no command for {name}: --peer {name}=COMMAND")
    if kind and name != kind and kind in COMPILERS:
        load = None  # an interpreting variant has no way to only load
    return Engine(name, run, load, version_of(run[0]), name in COMPILERS)


def found():
    """The names of the peers that are on the path."""
    return [name for name, command in RUN.items()
            if name != "waxwing" and shutil.which(command.split()[0])]
