import { CellError } from "../../errors/index.ts";
import { compose, composeTree, composeWritten } from "../compose.ts";
import { defaultsTreeText } from "../defaults/defaults-tree-text.ts";
import { Faults } from "../faults/faults.ts";
import { evaluate } from "../interpolation/eval/evaluate.ts";
import { ResolverFault } from "../interpolation/resolver-fault.ts";
import { isFloat, keyText, type Node } from "../node/node.ts";
import { floatRepr } from "../node/python-text.ts";
import { expandSweepLines } from "../override/expand-sweeps.ts";
import { SearchPath } from "../search/search-path.ts";
import { readPlainScalar } from "../yaml/yaml-scalar.ts";
import { sweeperParams } from "./hydra-node.ts";

/** What both composers are given: tools/reference/hydra_compose.py says what each kind is. */
export interface HydraCase {
  readonly title: string;
  readonly kind?: "compose" | "sweep" | "tree" | "scalar" | "eval";
  readonly folder: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly name?: string;
  readonly overrides?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Of a scalar, and of an expression. */
  readonly text?: string;
  readonly version_base?: string;
}

/** A value, with floats as {"float": text}, or why there is none. */
export interface Answer {
  readonly value?: unknown;
  readonly refused?: string;
}

/** What ours makes of a case. Anything but one of our own errors is thrown: it is a fault. */
export function answerOf(one: HydraCase): Answer {
  try {
    return { value: valueIn(one) };
  } catch (error) {
    if (error instanceof CellError) return { refused: `${error.code}: ${error.message}` };
    if (error instanceof ResolverFault) return { refused: error.message };
    throw error;
  }
}

function valueIn({ kind = "compose", folder, text = "", ...rest }: HydraCase): unknown {
  if (kind === "eval") return comparable(evaluate(text, here));
  if (kind === "scalar") {
    const read = readPlainScalar(text === "''" ? "" : text);
    if ("fault" in read) throw new ResolverFault(read.fault);
    return comparable({ kind: "scalar", ...(text === "''" ? { value: "" } : read), source: here });
  }
  const { name: configName = "config", overrides = [], env = {} } = rest;
  const searchPath = new SearchPath([folder]);
  const request = { searchPath, configName, overrides, env: { ...env, CELLO_TEST_ROOT: folder } };
  if (kind === "tree") return defaultsTreeText(composeTree(request));
  if (kind === "compose") return comparable(compose(request).resolved);
  const { hydra } = composeWritten({ ...request, isMaster: true });
  const options = (group: string) => searchPath.options(group);
  const lines = [...sweeperParams(hydra), ...overrides];
  const faults = new Faults();
  return faults.finish(configName, () =>
    expandSweepLines(lines, { options, random: Math.random, faults }),
  );
}

const here = { kind: "override", text: "" } as const;

/** As `plain` of tools/reference/hydra_compose.py. */
function comparable(node: Node): unknown {
  if (node.kind === "list") return node.items.map(comparable);
  if (node.kind === "map") {
    const entries = [...node.entries].map(([key, { node: child }]) => [
      keyText(key),
      comparable(child),
    ]);
    return Object.fromEntries(entries);
  }
  const { value } = node;
  return typeof value === "number" && isFloat(node) ? { float: floatRepr(value) } : value;
}
