import { withHash } from "./names-apart.ts";

/** One value of one key that differs between runs. */
export interface Varied {
  /** ["optimizers", "lr"] */
  readonly path: readonly string[];
  /** As Python writes it: 1e-05, True. */
  readonly value: string;
}

/** Of a run, and so of its folder. */
export const maxNameLength = 128;

/**
 * The name of a run of a sweep: `base_sweep_lr_0p001_sweep_batch_size_4`. The point of a number
 * becomes a `p`, and what no folder should have in its name a `-`. A key is named by its last part,
 * and by all of it where another key of the sweep ends alike.
 */
export function runName(base: string, varied: readonly Varied[]): string {
  const name = varied.reduce((name, { path, value }) => {
    const last = path.at(-1) ?? "";
    const isAlone = varied.filter((other) => other.path.at(-1) === last).length === 1;
    const key = isAlone ? last : path.join("_");
    return `${name}_sweep_${plain(key)}_${plain(withoutPoint(value))}`;
  }, base);
  return name.length <= maxNameLength ? name : shortened(name);
}

const withoutPoint = (value: string) =>
  /^-?\d*\.\d*(?:e[+-]?\d+)?$/.test(value) ? value.replace(".", "p") : value;

/** Without what no folder should have in its name; a minus stays in front of its number. */
const plain = (text: string) =>
  text
    .replace(/^[^A-Za-z0-9._-]+/, "")
    .replaceAll(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^-+/, "-")
    .replace(/-+$/, "");

/** Still another name for another run. */
const shortened = (name: string) => withHash(name, name, maxNameLength);
