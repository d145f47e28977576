import { join } from "node:path";
import { openGroup, readMultiscales, type ZarrArray } from "@cell-observatory/zarr";
import { DataError } from "../../images/index.ts";
import { Remembered } from "./remembered.ts";

/** The array of a labels image, and its axes. */
interface LabelArray {
  readonly array: ZarrArray;
  readonly axes: string;
}

/**
 * What OME-Zarr says of labels: their array, and the class of each instance. A class is the number
 * `class` (or `class_id`) in the `properties` of its `image-label`; an instance without one is of
 * class 0.
 *
 * Source: ngff.openmicroscopy.org, specification 0.4 and 0.5, "labels", "properties".
 */
export class InstanceClasses {
  readonly #arrays = new Remembered<LabelArray>();
  readonly #classes = new Remembered<(id: number) => number>();

  /** @param folder - of a labels image; `open` opens its finest array. */
  labelArray(
    folder: string,
    open: (path: string) => Promise<ZarrArray>,
    signal: AbortSignal | undefined,
  ): Promise<LabelArray> {
    const find = async () => {
      const { axes, datasets } = await readMultiscales(folder);
      const array = await open(join(folder, datasets[0]?.path ?? "0"));
      return { array, axes: axes.map(({ name }) => name.toUpperCase()).join("") };
    };
    return this.#arrays.get(folder, find, signal);
  }

  of(folder: string): Promise<(id: number) => number> {
    return this.#classes.get(folder, async () => {
      const { attributes } = await openGroup(folder);
      const { "image-label": inside } = Object(attributes.ome);
      const { properties } = Object(inside ?? attributes["image-label"]);
      const classes = new Map<number, number>();
      for (const property of Array.isArray(properties) ? properties : []) {
        const { "label-value": id, class: named, class_id = named } = Object(property);
        if (class_id === undefined) continue;
        if (!Number.isSafeInteger(class_id) || class_id < 0 || class_id > 0x7fff_ffff) {
          const message = `${folder}: label ${id} has the class ${JSON.stringify(class_id)}; expected a whole number from 0 to 2^31 - 1`;
          throw new DataError("DATA_LABELS", message);
        }
        classes.set(Number(id), class_id);
      }
      return (id) => classes.get(id) ?? 0;
    });
  }
}
