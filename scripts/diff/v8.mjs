// Does with V8 what a transcript of Waxwing says was done, and writes down what comes of it in
// the same words (tests/differential/transcript.hpp).

const mostHashed = 16 << 20;
const mostEntries = 64;

// What V8 calls the traps. Some of its texts stand for several of ours, and the other way round;
// all of a group count as one.
const traps = [
    [/unreachable/, "unreachable"],
    [/divide by zero|remainder by zero/, "integer divide by zero"],
    [/divide result unrepresentable|float unrepresentable/, "integer overflow"],
    [/memory access out of bounds|data segment.*out of bounds/, "out of bounds memory access"],
    [/table index is out of bounds|table access out of bounds|element segment out of bounds|table initializer|table\.\w+.*out of bounds/, "table"],
    [/array element access out of bounds/, "out of bounds array access"],
    [/null function|signature mismatch/, "call"],
    [/dereferencing a null pointer/, "null"],
    [/illegal cast/, "cast failure"],
    [/unaligned/, "unaligned atomic"],
    [/Atomics\.wait|shared memory/, "expected shared memory"],
    [/array is too large|out of memory|allocation/i, "out of memory"],
    [/rethrowing null|throw_ref/, "null"],
];
const groups = {
    "invalid conversion to integer": "integer overflow",
    "out of bounds table access": "table",
    "undefined element": "table",
    "uninitialized element": "call",
    "indirect call type mismatch": "call",
};

// The group of one of our traps.
export const trapGroup = (text) =>
    groups[text] ?? (text.startsWith("null ") ? "null" : text);

function outcomeOf(error) {
    if (error instanceof WebAssembly.Exception) return "exception";
    if (error instanceof RangeError) return "trap call stack exhausted";
    if (error instanceof WebAssembly.RuntimeError) {
        const found = traps.find(([pattern]) => pattern.test(error.message));
        return `trap ${found ? found[1] : error.message}`;
    }
    if (error instanceof WebAssembly.LinkError) return "unlinkable";
    if (error instanceof WebAssembly.CompileError) return `invalid ${error.message}`;
    return `error ${error}`;
}

const buffer = new DataView(new ArrayBuffer(8));
const hex = (bits, digits) => bits.toString(16).padStart(digits, "0");

function describe(type, value) {
    switch (type) {
    case "i32": return `i32:${value}`;
    case "i64": return `i64:${value}`;
    case "f32":
        if (Number.isNaN(value)) return "f32:nan";
        buffer.setFloat32(0, value);
        return `f32:${hex(buffer.getUint32(0), 8)}`;
    case "f64":
        if (Number.isNaN(value)) return "f64:nan";
        buffer.setFloat64(0, value);
        return `f64:${hex(buffer.getBigUint64(0), 16)}`;
    }
    if (value === null) return "null";
    if (/^\(ref_(null_)?\d/.test(type)) return "ref";
    switch (typeof value) {
    case "function": return "func";
    case "number": return `i31:${value}`;
    case "string": return "host";
    default: return "object";
    }
}

function parse(word) {
    if (word === "null") return null;
    const [type, text] = word.split(":");
    switch (type) {
    case "i32": return Number(text);
    case "i64": return BigInt(text);
    case "f32":
        buffer.setUint32(0, parseInt(text, 16));
        return text === "nan" ? NaN : buffer.getFloat32(0);
    default:
        buffer.setBigUint64(0, BigInt(`0x${text}`));
        return text === "nan" ? NaN : buffer.getFloat64(0);
    }
}

function hash(bytes) {
    const length = Math.min(bytes.byteLength, mostHashed) >> 2;
    const words = new Uint32Array(bytes, 0, length);
    let result = 0x811C9DC5;
    for (let i = 0; i < length; ++i) {
        result = Math.imul(result ^ words[i], 0x01000193);
        result ^= result >>> 15;
    }
    return hex(result >>> 0, 8);
}

const toHalf = (bits) => hex(BigInt.asUintN(64, bits), 16);

// The lines that answer `plan`, the lines of our transcript.
export function answer(bytes, support, plan) {
    const lines = [];
    const log = (type) => (value) => { lines.push(`log ${describe(type, value)}`); };
    const host = {
        "log-halves": (low, high) => { lines.push(`log v128:${toHalf(high)}${toHalf(low)}`); },
    };
    const helper = new WebAssembly.Instance(support, { host }).exports;
    const imports = {
        "fuzzing-support": {
            ...helper,
            "log-i32": log("i32"),
            "log-i64": log("i64"),
            "log-f32": log("f32"),
            "log-f64": log("f64"),
            "log-anyref": log("anyref"),
            "log-funcref": log("funcref"),
            "log-externref": log("externref"),
        },
        __fuzz_import: {},
    };

    let objects;
    try {
        const module = new WebAssembly.Module(bytes);
        for (const { module: from, name, kind } of WebAssembly.Module.imports(module))
            if (from === "__fuzz_import" && kind === "global") imports[from][name] = name;
        const instance = new WebAssembly.Instance(module, imports);
        objects = instance.exports;
        lines.push("instantiate ok");
        Object.values(objects).filter((each) => typeof each === "function").slice(0, 64)
            .forEach((each, i) => helper.exports.set(i, each));
    } catch (error) {
        lines.push(`instantiate ${outcomeOf(error)}`);
        return lines;
    }

    for (const line of plan) {
        const [what, name, ...words] = line.split(" ");
        if (what === "call") {
            const colon = words.indexOf(":");
            const types = words.slice(colon + 1);
            lines.push(line);
            try {
                const result = objects[name](...words.slice(0, colon).map(parse));
                const results = types.length === 1 ? [result] : types.length ? [...result] : [];
                lines.push(["ok", ...results.map((each, i) => describe(types[i], each))].join(" "));
            } catch (error) {
                lines.push(outcomeOf(error));
            }
        } else if (what === "global") {
            const type = words[0];
            lines.push(`global ${name} ${type} ${describe(type, objects[name].value)}`);
        } else if (what === "memory") {
            const bytes = objects[name].buffer;
            lines.push(`memory ${name} ${bytes.byteLength / 65536} ${hash(bytes)}`);
        } else if (what === "table") {
            const table = objects[name];
            const index = (i) => typeof table.length === "bigint" ? BigInt(i) : i;
            const count = Math.min(Number(table.length), mostEntries);
            const bits = Array.from({ length: count }, (_, i) => table.get(index(i)) === null ? 0 : 1);
            lines.push(`table ${name} ${table.length} ${bits.join("")}`);
        }
    }
    return lines;
}
