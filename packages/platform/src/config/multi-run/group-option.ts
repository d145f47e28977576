import { dirname } from "node:path";
import type { OpenComposition } from "../compose.ts";
import { ConfigNotFoundError } from "../faults/errors.ts";
import { didYouMean } from "../faults/nearest.ts";
import { fromPlain, keyText, type MapNode, type Node, nodeAt } from "../node/node.ts";
import type { Source } from "../node/source.ts";
import type { SearchPath } from "../search/search-path.ts";

interface GroupOption {
  /** "clusters", or "models.heads". */
  readonly group: string;
  /** `local` of the group clusters, or `clusters/local`, or `configs/clusters/local.yaml`. */
  readonly option: string;
  readonly source: Source;
}

interface Options {
  readonly base: OpenComposition;
  readonly compose: (configName: string, source: Source) => OpenComposition;
  readonly searchPath: Pick<SearchPath, "hasGroup" | "groups">;
}

/**
 * `{ clusters: clusters/local }`: nothing of what the config had in the group stays, and what the
 * option says of other groups is merged over them.
 *
 * @throws ConfigNotFoundError where there is no such group or option, or the option is of no group.
 */
export function withGroup(
  config: MapNode,
  { group, option, source }: GroupOption,
  { base, compose, searchPath }: Options,
): MapNode {
  const path = group.split(/[./]/).filter((part) => part !== "");
  const isPath = option.includes("/");
  if (!isPath && !searchPath.hasGroup(path.join("/"))) {
    const near = didYouMean(path.at(-1) ?? "", searchPath.groups(path.slice(0, -1).join("/")));
    throw new ConfigNotFoundError(`there is no group ${group}${near}`, hint, source);
  }
  const name = isPath ? option : `${path.join("/")}/${option}`;
  const { written } = compose(name, source);
  const folder = dirname(name.replace(/^configs\//, "")).split("/");
  const own = [path, folder].find((place) => nodeAt(written, place) !== undefined);
  const value = own && nodeAt(written, own);
  if (own === undefined || value === undefined) {
    const keys = [...written.entries.keys()].map(keyText).join(", ");
    const message = `${name} says nothing of ${group}, and is about ${keys}`;
    throw new ConfigNotFoundError(message, "Write such keys in overrides.", source);
  }
  return base.merge(replaceAt(config, path, value), withoutKey(written, own));
}

const hint = "defaults_overrides holds `- GROUP: OPTION`, as in `- clusters: clusters/local`.";

function withoutKey(node: MapNode, [key = "", ...rest]: readonly string[]): MapNode {
  const entries = new Map(node.entries);
  const child = entries.get(key);
  entries.delete(key);
  if (rest.length > 0 && child?.node.kind === "map") {
    const inner = withoutKey(child.node, rest);
    if (inner.entries.size > 0) entries.set(key, { ...child, node: inner });
  }
  return { ...node, entries };
}

function replaceAt(node: MapNode, [key = "", ...rest]: readonly string[], value: Node): MapNode {
  const before = node.entries.get(key);
  const inner = before?.node.kind === "map" ? before.node : fromPlain({}, value.source);
  const child = rest.length === 0 ? value : replaceAt(inner as MapNode, rest, value);
  const entries = new Map(node.entries);
  entries.set(key, { keySource: before?.keySource ?? value.source, node: child });
  return { ...node, entries };
}
