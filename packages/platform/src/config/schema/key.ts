import { z } from "zod";

// Compiled checks are for programs that check a thousand times; a run checks its config once.
z.config({ jitless: true });
// Values that hold themselves cannot be written in YAML as we read it: nobody needs to look for them.
z.config({ memoizer: { alloc: (_schema, _payload, empty) => empty, attach() {}, guard() {} } });

// The vocabulary of the schemas: one line a key, with its meaning, unit, range and default. Groups
// are built when a config first needs them, since a start must not pay for the whole platform.

/** What is said of a key beside its type; it ends up in the JSON Schema and in the key reference. */
export interface KeyMeta {
  readonly description: string;
  /** What a number counts: "voxels", "s", "fraction". */
  readonly unit?: string;
}

interface Bounds {
  readonly unit: string;
  readonly min?: number;
  readonly max?: number;
  /** Exclusive. */
  readonly above?: number;
  /** Exclusive. */
  readonly below?: number;
}

/** Puts down what a schema means, and returns it. */
function described<S extends z.ZodType>(schema: S, meta: KeyMeta): S {
  z.globalRegistry.add(schema, { ...meta });
  return schema;
}

/** A whole number, exact: nothing is rounded, and text that looks like a number is refused. */
export function int(description: string, { unit, ...bounds }: Bounds): z.ZodInt {
  const format = { check: "number_format", format: "safeint", abort: false } as const; // z.int()'s
  const schema = new z.ZodNumberFormat({ type: "number", ...format, checks: checksOf(bounds) });
  return described(schema as z.ZodInt, { description, unit });
}

/** A finite number. */
export function number(description: string, { unit, ...bounds }: Bounds): z.ZodNumber {
  const schema = new z.ZodNumber({ type: "number", checks: checksOf(bounds) });
  return described(schema, { description, unit });
}

/** A part of a whole, from 0 to 1. */
export const fraction = (description: string, bounds: Omit<Bounds, "unit"> = {}): z.ZodNumber =>
  number(description, { unit: "fraction", min: 0, max: 1, ...bounds });

/** Made with their schema: `z.number().check(...)` makes a second one. */
function checksOf({ min, max, above, below }: Omit<Bounds, "unit">) {
  return [
    ...(min === undefined ? [] : [z.gte(min)]),
    ...(above === undefined ? [] : [z.gt(above)]),
    ...(max === undefined ? [] : [z.lte(max)]),
    ...(below === undefined ? [] : [z.lt(below)]),
  ];
}

export const flag = (description: string): z.ZodBoolean => described(z.boolean(), { description });

/** Text that is not empty. */
export const text = (description: string): z.ZodString =>
  described(new z.ZodString({ type: "string", checks: [z.minLength(1)] }), { description });

/** One of a closed list of names. */
export function choice<const N extends readonly [string, ...string[]]>(
  description: string,
  names: N,
): z.ZodEnum<z.core.util.ToEnum<N[number]>> {
  return described(z.enum(names), { description });
}

/** A list. */
export function list<T extends z.ZodType>(
  description: string,
  item: T,
  { min = 0, max = 4096 }: { readonly min?: number; readonly max?: number } = {},
): z.ZodReadonly<z.ZodArray<T>> {
  const array = z.array(item).check(z.maxLength(max), ...(min > 0 ? [z.minLength(min)] : []));
  return described(array.readonly(), { description });
}

/** Keys that are the user's own, all with values of one kind. */
export function mapOf<T extends z.ZodType>(
  description: string,
  value: T,
): z.ZodReadonly<z.ZodRecord<z.ZodString, T>> {
  return described(z.record(z.string(), value).readonly(), { description });
}

/** The value or null, and null when it is not given; `or` is another default. */
export function orNull<T extends z.ZodType>(
  schema: T,
  or: z.output<T> | null = null,
): z.ZodDefault<z.ZodNullable<T>> {
  const nullable = z.nullable(schema);
  const meta = z.globalRegistry.get(schema);
  if (meta) z.globalRegistry.add(nullable, meta);
  return nullable.default(or as z.core.util.NoUndefined<z.output<T> | null>);
}

/** Keys and values with no other keys: what a group holds, before rules are added. */
export const keys = <S extends z.core.$ZodLooseShape>(shape: S) => z.strictObject(shape);

/** A config group, or a mapping within one, with its meaning; built at its first use. */
export function group<T extends z.ZodType>(
  description: string,
  build: () => T,
): z.ZodLazy<z.ZodReadonly<T>> {
  const lazy = z.lazy(() => build().readonly());
  // Asked whether a key may be left out, zod looks at what is behind it, and so would build groups
  // that a config does not have. A group never says it; what is around it does.
  Object.defineProperties(lazy._zod, { optin: { value: undefined }, optout: { value: undefined } });
  return described(lazy, { description });
}

/** Part of a config of the reference platform that names what only its Python side uses. */
export const unused = "the reference platform's; no effect here";

/** What a launcher asks a queue for, or starts: there is none but `local`, and others are refused. */
export const ofLaunchers = "for launchers other than local; no effect here";
