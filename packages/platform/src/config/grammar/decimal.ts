/** `digits` times ten to the power of minus `places`. */
export interface Decimal {
  readonly digits: bigint;
  readonly places: number;
}

/**
 * A double with all its digits, or undefined for infinities and NaN: 0.1 has 55 of them.
 *
 * Hydra counts float ranges in Python's `decimal`, from the exact value, rounding each sum to 28
 * digits; only the same arithmetic gives the same 0.30000000000000004.
 */
export function exactDecimal(value: number): Decimal | undefined {
  if (!Number.isFinite(value)) return undefined;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n);
  const power = Math.max(biased, 1) - 1075;
  const signed = value < 0 ? -mantissa : mantissa;
  if (power >= 0) return { digits: signed << BigInt(power), places: 0 };
  return { digits: signed * 5n ** BigInt(-power), places: -power };
}

/** The sum, rounded to 28 digits, halves to even. */
export function addDecimals(a: Decimal, b: Decimal): Decimal {
  const [left, right, places] = aligned(a, b);
  return rounded({ digits: left + right, places });
}

export function compareDecimals(a: Decimal, b: Decimal): number {
  const [left, right] = aligned(a, b);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The nearest double. */
export const decimalNumber = ({ digits, places }: Decimal): number =>
  Number(`${digits}e-${places}`);

function aligned(a: Decimal, b: Decimal): readonly [bigint, bigint, number] {
  const places = Math.max(a.places, b.places);
  const scaled = (x: Decimal) => x.digits * 10n ** BigInt(places - x.places);
  return [scaled(a), scaled(b), places];
}

const precision = 28;

function rounded({ digits, places }: Decimal): Decimal {
  const size = digits < 0n ? -digits : digits;
  const excess = size.toString().length - precision;
  if (excess <= 0) return { digits, places };
  const unit = 10n ** BigInt(excess);
  return { digits: divided(digits, unit) * unit, places };
}

/** Rounded to so many decimal places, halves to even. */
export function roundedDecimal({ digits, places }: Decimal, wanted: number): Decimal {
  if (places <= wanted) return { digits: digits * 10n ** BigInt(wanted - places), places: wanted };
  return { digits: divided(digits, 10n ** BigInt(places - wanted)), places: wanted };
}

function divided(digits: bigint, unit: bigint): bigint {
  const size = digits < 0n ? -digits : digits;
  const [whole, rest] = [size / unit, size % unit];
  const isUp = rest * 2n > unit || (rest * 2n === unit && whole % 2n === 1n);
  const kept = isUp ? whole + 1n : whole;
  return digits < 0n ? -kept : kept;
}
