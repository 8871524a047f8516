// node-wasi.mjs HOST::GUEST[,...] N=V[,...] FILE ARGS...: runs FILE as Node's own WASI does it.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { WASI } from "node:wasi";

const [dirs, env, file, ...args] = process.argv.slice(2);
const pairs = (text, separator) =>
    text.split(",").filter(Boolean).map((pair) => pair.split(separator));
const wasi = new WASI({
    version: "preview1",
    args: [basename(file), ...args],
    env: Object.fromEntries(pairs(env, "=")),
    preopens: Object.fromEntries(pairs(dirs, "::").map(([host, guest]) => [guest, host])),
    returnOnExit: true,
});
const module = await WebAssembly.compile(readFileSync(file));
const instance = await WebAssembly.instantiate(module, wasi.getImportObject());
process.exitCode = wasi.start(instance);
