/** What ImageJ writes into the description of the first page of a hyperstack. */
export interface ImageJStack {
  readonly images: number;
  readonly channels: number;
  readonly slices: number;
  readonly frames: number;
  readonly unit: string;
  readonly spacing: number | null;
  readonly intervalS: number | null;
}

/** Null when the description is not ImageJ's. */
export function parseImageJ(description: string): ImageJStack | null {
  if (!description.startsWith("ImageJ=")) return null;
  const fields = new Map<string, string>();
  for (const line of description.slice(0, 65536).split("\n")) {
    const [key = "", value = ""] = line.split("=", 2);
    fields.set(key.trim(), value.trim());
  }
  const number = (key: string): number | null => {
    const value = Number(fields.get(key) ?? Number.NaN);
    return Number.isFinite(value) && value > 0 ? value : null;
  };
  const whole = (key: string) => Math.floor(number(key) ?? 1) || 1;
  const [channels, slices, frames] = [whole("channels"), whole("slices"), whole("frames")];
  const interval = number("finterval");
  const perSecond = { ms: 1e-3, sec: 1, s: 1, min: 60 }[fields.get("tunit") ?? "sec"] ?? 1;
  return {
    images: Math.floor(number("images") ?? channels * slices * frames),
    channels,
    slices,
    frames,
    unit: unescapeUnit(fields.get("unit") ?? ""),
    spacing: number("spacing"),
    intervalS: interval === null ? null : interval * perSecond,
  };
}

/** ImageJ writes the micro sign as the six characters "\\u00B5". */
function unescapeUnit(unit: string): string {
  return unit.replace(/\\u00b5/i, "µ");
}
