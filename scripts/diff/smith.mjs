// Random modules from wasm-smith, by way of tests/differential/smith: valid by construction, with
// garbage collection, exceptions, vectors, 64-bit and several memories, and tail calls.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { exportAll } from "./exports.mjs";

export class SmithGenerator {
    #program;

    constructor(program) { this.#program = program; }

    async write(number, profile, file) {
        const made = spawnSync(this.#program, ["modules", String(number), "1", "."]);
        if (made.status !== 0) throw new Error(`smith: ${made.stderr}`);
        if (!existsSync(`${number}.wasm`)) throw new Error("the random bytes made no module");
        writeFileSync(file, exportAll(readFileSync(`${number}.wasm`), true));
    }
}
