import { hasText } from "../node/has-text.ts";
import { childrenOf, isNull, type MapNode, type Node, nodeAt } from "../node/node.ts";
import { showSource } from "../node/source.ts";
import { isHydrasOwn } from "./hydra-defaults.ts";

/** Keys of `hydra` that change what a run does in Hydra and nothing here, with what does it here. */
const insteads = [
  { keys: ["run.dir"], isFolder: true, instead: "the folder of a run is paths.outdir" },
  {
    keys: ["sweep.dir", "sweep.subdir"],
    isFolder: true,
    instead: "the runs of a sweep are called after their values, beside paths.outdir",
  },
  { keys: ["job.chdir"], instead: "a run stays in the folder where it is started" },
  { keys: ["job.env_set"], instead: "variables stand in .env, or in the environment" },
  { keys: ["mode"], instead: "-m makes several runs" },
  { keys: ["callbacks"], instead: "nothing of Python is called" },
  { keys: ["launcher"], instead: "runs go one after the other, on this machine" },
  { keys: ["sweeper"], instead: "-m runs every combination of the values" },
] as const;

/** A sentence for each that somebody has set, with its place; Hydra's users rely on them. */
export function warningsWithoutEffect(
  hydra: MapNode,
  written: MapNode,
  choices: ReadonlyMap<string, string | null>,
): readonly string[] {
  return insteads.flatMap(({ keys, instead, ...rest }) => {
    if ("isFolder" in rest && hasText(written, /\$\{hydra:/)) return []; // as paths.outdir=${hydra:run.dir}
    return keys.flatMap((key) => {
      const place = choices.has(`hydra/${key}`)
        ? chosenOption(key, choices)
        : settingOf(nodeAt(hydra, key.split(".")));
      return place === null ? [] : [`${place}: hydra.${key} has no effect here; ${instead}`];
    });
  });
}

/** Launchers and sweepers are chosen; the usual ones do here what they do in Hydra. */
function chosenOption(key: string, choices: ReadonlyMap<string, string | null>): string | null {
  const option = choices.get(`hydra/${key}`) ?? "basic";
  return option === "basic" ? null : `hydra/${key}: ${option}`;
}

/** Where somebody gave it a value; null where it is as Hydra brings it, or empty. */
function settingOf(node: Node | undefined): string | null {
  if (node === undefined || isNull(node) || isHydrasOwn(node.source)) return null;
  if (node.kind === "scalar") return node.value === false ? null : showSource(node.source);
  const [first] = childrenOf(node);
  return first === undefined ? null : showSource(first.source);
}
