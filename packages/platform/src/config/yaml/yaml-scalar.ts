import type { ScalarValue } from "../node/node.ts";

/** What a plain scalar's text means; `fault` says why it means nothing that we can hold. */
export type ReadScalar =
  | { readonly value: ScalarValue; readonly isFloat?: boolean }
  | { readonly fault: string };

/**
 * Reads a scalar without quotes as OmegaConf does, which is PyYAML (YAML 1.1) with more floats and
 * without dates: `no` is false, `010` is 8, `1_000` is 1000, `1e3` is 1000. A number that
 * JavaScript would round or lose is a fault.
 *
 * Source: PyYAML 6 `resolver.py` and OmegaConf 2.3 `_utils.get_yaml_loader`, read as tables of
 * patterns; unlike there, integers beyond 2^53 and floats beyond double precision's range are refused.
 */
export function readPlainScalar(text: string): ReadScalar {
  if (/^(?:~|null|Null|NULL|)$/.test(text)) return { value: null };
  if (/^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/.test(text)) return { value: true };
  if (/^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/.test(text)) return { value: false };
  if (text.length > maxDigits && /^[-+.]?\d[\d_:.]*$/.test(text)) {
    return { fault: `a number of ${text.length} characters is refused` };
  }
  const isInteger = integerPatterns.find(({ pattern }) => pattern.test(text));
  if (isInteger)
    return integer(text, isInteger.read(text.replaceAll("_", "").replace(/^[-+]/, "")));
  if (floatPattern.test(text)) return float(text);
  return { value: text };
}

/** Why a word without quotes is no value though it may be a key: YAML 1.1 has a use for it. */
export function noValueFault(text: string | undefined): string | null {
  return text === "=" || text === "<<" ? `${text} is no value in YAML; put it in quotes` : null;
}

/** Far more than any number that we can hold has. */
const maxDigits = 400;

/** Tried in this order, as PyYAML constructs them. */
const integerPatterns: readonly {
  readonly pattern: RegExp;
  /** From the digits, without sign and underscores. */
  readonly read: (digits: string) => bigint;
}[] = [
  { pattern: /^[-+]?0b_*[01][01_]*$/, read: BigInt },
  { pattern: /^[-+]?0x_*[\da-fA-F][\da-fA-F_]*$/, read: BigInt },
  { pattern: /^[-+]?0_*[0-7][0-7_]*$/, read: (digits) => BigInt(`0o${digits.slice(1)}`) },
  { pattern: /^[-+]?(?:0_*|[1-9][\d_]*)$/, read: BigInt },
  { pattern: /^[-+]?[1-9][\d_]*(?::[0-5]?\d)+$/, read: (digits) => sexagesimal(digits) },
];

/** OmegaConf's, and PyYAML's, which stay beside them and allow more underscores. */
const floatPattern =
  /^(?:[-+]?\d[\d_]*\.[\d_]*(?:[eE][-+]\d+)?|\.\d[\d_]*(?:[eE][-+]\d+)?|[-+]?\d[\d_]*(?::[0-5]?\d)+\.[\d_]*|[-+]?\d+(?:_\d+)*\.[\d_]*(?:[eE][-+]?\d+)?|[-+]?\d+(?:_\d+)*[eE][-+]?\d+|\.\d+(?:_\d+)*(?:[eE][-+]\d+)?|[-+]?\d+(?:_\d+)*(?::[0-5]?\d)+\.[\d_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

/** `1:30` is 90: minutes and seconds. */
function sexagesimal(digits: string): bigint {
  return digits.split(":").reduce((sum, part) => sum * 60n + BigInt(part), 0n);
}

function integer(text: string, magnitude: bigint): ReadScalar {
  if (magnitude > BigInt(Number.MAX_SAFE_INTEGER)) {
    return { fault: `${text} is beyond 2^53, and would be rounded; put it in quotes, or use less` };
  }
  const value = Number(magnitude);
  return { value: text.startsWith("-") && value !== 0 ? -value : value };
}

function float(text: string): ReadScalar {
  const plain = text.replaceAll("_", "").toLowerCase();
  if (plain.endsWith(".nan")) return { value: Number.NaN, isFloat: true };
  const sign = plain.startsWith("-") ? -1 : 1;
  if (plain.endsWith(".inf")) return { value: sign * Number.POSITIVE_INFINITY, isFloat: true };
  const value = plain
    .replace(/^[-+]/, "")
    .split(":")
    .reduce((sum, part) => sum * 60 + Number(part), 0);
  if (!Number.isFinite(value)) return { fault: `${text} is larger than any number we can hold` };
  if (value === 0 && /[1-9]/.test(plain.split("e")[0] ?? "")) {
    return { fault: `${text} is smaller than any number we can hold, and would become 0` };
  }
  return { value: sign * value, isFloat: true };
}
