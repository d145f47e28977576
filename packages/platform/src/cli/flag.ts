/** One `--flag` of a verb. `value` is how the help shows what follows it: `--size EDGE`. */
export type Flag =
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
    };

/** Flags by their name in kebab-case, without the dashes. */
export type Flags = Readonly<Record<string, Flag>>;

type Given<F extends Flag> = F extends { kind: "switch" }
  ? boolean
  : F extends { kind: "integer" | "number" }
    ? number
    : F extends { choices: readonly (infer Choice)[] }
      ? Choice
      : string;

/** What a verb gets for its flags; undefined where a flag has no default and was not given. */
export type FlagValues<F extends Flags> = {
  readonly [Name in keyof F]: F[Name] extends { kind: "switch" } | { default: unknown }
    ? Given<F[Name]>
    : Given<F[Name]> | undefined;
};
