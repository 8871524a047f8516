// diff.mjs RUNNER SUPPORT.wasm GENERATOR FOLDER [COUNT [FIRST]]: runs COUNT random modules, from
// number FIRST on, with Waxwing (RUNNER is tests/differential/runner.cpp) and with the V8 of the
// Node that runs this, and compares what they do. Modules that differ stay in FOLDER, with both
// transcripts. A number makes the same module each time. Exits with 1 if anything differs.
import { fork } from "node:child_process";
import { mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const files = process.argv.slice(2, 5).map((file) => resolve(file));
const folder = resolve(process.argv[5]);
const count = Number(process.argv[6] ?? 1000);
const first = Number(process.argv[7] ?? 1);
const jobs = Math.min(Number(process.env.JOBS ?? availableParallelism()), Math.ceil(count / 50));
if (!(count > 0 && first >= 0 && jobs > 0)) {
    console.error("diff.mjs: COUNT and JOBS must be positive numbers, and FIRST none below 0");
    process.exit(2);
}

const worker = join(dirname(fileURLToPath(import.meta.url)), "diff", "worker.mjs");
const verdicts = { same: 0, explained: 0, different: 0, "not generated": 0 };
const reasons = {};
const lines = {};
let done = 0;
let lineCount = 0;

const add = (table, key) => { table[key] = (table[key] ?? 0) + 1; };

function note(message) {
    ++done;
    add(verdicts, message.verdict);
    if (message.reason) add(reasons, message.reason);
    for (const line of message.lines) add(lines, line);
    lineCount += message.lines.length;
    if (message.verdict === "different") {
        console.log(`module ${message.number}, line ${message.at + 1}: ${message.ours}`);
        console.log(`    but V8: ${message.theirs}`);
    }
    if (done % 100 === 0 && process.stderr.isTTY) process.stderr.write(`\r${done} modules`);
}

// Stops when its modules are done.
function start(from, to) {
    const child = fork(worker, [...files, String(to - from), String(from)], { cwd: folder });
    child.on("message", note);
    return new Promise((resolve) => child.on("exit", resolve));
}

mkdirSync(folder, { recursive: true });
const began = performance.now();
const share = (job) => first + Math.floor(count * job / jobs);
const codes = await Promise.all(
    Array.from({ length: jobs }, (_, job) => start(share(job), share(job + 1))));
const seconds = (performance.now() - began) / 1000;

const show = (table) => Object.entries(table).sort(([, a], [, b]) => b - a)
    .map(([name, n]) => `${String(n).padStart(10)}  ${name}`).join("\n");
console.log(`${lineCount} outcomes and logged values compared:\n${show(lines)}`);
if (Object.keys(reasons).length) console.log(`explained or not generated:\n${show(reasons)}`);
console.log(`${seconds.toFixed(0)} s, ${(done / seconds).toFixed(0)} modules/s, ${jobs} processes`);
console.log(Object.entries(verdicts).map(([name, n]) => `${n} ${name}`).join(", "));
process.exitCode = verdicts.different || done !== count || codes.some((code) => code) ? 1 : 0;
