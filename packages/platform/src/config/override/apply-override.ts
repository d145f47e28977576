import { ConfigOverrideError } from "../faults/errors.ts";
import { didYouMean } from "../faults/nearest.ts";
import { mergeMaps, type Referred } from "../node/merge.ts";
import {
  emptyMap,
  isMissing,
  isNull,
  keyText,
  type ListNode,
  type MapNode,
  type Node,
  nodeAt,
} from "../node/node.ts";
import { addingHint, notThere } from "./not-there.ts";
import type { Override } from "./parse-override.ts";
import { type TakeAwayOptions, takeAway } from "./take-away.ts";

interface ApplyOptions extends TakeAwayOptions {
  /** Keys that `a.b=1` may set though no file has them, since a schema does. */
  readonly knownKeys: () => readonly string[];
  readonly referred: Referred;
}

/**
 * The config after one override of a key.
 *
 * `a=1` changes what is there, `+a=1` adds what is not, `++a=1` does either, `~a` takes away; a
 * mapping is merged into the one that is there, and only `+` and `++` bring new keys in it.
 *
 * Source: Hydra 1.3 `ConfigLoaderImpl._apply_overrides_to_config`, OmegaConf 2.3 `update`.
 *
 * @throws {@link ConfigOverrideError} when there is nothing to change, or something to add over.
 */
export function applyOverride(config: MapNode, override: Override, options: ApplyOptions): MapNode {
  if (override.package !== null) {
    const message = `${override.key} is no group of the search path, so @ means nothing`;
    throw new ConfigOverrideError(
      override.text,
      message,
      "Take the @... away, or correct the group.",
    );
  }
  const path = override.key.split(".");
  const value: Node = override.value ?? { kind: "scalar", value: null, source: override.source };
  switch (override.operation) {
    case "change":
      ensureThere(config, path, override, options);
      if (value.kind === "map") ensureNoNewKeys(nodeAt(config, path), value, override, options);
      return set(config, path, value, { override, options });
    case "add": {
      const present = options.resolved(config, path);
      if (value.kind === "scalar" && present && !isNull(present) && !isMissing(present)) {
        throw alreadyThere(override);
      }
      return set(config, path, value, { override, options });
    }
    case "force-add":
      return set(config, path, value, { override, options });
    case "delete":
      return takeAway(config, path, override, options);
    default:
      return override.operation satisfies never;
  }
}

function ensureThere(
  config: MapNode,
  path: readonly string[],
  override: Override,
  { knownKeys }: ApplyOptions,
): void {
  if (nodeAt(config, path) !== undefined || knownKeys().includes(override.key)) return;
  throw notThere(config, path, override, knownKeys());
}

/** `a={b: 1}` may change b, and not bring it. */
function ensureNoNewKeys(
  current: Node | undefined,
  value: MapNode,
  override: Override,
  { knownKeys }: Pick<ApplyOptions, "knownKeys">,
  path = override.key,
): void {
  if (current?.kind !== "map") return;
  for (const [key, { node }] of value.entries) {
    const inner = `${path}.${key}`;
    const old = current.entries.get(key)?.node;
    if (old === undefined && !knownKeys().some((known) => isWithin(known, inner))) {
      const advice = didYouMean(key, current.entries.keys());
      const message = `${path} has no key ${keyText(key)}${advice}`;
      throw new ConfigOverrideError(override.text, message, addingHint(override));
    }
    if (node.kind === "map") ensureNoNewKeys(old, node, override, { knownKeys }, inner);
  }
}

const isWithin = (known: string, path: string) => known === path || known.startsWith(`${path}.`);

interface Setting {
  readonly override: Override;
  readonly options: ApplyOptions;
}

/** `config` with `value` at `path`; mappings that are not there are made. */
function set(config: MapNode, path: readonly string[], value: Node, setting: Setting): MapNode {
  return setIn(config, path, [], value, { ...setting, config }) as MapNode;
}

function setIn(
  node: Node,
  [key, ...rest]: readonly string[],
  above: readonly string[],
  value: Node,
  setting: Setting & { readonly config: MapNode },
): Node {
  if (key === undefined) return over(node, value, above, setting);
  if (node.kind === "list") {
    const at = indexOf(node, key, setting.override);
    const items = node.items.map((item, i) =>
      i === at ? setIn(item, rest, [...above, key], value, setting) : item,
    );
    return { ...node, items };
  }
  const map = node.kind === "map" ? node : emptyMap(value.source);
  const old = map.entries.get(key);
  const child =
    old === undefined && rest.length === 0
      ? value
      : setIn(old?.node ?? emptyMap(value.source), rest, [...above, key], value, setting);
  const entry = { keySource: old?.keySource ?? value.source, node: child };
  return { ...map, entries: new Map([...map.entries, [key, entry]]) };
}

/** Mappings are merged; a list in place of a mapping is a slip. */
function over(
  current: Node,
  value: Node,
  path: readonly string[],
  { override, options, config }: Setting & { readonly config: MapNode },
): Node {
  if (value.kind === "scalar" || current.kind === "scalar") return value;
  if (value.kind !== current.kind) {
    const message = `${path.join(".")} is a ${named[current.kind]}, and this is a ${named[value.kind]}`;
    throw new ConfigOverrideError(override.text, message, "Take the key away with ~ first.");
  }
  if (value.kind !== "map" || current.kind !== "map") return value;
  return mergeMaps(current, value, (_, inner) =>
    options.referred(() => config, [...path, ...inner]),
  );
}

const named = { map: "mapping", list: "list" } as const;

function indexOf(list: ListNode, key: string, override: Override): number {
  if (/^\d+$/.test(key) && Number(key) < list.items.length) return Number(key);
  const message = `a list of ${list.items.length} has no item ${key}`;
  throw new ConfigOverrideError(override.text, message, "Items count from 0.");
}

function alreadyThere(override: Override) {
  return new ConfigOverrideError(
    override.text,
    `${override.key} is already there, and + only adds`,
    `Write ${override.text.slice(1)} to change it, or +${override.text} to do either.`,
  );
}
