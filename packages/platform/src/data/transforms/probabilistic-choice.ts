import { Tensor } from "@cell-observatory/engine";
import { TransformError } from "./transform-error.ts";
import type { Draws, Transform, Views } from "./views.ts";

/** Applies just one of several transforms to each sample, drawn by their probabilities. */
export function probabilisticChoice(
  name: string,
  {
    transforms,
    probs,
  }: { readonly transforms: readonly Transform[]; readonly probs: readonly number[] },
): Transform {
  return {
    name,
    apply(views, draws) {
      const chosen = draws.rows.map((stream) => indexAt(probs, stream.uniform()));
      const [first = 0] = chosen;
      if (chosen.every((choice) => choice === first)) {
        return transforms[first]?.apply(views, draws) ?? views;
      }
      const groups = transforms.flatMap((transform, choice) => {
        const rows = chosen.flatMap((one, b) => (one === choice ? [b] : []));
        if (rows.length === 0) return [];
        const part = transform.apply(rowsOf(views, rows), drawsOf(draws, rows));
        return [{ rows, part }];
      });
      return joined(views, groups);
    },
  };
}

/** Which part of [0, 1) a number falls into; the last takes what rounding leaves. */
function indexAt(probs: readonly number[], at: number): number {
  let sum = 0;
  const found = probs.findIndex((probability) => {
    sum += probability;
    return at < sum;
  });
  return found === -1 ? probs.findLastIndex((probability) => probability > 0) : found;
}

const drawsOf = ({ rows, batch }: Draws, which: readonly number[]): Draws => ({
  rows: rows.filter((_, b) => which.includes(b)),
  batch,
});

function rowsOf(views: Views, rows: readonly number[]): Views {
  const index = (x: Tensor) => Tensor.from(BigInt64Array.from(rows, BigInt), { device: x.device });
  const chosen = (x: Tensor | null) => x?.indexSelect(0, index(x)) ?? null;
  const image = views.image.indexSelect(0, index(views.image));
  return {
    image,
    clean: views.clean === views.image ? image : chosen(views.clean),
    labels: chosen(views.labels),
    valid: chosen(views.valid),
    validSizes: views.validSizes.filter((_, b) => rows.includes(b)),
    objects: views.objects?.filter((_, b) => rows.includes(b)) ?? null,
  };
}

interface Group {
  readonly rows: readonly number[];
  readonly part: Views;
}

/** Rows back in their places; all groups must have come out in one shape. */
function joined(views: Views, groups: readonly Group[]): Views {
  const shapes = new Set(groups.map(({ part }) => part.image.shape.slice(1).join(" x ")));
  if (shapes.size > 1) {
    throw new TransformError(
      `samples of one batch must have one shape, and the transforms to choose from give ${[...shapes].join(" and ")}`,
      "Let all transforms of a probabilistic_choice end in the same target_spatial_shape.",
    );
  }
  const merged = (of: (part: Views) => Tensor | null) => {
    const parts = groups.map(({ part }) => of(part));
    const [first] = parts;
    if (first === null || first === undefined) return null;
    const out = Tensor.empty([views.validSizes.length, ...first.shape.slice(1)], {
      dtype: first.dtype,
      device: first.device,
    });
    groups.forEach(({ rows }, g) => {
      rows.forEach((b, i) => {
        const part = parts[g];
        if (part) out.select(0, b).copy_(part.select(0, i));
      });
    });
    return out;
  };
  const listed = <T>(of: (part: Views) => readonly T[] | null): readonly T[] => {
    const all: T[] = [];
    for (const { rows, part } of groups) {
      const list = of(part);
      rows.forEach((b, i) => {
        const value = list?.[i];
        if (value !== undefined) all[b] = value;
      });
    }
    return all;
  };
  const image = merged(({ image }) => image);
  if (image === null) return views;
  return {
    image,
    clean: groups.every(({ part }) => part.clean === part.image)
      ? image // nothing has parted them: no noise was added
      : merged(({ clean }) => clean),
    labels: merged(({ labels }) => labels),
    valid: merged(({ valid }) => valid),
    validSizes: listed(({ validSizes }) => validSizes),
    objects: views.objects && listed(({ objects }) => objects),
  };
}
