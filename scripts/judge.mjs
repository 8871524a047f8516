// judge.mjs JUDGE SMITH SEEDS FOLDER [COUNT [FIRST]]: makes COUNT mutants of the modules in the folder
// SEEDS, from number FIRST on, and asks three validators about each: Waxwing (JUDGE is
// tests/differential/judge.cpp), wasmparser (SMITH is tests/differential/smith) and the V8 of the
// Node that runs this. What Waxwing and wasmparser disagree about stays in FOLDER; V8, which also
// knows proposals that are off here, is heard about the rest. Exits with 1 if anything differs.
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const [judge, smith, seeds, folder] = process.argv.slice(2, 6).map((file) => resolve(file));
const count = Number(process.argv[6] ?? 10_000);
const first = Number(process.argv[7] ?? 1);
if (!(count > 0 && first >= 0)) {
    console.error("judge.mjs: COUNT must be a positive number, and FIRST none below 0");
    process.exit(2);
}
const atOnce = 2000;
const files = readdirSync(seeds).sort().map((name) => join(seeds, name));

function run(program, args, input) {
    return new Promise((done, fail) => {
        const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
        const chunks = [];
        child.stdout.on("data", (chunk) => chunks.push(chunk));
        child.on("error", fail);
        child.on("close", (code, signal) => code === 0 ? done(Buffer.concat(chunks))
            : fail(new Error(`${program} ended with ${signal ?? code}`)));
        child.stdin.on("error", () => {});
        child.stdin.end(input);
    });
}

function split(container) {
    const modules = [];
    for (let at = 0; at < container.length;) {
        const length = container.readUInt32LE(at);
        modules.push(container.subarray(at + 4, at + 4 + length));
        at += 4 + length;
    }
    return modules;
}

// Limits of one validator that the others do not have.
const limits = /limit|too large|too many|exceeds|size of this type hierarchy|implementation/;

const counts = { valid: 0, invalid: 0, "differs by a limit": 0, "V8 alone accepts": 0,
    "V8 alone rejects": 0, different: 0 };

function compare(number, module, ours, theirs) {
    const [weAccept, theyAccept] = [ours === "valid", theirs === "valid"];
    if (weAccept !== theyAccept) {
        if (limits.test(ours) || limits.test(theirs)) return "differs by a limit";
        writeFileSync(join(folder, `judge-${number}.wasm`), module);
        console.log(`module ${number}: ${ours}\n    but wasmparser: ${theirs}`);
        return "different";
    }
    const v8Accepts = WebAssembly.validate(module);
    if (v8Accepts === weAccept) return weAccept ? "valid" : "invalid";
    if (!v8Accepts) {
        try {
            new WebAssembly.Module(module);
        } catch (error) {
            writeFileSync(join(folder, `judge-v8-${number}.wasm`), module);
            console.log(`module ${number}: valid, but V8: ${error.message}`);
        }
    }
    return v8Accepts ? "V8 alone accepts" : "V8 alone rejects";
}

mkdirSync(folder, { recursive: true });
const began = performance.now();
for (let from = first; from < first + count; from += atOnce) {
    const some = Math.min(atOnce, first + count - from);
    const container = await run(smith, ["mutants", String(from), String(some), ...files]);
    const answers = await Promise.all([run(judge, [], container), run(smith, ["judge"], container)]);
    const [ours, theirs] = answers.map((text) => text.toString("latin1").split("\n"));
    split(container).forEach((module, i) => {
        ++counts[compare(from + i, module, ours[i], theirs[i])];
    });
    if (process.stderr.isTTY) process.stderr.write(`\r${from + some - first} modules`);
}
const seconds = (performance.now() - began) / 1000;
console.log(Object.entries(counts).map(([name, n]) => `${String(n).padStart(10)}  ${name}`).join("\n"));
console.log(`${seconds.toFixed(0)} s, ${(count / seconds).toFixed(0)} modules/s`);
process.exitCode = counts.different ? 1 : 0;
