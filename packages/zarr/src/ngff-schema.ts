// What OME-Zarr metadata must look like to be taken, and the numbers of its transformations.

import { z } from "zod";
import { ZarrError } from "./errors.ts";

/** A path to a node below its group: never out of it. */
const nodePath = z
  .string()
  .min(1)
  .max(1024)
  .refine((path) => path.split(/[/\\]/).every((part) => !["", ".", ".."].includes(part)), {
    error: "expected a path below the group, without . or .. in it",
  });

const numbers = z.array(z.number()).min(1).max(5);

const transformations = z
  .array(
    z.discriminatedUnion("type", [
      z.object({ type: z.literal("scale"), scale: numbers }),
      z.object({ type: z.literal("translation"), translation: numbers }),
      z.object({ type: z.literal("identity") }),
    ]),
  )
  .max(2);
type Transformations = z.infer<typeof transformations>;

const axis = z.object({
  name: z.string().min(1),
  type: z.enum(["time", "channel", "space"]).optional(),
  unit: z.string().optional(),
});

export const imageSchema = z.object({
  multiscales: z
    .tuple([
      z.object({
        name: z.string().optional(),
        axes: z.array(axis).min(2).max(5),
        datasets: z
          .array(z.object({ path: nodePath, coordinateTransformations: transformations }))
          .min(1)
          .max(64),
        coordinateTransformations: transformations.optional(),
      }),
    ])
    .rest(z.unknown()),
  omero: z
    .object({ channels: z.array(z.object({ label: z.string().optional() })).optional() })
    .optional(),
});

export const labelsSchema = z.object({ labels: z.array(nodePath).max(65_536).default([]) });

export interface Placed {
  readonly scale: readonly number[];
  readonly translation: readonly number[];
}

/** Scale and translation of every axis, checked against their number. */
export function placed(list: Transformations, numAxes: number, path: string): Placed {
  let scale: readonly number[] = new Array<number>(numAxes).fill(1);
  let translation: readonly number[] = new Array<number>(numAxes).fill(0);
  for (const step of list) {
    if (step.type === "scale") scale = ofAxes(step.scale, numAxes, path);
    if (step.type === "translation") translation = ofAxes(step.translation, numAxes, path);
  }
  return { scale, translation };
}

function ofAxes(values: readonly number[], numAxes: number, path: string): readonly number[] {
  if (values.length === numAxes) return values;
  const found = `[${values.join(", ")}]`;
  const message = `${path}: expected a number for each of ${numAxes} axes, found ${found}`;
  throw new ZarrError("NGFF_METADATA", message, { path });
}

/** What `schema` makes of a value, or NGFF_METADATA. */
export function parsed<T>(schema: z.ZodType<T>, value: unknown, path: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const message = `${path}: expected OME-Zarr metadata: ${z.prettifyError(result.error)}`;
  throw new ZarrError("NGFF_METADATA", message, { path, cause: result.error });
}
