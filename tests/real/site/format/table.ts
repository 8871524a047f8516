type Row = readonly string[];

/** Columns as wide as their widest cell. */
export function* table<T>(items: Iterable<T>, cells: (item: T) => Row): Generator<string> {
    const rows = Array.from(items, cells);
    const widths: number[] = [];
    for (const row of rows)
        row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
    for (const row of rows) yield row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ");
}
