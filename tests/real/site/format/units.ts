const squareMetre = "m\u00b2" as const;
export namespace rounding {
    export const decimals = 2;
}
export function inSquareMetres(area: number): string {
    return `${area.toFixed(rounding.decimals)} ${squareMetre}`;
}
export const inAcres = (area: number): string => `${(area / 4046.86).toFixed(4)} ac`;
