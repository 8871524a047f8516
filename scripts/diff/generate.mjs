// Random modules from Binaryen's fuzzer. Its command is a program for Node; started once per
// module most of its time would go into being compiled, so here one process keeps it.
import { createHash } from "node:crypto";
import fs, { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { exportAll } from "./exports.mjs";

const require = createRequire(import.meta.url);

// What a module may use, by profile. All of it is also off in some modules of "all".
const base = ["mutable-globals", "sign-ext", "nontrapping-float-to-int", "bulk-memory",
    "bulk-memory-opt", "multivalue"];
const later = ["reference-types", "simd", "tail-call", "exception-handling", "gc", "memory64",
    "multimemory", "extended-const", "threads"];
export const profiles = ["mvp", "base", "all", "some", "gc"];

// Bytes that follow from a number and nothing else.
export function randomBytes(seed, length) {
    return createHash("shake256", { outputLength: length }).update(`module ${seed}`).digest();
}

function features(profile, dice) {
    switch (profile) {
    case "mvp": return ["mutable-globals"];
    case "base": return base;
    case "gc": return [...base, "reference-types", "gc", "exception-handling", "tail-call"];
    case "some": {
        const chosen = later.filter((_, i) => dice[i] & 1);
        if (chosen.includes("gc")) chosen.push("reference-types");
        return [...base, ...new Set(chosen)];
    }
    default: return [...base, ...later];
    }
}

// The shapes that an optimizer gives to code are others than those of a random tree.
const shapes = [[], [], [], ["-O1"], ["-O2"], ["-O3"], ["-Os"], ["--precompute", "--vacuum"]];
const flatShapes = [["--flatten", "--rereloop"], ["--flatten", "--local-cse"],
    ["--flatten", "--simplify-locals-notee", "--simplify-locals"]];

export class Generator {
    #script;
    #factory;
    #compiled;
    #said = "";
    #fail = () => {};

    constructor(script) {
        this.#script = script;
        const source = readFileSync(script, "utf8").replace(/^#!.*\n/, "");
        this.#factory = new Function("Module", "require", "__filename", "__dirname", "module",
            `Module.binary = () => findWasmBinary();${source}`);
        // It ends in the middle of an asynchronous function if it fails badly.
        process.on("unhandledRejection", (error) => this.#fail(error));
    }

    // What it says on standard output and error is kept, not shown.
    #require = (name) => name !== "node:fs" ? require(name) : {
        ...fs,
        writeSync: (file, data, ...rest) => {
            if (file > 2) return fs.writeSync(file, data, ...rest);
            const [offset = 0, length = data.length] = rest;
            this.#said += Buffer.from(data.subarray(offset, offset + length)).toString();
            return length;
        },
    };

    async #start(args) {
        process.exitCode = undefined;
        this.#said = "";
        await new Promise((resolve, reject) => {
            this.#fail = () => reject(new Error("wasm-opt died"));
            const Module = {
                arguments: args,
                thisProgram: "wasm-opt",
                printErr: (line) => { this.#said += line; },
                instantiateWasm: (imports, receive) => {
                    this.#compiled ??= new WebAssembly.Module(Module.binary());
                    WebAssembly.instantiate(this.#compiled, imports).then(receive, reject);
                },
                postRun: resolve,
            };
            this.#factory(Module, this.#require, this.#script, dirname(this.#script), undefined);
        });
        const code = process.exitCode;
        process.exitCode = undefined;
        if (code) throw new Error(this.#said.match(/Fatal: [\w ]*/)?.[0] ?? `wasm-opt: ${code}`);
    }

    // Writes module number `seed` to `file`.
    async write(seed, profile, file) {
        const dice = randomBytes(`dice ${seed}`, 32);
        const options = profile === "mvp" ? [...shapes, ...flatShapes] : shapes;
        const size = 300 + (dice[30] << (dice[29] % 8 === 0 ? 6 : 4));
        const input = `${file}.seed`;
        writeFileSync(input, randomBytes(seed, size));
        await this.#start([input, "--translate-to-fuzz", "--mvp-features",
            ...features(profile, dice).map((name) => `--enable-${name}`),
            ...options[dice[31] % options.length], "--denan", "--emit-exnref", "-o", file]);
        rmSync(input);
        writeFileSync(file, exportAll(readFileSync(file)));
    }
}
