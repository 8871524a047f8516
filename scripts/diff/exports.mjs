// Exports what a module keeps to itself: its memories, mutable globals and tables, so that what
// is in them at the end can be compared. With `functions`, those too, in place of what was exported.

class Reader {
    constructor(bytes, at = 0) {
        this.bytes = bytes;
        this.at = at;
    }
    byte() { return this.bytes[this.at++]; }
    number() {
        let value = 0n;
        for (let shift = 0n; ; shift += 7n) {
            const byte = this.byte();
            value |= BigInt(byte & 0x7F) << shift;
            if (byte < 0x80) return Number(value);
        }
    }
    text() {
        const length = this.number();
        this.at += length;
        return Buffer.from(this.bytes.subarray(this.at - length, this.at)).toString();
    }
    limits() {
        const flags = this.byte();
        this.number();
        if (flags & 1) this.number();
        if (flags & 8) this.number();  // page size
    }
    valueType() {
        const code = this.byte();
        if (code === 0x63 || code === 0x64) this.number();  // a reference; a heap type
    }
}

const number = (value) => {
    const bytes = [];
    for (; value >= 0x80; value >>>= 7) bytes.push(value & 0x7F | 0x80);
    return [...bytes, value];
};
const text = (string) => [...number(Buffer.byteLength(string)), ...Buffer.from(string)];

const kinds = { table: 1, memory: 2, global: 3 };
const ids = { import: 2, func: 3, table: 4, memory: 5, global: 6, export: 7 };

export function exportAll(bytes, functions = false) {
    const counts = { 0: 0, 1: 0, 2: 0, 3: 0, 4: 0 };
    const sections = [];
    for (const reader = new Reader(bytes, 8); reader.at < bytes.length;) {
        const start = reader.at;
        const id = reader.byte();
        const size = reader.number();
        const body = bytes.subarray(reader.at, reader.at + size);
        reader.at += size;
        sections.push({ id, whole: bytes.subarray(start, reader.at), body });
    }
    const find = (id) => sections.find((section) => section.id === id);
    const count = (id) => find(id) ? new Reader(find(id).body).number() : 0;

    if (find(ids.import)) {
        const reader = new Reader(find(ids.import).body);
        for (let left = reader.number(); left > 0; --left) {
            reader.text();
            reader.text();
            const kind = reader.byte();
            ++counts[kind];
            if (kind === 0) reader.number();
            if (kind === 1) { reader.valueType(); reader.limits(); }
            if (kind === 2) reader.limits();
            if (kind === 3) { reader.valueType(); reader.byte(); }
            if (kind === 4) { reader.byte(); reader.number(); }
        }
    }
    const added = [];
    const wanted = functions ? { func: 0, ...kinds } : kinds;
    for (const [name, kind] of Object.entries(wanted)) {
        const end = counts[kind] + count(ids[name]);
        for (let i = 0; i < end; ++i) added.push([...text(`${name[0]}!${i}`), kind, ...number(i)]);
    }
    const old = find(ids.export);
    const reader = new Reader(old && !functions ? old.body : [0]);
    const before = reader.number();
    const body = Buffer.concat([Buffer.from(number(before + added.length)),
        old && !functions ? old.body.subarray(reader.at) : Buffer.alloc(0),
        Buffer.from(added.flat())]);
    const section = Buffer.concat([Buffer.from([ids.export, ...number(body.length)]), body]);

    // In the place where it belongs: before start, element, code and data.
    const later = new Set([8, 9, 10, 11, 12]);
    const place = sections.findIndex((each) => later.has(each.id));
    const kept = sections.map((each) => each === old ? Buffer.alloc(0) : each.whole);
    kept.splice(place < 0 ? kept.length : place, 0, section);
    return Buffer.concat([bytes.subarray(0, 8), ...kept]);
}
