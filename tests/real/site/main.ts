import { circle, square, type Shape } from "./shapes";
import { table } from "./format/table";
import settings from "./settings.json";
import * as units from "./format/units";

enum Order { ByName, ByArea }

function sorted(shapes: readonly Shape[], order: Order): Shape[] {
    const copy = [...shapes];
    if (order === Order.ByName) return copy.sort((a, b) => a.name.localeCompare(b.name));
    return copy.sort((a, b) => a.area() - b.area());
}

const shapes: Shape[] = settings.sizes.flatMap((size) => [circle(size), square(size)]);
console.log(settings.title);
for (const line of table(sorted(shapes, Order.ByArea), (shape) => [
    shape.name,
    units.inSquareMetres(shape.area()),
]))
    console.log(line);
export { Order, sorted };
