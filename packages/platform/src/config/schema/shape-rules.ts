import type { RunKeys } from "./run-keys.ts";
import { transformedSize } from "./transformed-size.ts";
import { isSame } from "./value-at.ts";

/** Says that the value at a path is at fault. */
export type Fault = (path: string, message: string) => void;

/** The hypercube has the layout's axes; what the model sees of it divides into patches along each. */
export function checkShapes(
  { dataset_layout_order: layout, datasets, models }: RunKeys,
  fault: Fault,
) {
  const { input_shape, patch_shape, train_shape } = datasets;
  const seen = train_shape ?? input_shape;
  const axes = layout.slice(0, -1);
  const numbers = `needs ${layout.length} numbers, one for each axis of ${layout}`;
  if (input_shape.length !== layout.length) fault("datasets.input_shape", numbers);
  else if (seen.length !== layout.length) fault("datasets.train_shape", numbers);
  else if (patch_shape.length !== layout.length - 1) {
    fault("datasets.patch_shape", `needs ${axes.length} numbers, one for each axis of ${axes}`);
  } else {
    checkSeen({ layout, datasets }, fault);
    patch_shape.forEach((edge, axis) => {
      const size = seen[axis] ?? 0;
      if (size % edge !== 0) {
        const message = `${edge} does not divide ${size}, the size along ${layout[axis]}`;
        fault("datasets.patch_shape", message);
      }
    });
  }
  const { mae } = models.meta_arch;
  if (mae !== undefined && !isSame(mae.input_shape, seen)) {
    const message = `must be what the model sees, ${JSON.stringify(seen)}`;
    fault("models.meta_arch.mae.input_shape", message);
  }
}

/** Transforms end in the sizes that the model sees; only space can change on the way. */
function checkSeen(
  { layout, datasets }: { readonly layout: string; readonly datasets: RunKeys["datasets"] },
  fault: Fault,
) {
  const { input_shape, train_shape = input_shape, preprocessor, transforms } = datasets;
  for (const axis of ["T", "C"]) {
    const [read, seen] = [input_shape, train_shape].map((sizes) => sizes[layout.indexOf(axis)]);
    if (read === seen) continue;
    fault(
      "datasets.train_shape",
      `must have ${axis}=${read}, as datasets.input_shape has: transforms change space alone`,
    );
  }
  const spaceOf = (sizes: readonly number[]) => {
    const [z = 1, y = 1, x = 1] = ["Z", "Y", "X"].map((axis) => sizes[layout.indexOf(axis)] ?? 1);
    return [z, y, x] as const;
  };
  const list = [...(transforms?.transforms_list ?? []), ...(preprocessor.transforms_list ?? [])];
  const found = transformedSize(list, spaceOf(input_shape));
  const wanted = spaceOf(train_shape);
  if (isSame(found, wanted)) return;
  const ending = found === null ? "a size that is drawn" : JSON.stringify(found);
  const message = `the model sees ${JSON.stringify(wanted)} (Z Y X), and the transforms end in ${ending}: crop or resize to the one, or set train_shape to the other`;
  fault("datasets.train_shape", message);
}
