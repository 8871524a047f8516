// worker.mjs RUNNER SUPPORT.wasm GENERATOR COUNT FIRST: one of the processes of diff.mjs. Tells
// its parent about each module, and writes what differs to the folder it is in.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { explain } from "./explain.mjs";
import { Generator, profiles } from "./generate.mjs";
import { SmithGenerator } from "./smith.mjs";
import { answer } from "./v8.mjs";

const [runner, supportFile, program, countText, firstText] = process.argv.slice(2);
const end = Number(firstText) + Number(countText);
const atOnce = 50;

const support = new WebAssembly.Module(readFileSync(supportFile));
const generator = basename(program) === "smith" ? new SmithGenerator(program)
    : new Generator(program);

// Our transcripts of some files, by file. A crash is one too.
function transcripts(files) {
    const found = new Map();
    while (found.size < files.length) {
        const left = files.filter((file) => !found.has(file));
        const run = spawnSync(runner, [supportFile], {
            input: left.join("\n") + "\n",
            maxBuffer: 1 << 30,
            timeout: 120_000,
        });
        let current;
        for (const line of run.stdout.toString("latin1").split("\n")) {
            if (line.startsWith("module ")) found.set(current = line.slice(7), []);
            else if (line === "end") current = undefined;
            else if (current && line) found.get(current).push(line);
        }
        if (current) found.get(current).push(`crash ${run.signal ?? run.error ?? run.status}`);
        else if (found.size < files.length) throw new Error(`${runner}: ${run.error ?? run.stderr}`);
    }
    return found;
}

function examine(number, file, ours) {
    const theirs = ours[0] === "too long" ? [] : answer(readFileSync(file), support, ours);
    const found = explain(ours, theirs);
    if (found.verdict === "different") {
        writeFileSync(file.replace(/wasm$/, "ours"), ours.join("\n"));
        writeFileSync(file.replace(/wasm$/, "theirs"), theirs.join("\n"));
    } else {
        rmSync(file);
    }
    const lines = ours.map((line) => /^(ok|trap .*|exception|log \w+|instantiate \w+)/.exec(line)?.[1])
        .filter(Boolean);
    process.send({ number, ...found, ours: ours[found.at], theirs: theirs[found.at], lines });
}

process.on("disconnect", () => process.exit());
for (let from = Number(firstText); from < end; from += atOnce) {
    const files = new Map();
    for (let number = from; number < Math.min(from + atOnce, end); ++number) {
        const file = `${number}.wasm`;
        try {
            await generator.write(number, profiles[number % profiles.length], file);
            files.set(file, number);
        } catch (error) {
            rmSync(file, { force: true });
            rmSync(`${file}.seed`, { force: true });
            process.send({ number, verdict: "not generated", reason: error.message, lines: [] });
        }
    }
    for (const [file, ours] of transcripts([...files.keys()])) examine(files.get(file), file, ours);
}
process.disconnect();
