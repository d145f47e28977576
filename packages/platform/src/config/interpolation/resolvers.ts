import type { ScalarValue } from "../node.ts";

/** What a resolver may look at: nothing but this. */
export interface ResolverContext {
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A function that a config may call; it returns data, or the reason why it cannot. */
export type ResolverFunction = (
  args: readonly ScalarValue[],
  context: ResolverContext,
) => { readonly value: ScalarValue } | { readonly fault: string };

/** Every function that a config may call, by its name. There is no other way to run anything. */
export const resolvers: Readonly<Record<string, ResolverFunction>> = { "oc.env": environment };

/** `${oc.env:NAME}` and `${oc.env:NAME,default}`: always text, as in OmegaConf. */
function environment([name, fallback]: readonly ScalarValue[], { env }: ResolverContext) {
  if (typeof name !== "string") return { fault: "expected the name of an environment variable" };
  const found = env[name];
  if (found !== undefined) return { value: found };
  if (fallback === undefined) {
    return { fault: `the environment has no ${name}, and no default is given` };
  }
  return { value: fallback === null ? null : String(fallback) };
}
