/** The length of a scale bar: 1, 2 or 5 times a power of ten, at most a quarter of the width. */
export function scaleBarUm(widthUm: number): number {
  const largest = widthUm / 4;
  const decade = 10 ** Math.floor(Math.log10(largest));
  return [5, 2, 1].map((n) => n * decade).find((length) => length <= largest) ?? decade;
}

/** "20 µm", "500 nm", "2 mm". */
export function lengthLabel(um: number): string {
  const [value, unit] =
    um < 1 ? [um * 1000, "nm"] : um < 1000 ? [um, "µm"] : ([um / 1000, "mm"] as const);
  return `${Number(value.toPrecision(6))} ${unit}`;
}
