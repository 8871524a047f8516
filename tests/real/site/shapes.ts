export interface Shape {
    readonly name: string;
    area(): number;
}

abstract class Base implements Shape {
    static #made = 0;
    readonly number = ++Base.#made;
    constructor(readonly name: string) {}
    abstract area(): number;
}

class Circle extends Base {
    constructor(private readonly radius: number) {
        super(`circle of ${radius}`);
    }
    area = () => Math.PI * this.radius ** 2;
}

class Square extends Base {
    constructor(private readonly side: number) {
        super(`square of ${side}`);
    }
    area(): number {
        return this.side ** 2;
    }
}

export const circle = (radius: number): Shape => new Circle(radius);
export const square = (side: number): Shape => new Square(side);
export function neverUsed(): string {
    return "a bundler leaves this out";
}
