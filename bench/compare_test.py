"""Runs bench/compare on a small program, with Waxwing as its own peer and a peer that fails."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

FOLDER = pathlib.Path(__file__).parent
sys.path.insert(0, str(FOLDER))
from comparing import engines, measure, report, suite  # noqa: E402

BUILD = pathlib.Path(os.environ["WAXWING_BUILD"])


def compare(*args):
    # Peers that happen to be installed are left out.
    without = [word for name in engines.RUN for word in ("--without", name)]
    return subprocess.run([sys.executable, FOLDER / "compare", "--build", BUILD, *without, *args],
                          capture_output=True, text=True)


class WholeRuns(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.output = pathlib.Path(cls.folder.name, "results")
        cls.document = cls.output.with_suffix(".md")
        cls.document.write_text("# Doc\n\n<!-- programs -->\nold\n<!-- end -->\n"
                                "<!-- load -->\nkept\n<!-- end -->\nLast.\n")
        cls.done = compare("--programs", "fib", "--count", "37", "--runs", "2",
                           "--only", "programs,start", "--output", cls.output,
                           "--peer", f"waxwing-again={BUILD / 'waxwing'}",
                           "--peer", "broken=sh -c 'echo no $0 >&2; exit 3'",
                           "--peer", "liar=echo fib 35: ok #")
        cls.results = json.loads((cls.output / "results.json").read_text())

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_every_run_is_kept_and_the_median_is_of_them(self):
        engine = self.results["programs"]["fib"]["engines"]["waxwing-again"]
        self.assertEqual(len(engine["user"]), 2)
        self.assertAlmostEqual(engine["median"], sum(engine["user"]) / 2)

    def test_what_a_peer_cannot_run_is_shown(self):
        self.assertEqual(self.results["programs"]["fib"]["engines"]["broken"],
                         {"error": "no fib.wasm"})
        self.assertIn("fib on broken: no fib.wasm", self.done.stdout)
        self.assertRegex(self.done.stdout, r"fib +\d\S* m?s .*cannot run")

    def test_another_output_is_a_failure(self):
        self.assertEqual(self.results["programs"]["fib"]["engines"]["liar"],
                         {"error": "another output"})

    def test_the_memory_of_hello_world_is_that_of_the_engine(self):
        peak = self.results["start"]["waxwing"]["peak_kib"]
        self.assertTrue(1000 < peak < 8000, peak)

    def test_no_folder_of_the_machine_is_written(self):
        self.assertNotIn(str(BUILD), (self.output / "results.json").read_text())

    def test_the_document_gets_what_was_measured_and_keeps_the_rest(self):
        text = self.document.read_text()
        self.assertRegex(text, r"<!-- programs -->\n\| program \| waxwing \|")
        self.assertNotIn("old", text)
        self.assertIn("<!-- load -->\nkept\n<!-- end -->\nLast.\n", text)

    def test_charts_are_xml_and_name_the_program(self):
        root = xml.etree.ElementTree.parse(self.output / "programs.svg").getroot()
        words = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
        self.assertIn("fib", words)
        self.assertIn("waxwing-again", words)
        self.assertTrue((self.output / "summary.svg").exists())

    def test_a_glob_without_programs_is_an_error(self):
        done = compare("--programs", "nothing*", "--runs", "1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no programs nothing*", done.stderr)


def result(**medians):
    return {"features": [], "engines": {name: {"median": value} for name, value in medians.items()}}


class Numbers(unittest.TestCase):
    RESULTS = {"a": result(waxwing=1.0, other=2.0), "b": result(waxwing=0.5, other=4.0),
               "c": {"features": ["gc"], "engines": {"waxwing": {"median": 1.0},
                                                     "other": {"error": "unsupported"}}}}

    def test_the_mean_is_geometric_and_leaves_out_what_failed(self):
        found = suite.summary(self.RESULTS, "other")
        self.assertAlmostEqual(found["mean"], 4.0)
        self.assertEqual(found["programs"], 2)
        self.assertEqual((found["worst"], found["best"]), (["a", 2.0], ["b", 8.0]))
        self.assertIsNone(found["mean_of_later"])

    def test_vectors_are_compared_with_their_scalar_siblings(self):
        self.assertEqual(suite.vector_ratios({"a": result(waxwing=6.0),
                                              "a_simd": result(waxwing=2.0)}),
                         {"a": {"waxwing": 3.0}})

    def test_an_engine_takes_a_program_or_a_whole_command(self):
        self.assertEqual(engines.make("wasm3-old", "/x/wasm3").command("m.wasm", "3"),
                         ["/x/wasm3", "--stack-size", "1000000", "m.wasm", "3"])
        self.assertEqual(engines.make("mine", "run it {} --").command("m.wasm"),
                         ["run", "it", "m.wasm", "--"])
        self.assertEqual(engines.make("mine", "run it").command("m.wasm"), ["run", "it", "m.wasm"])
        with self.assertRaisesRegex(ValueError, "no command for mine"):
            engines.make("mine")

    def test_loading_counts_only_if_it_came_to_the_end(self):
        def run(status, errors):
            return measure.Run(status, 0.0, 0.0, 0.0, 0, b"", errors)

        asking = ["wasm3", "--func", "no-such-function", "m.wasm"]
        self.assertIsNone(suite.load_fault(run(1, b"lookup of no-such-function failed"), asking))
        self.assertEqual(suite.load_fault(run(1, b"module is too large"), asking),
                         "module is too large")
        self.assertIsNone(suite.load_fault(run(0, b""), ["waxwing", "validate", "m.wasm"]))
        self.assertEqual(suite.load_fault(run(126, b"no"), ["waxwing", "validate", "m.wasm"]), "no")

    def test_a_process_that_is_killed_has_failed(self):
        runner = measure.Runner(BUILD / "bench/run_measured", measure.Progress())
        run = runner.run(["sh", "-c", "echo out; kill -9 $$"])
        self.assertEqual((run.status, run.output), (128 + 9, b"out\n"))

    def test_columns_of_a_table_stand_below_each_other(self):
        table = report.Table("T", ["name", "n"])
        table.add("longer name", 1)
        self.assertEqual(table.plain().splitlines(),
                         ["T", "", "name         n", "--------------", "longer name  1"])


if __name__ == "__main__":
    unittest.main()
