// Compares the transcripts of one module, and says which differences are none.
import { trapGroup } from "./v8.mjs";

const normal = (line) => line?.startsWith("trap ") ? `trap ${trapGroup(line.slice(5))}`
    : line?.startsWith("instantiate trap ") ? `instantiate trap ${trapGroup(line.slice(17))}` : line;

// Where an address is wrong in two ways, the engines check in another order.
const address = new Set(["trap unaligned atomic", "trap out of bounds memory access"]);
const isSame = (ours, theirs) => ours === theirs || address.has(ours) && address.has(theirs);

// From here on nothing is to be compared, and why.
const rules = [
    ["took too much fuel", (ours) => ours === "too long"],
    ["no memory left", (ours, theirs) =>
        [ours, theirs].some((line) => line?.endsWith("trap out of memory"))],
    ["stack of another size", (ours, theirs) =>
        [ours, theirs].some((line) => line?.endsWith("trap call stack exhausted"))],
];

export function explain(ours, theirs) {
    for (let at = 0; at < Math.max(ours.length, theirs.length); ++at) {
        const rule = rules.find(([, applies]) => applies(ours[at], theirs[at]));
        if (rule) return { verdict: "explained", reason: rule[0] };
        if (!isSame(normal(ours[at]), normal(theirs[at]))) return { verdict: "different", at };
    }
    return { verdict: "same" };
}
