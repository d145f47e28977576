/** The length of a scale bar: 1, 2 or 5 times a power of ten, at most a quarter of the width. */
export function scaleBarLength(width: number): number {
  const largest = width / 4;
  const decade = 10 ** Math.floor(Math.log10(largest));
  return [5, 2, 1].map((n) => n * decade).find((length) => length <= largest) ?? decade;
}

/** "20 µm", "500 nm", "2 mm"; "10 voxels" where the size of a voxel is not known. */
export function lengthLabel(length: number, unit: "micrometre" | "voxel"): string {
  const round = (value: number) => Number(value.toPrecision(6));
  if (unit === "voxel") return `${round(length)} ${length === 1 ? "voxel" : "voxels"}`;
  if (length < 1) return `${round(length * 1000)} nm`;
  return length < 1000 ? `${round(length)} µm` : `${round(length / 1000)} mm`;
}
