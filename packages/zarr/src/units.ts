// The units of NGFF 0.4 and 0.5 ("axes"), which are names of UDUNITS-2.

const prefixes: readonly (readonly [name: string, exponent: number])[] = [
  ["yocto", -24],
  ["zepto", -21],
  ["atto", -18],
  ["femto", -15],
  ["pico", -12],
  ["nano", -9],
  ["micro", -6],
  ["milli", -3],
  ["centi", -2],
  ["deci", -1],
  ["", 0],
  ["hecto", 2],
  ["kilo", 3],
  ["mega", 6],
  ["giga", 9],
  ["tera", 12],
  ["peta", 15],
  ["exa", 18],
  ["zetta", 21],
  ["yotta", 24],
];

/** Micrometres in a unit of length. An inch is 25 400 of them by definition, and so on. */
const lengths: ReadonlyMap<string, number> = new Map([
  ...prefixes.map(([name, exponent]) => [`${name}meter`, power(exponent + 6)] as const),
  ["angstrom", 1e-4],
  ["inch", 25_400],
  ["foot", 304_800],
  ["yard", 914_400],
  ["mile", 1_609_344_000],
  ["parsec", 3.085677581491367e22],
]);

const times: ReadonlyMap<string, number> = new Map([
  ...prefixes.map(([name, exponent]) => [`${name}second`, power(exponent)] as const),
  ["minute", 60],
  ["hour", 3600],
  ["day", 86_400],
]);

/** The nearest number to a power of ten, which `10 ** exponent` is not always. */
function power(exponent: number): number {
  return Number(`1e${exponent}`);
}

/** Undefined for what is no length. */
export function micrometresPer(unit: string): number | undefined {
  return lengths.get(unit);
}

/** Undefined for what is no time. */
export function secondsPer(unit: string): number | undefined {
  return times.get(unit);
}
