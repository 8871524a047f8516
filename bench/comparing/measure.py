"""Runs commands, alternating between engines, and keeps what each run took."""
import dataclasses
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile

TIME_LIMIT = 300  # seconds for one run
LONG = 4  # seconds; a run that took longer is not repeated


@dataclasses.dataclass
class Run:
    status: int  # the exit status, or 128 + signal
    user: float  # seconds
    system: float
    wall: float
    peak_kib: int
    output: bytes
    errors: bytes

    @property
    def complaint(self):
        """Why it failed, in a line."""
        lines = self.errors.decode(errors="replace").strip().splitlines()
        lines = lines or self.output.decode(errors="replace").strip().splitlines()
        return lines[0] if lines else f"status {self.status}"


class Progress:
    """A line on the terminal that tells what is being done; nothing elsewhere."""

    def __init__(self):
        self.shown = sys.stderr.isatty()

    def show(self, text):
        if self.shown:
            print(f"\r\033[K{text[:110]}", end="", file=sys.stderr, flush=True)

    def end(self):
        self.show("")


class Runner:
    def __init__(self, run_measured, progress):
        self.run_measured = run_measured
        self.progress = progress
        # Engines written in Rust would spend more on the backtrace of an error than on all else.
        self.environment = {**os.environ, "RUST_BACKTRACE": "0"}

    def run(self, command):
        """Runs a command once. None if it takes too long."""
        with tempfile.TemporaryDirectory() as folder:
            report = pathlib.Path(folder, "report")
            with subprocess.Popen([self.run_measured, report, *command], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  start_new_session=True, env=self.environment) as process:
                try:
                    output, errors = process.communicate(timeout=TIME_LIMIT)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    return None
            if process.returncode != 0:
                raise RuntimeError(errors.decode(errors="replace"))
            status, user, system, wall, peak = report.read_text().split()
        status = os.waitstatus_to_exitcode(int(status))
        return Run(status if status >= 0 else 128 - status, float(user), float(system),
                   float(wall), int(peak), output, errors)

    def alternate(self, commands, rounds, accept, title):
        """Runs every command `rounds` times, one after the other in each round, beginning with
        another one every time, so that no engine has the quiet moments for itself. What takes
        long is run once only. `accept` says what is wrong with a run of a command, or None.
        Returns by name a list of runs, or a text for a command that failed once."""
        results = {name: [] for name in commands}
        names = list(commands)
        for number in range(rounds):
            first = number % len(names)
            for name in names[first:] + names[:first]:
                done = results[name]
                if isinstance(done, str) or any(run.user > LONG for run in done):
                    continue
                self.progress.show(f"{title}, round {number + 1} of {rounds}: {name}")
                run = self.run(commands[name])
                wrong = accept(run, commands[name]) if run else f"longer than {TIME_LIMIT} s"
                if wrong:
                    results[name] = wrong
                else:
                    results[name].append(run)
        return results


def median(runs, what):
    return statistics.median(getattr(run, what) for run in runs)


def geometric_mean(values):
    values = list(values)
    return statistics.geometric_mean(values) if values else None
