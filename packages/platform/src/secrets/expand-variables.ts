import type { Binding } from "./parse-dotenv.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The values of a file with `${NAME}` and `${NAME:-default}` replaced, as python-dotenv does: by the
 * environment, or else by what stands above in the file, or else by the default, or by nothing.
 * `$NAME` without braces is text.
 *
 * Source: python-dotenv 1.2 `dotenv/variables.py`, and `resolve_variables` without `override`.
 */
export function expandVariables(
  bindings: readonly Binding[],
  environment: Environment,
): ReadonlyMap<string, string | null> {
  const values = new Map<string, string | null>();
  for (const { name, value } of bindings) {
    const expanded = value?.replaceAll(
      /\$\{([^}:]*)(?::-([^}]*))?\}/g,
      (_, wanted: string, fallback: string | undefined) => {
        const given = Object.hasOwn(environment, wanted) ? environment[wanted] : undefined;
        return given ?? (values.has(wanted) ? (values.get(wanted) ?? "") : (fallback ?? ""));
      },
    );
    values.set(name, expanded ?? null);
  }
  return values;
}
