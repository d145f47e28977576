/** One `--flag` of a verb. `value` is how the help shows what follows it: `--size EDGE`. */
export type Flag = {
  /** One letter, for `-m`. */
  readonly short?: string;
} & (
  | {
      readonly kind: "switch";
      readonly help: string;
      /** A second name, without the dashes. */
      readonly alias?: string;
    }
  | {
      readonly kind: "text";
      readonly help: string;
      readonly value: string;
      readonly default?: string;
    }
  | {
      /** May be given several times; what a verb gets is a list, in their order. */
      readonly kind: "texts";
      readonly help: string;
      readonly value: string;
    }
  | {
      readonly kind: "choice";
      readonly help: string;
      readonly choices: readonly string[];
      readonly default?: string;
    }
  | {
      readonly kind: "integer" | "number";
      readonly help: string;
      readonly value: string;
      readonly min?: number;
      readonly max?: number;
      readonly default?: number;
    }
);

/** Flags by their name in kebab-case, without the dashes. */
export type Flags = Readonly<Record<string, Flag>>;

type Given<F extends Flag> = F extends { kind: "switch" }
  ? boolean
  : F extends { kind: "integer" | "number" }
    ? number
    : F extends { kind: "texts" }
      ? readonly string[]
      : F extends { choices: readonly (infer Choice)[] }
        ? Choice
        : string;

/** What a verb gets for its flags; undefined where a flag has no default and was not given. */
export type FlagValues<F extends Flags> = {
  readonly [Name in keyof F]: F[Name] extends { kind: "switch" | "texts" } | { default: unknown }
    ? Given<F[Name]>
    : Given<F[Name]> | undefined;
};

/** What a verb gets when none of its flags is given. */
export function usualValues<F extends Flags>(flags: F): FlagValues<F> {
  const values = Object.entries(flags).map(([name, flag]) => [name, usualValue(flag)]);
  return Object.fromEntries(values) as FlagValues<F>; // one for each, of its kind
}

function usualValue(flag: Flag): unknown {
  if (flag.kind === "switch") return false;
  return flag.kind === "texts" ? [] : flag.default;
}
