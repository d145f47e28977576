// OME-Zarr metadata (NGFF 0.4 and 0.5): images at several scales, and labels.
// Source: ngff.openmicroscopy.org, specification 0.4 and 0.5, "multiscales", "omero", "labels".

import { resolve } from "node:path";
import { z } from "zod";
import { isObject, type JsonObject } from "./documents.ts";
import { ZarrError } from "./errors.ts";
import { createGroup, findGroup, openGroup, type ZarrGroup } from "./group.ts";
import { micrometresPer, secondsPer } from "./units.ts";

export type NgffVersion = "0.4" | "0.5";

export interface Axis {
  readonly name: string;
  readonly type?: "time" | "channel" | "space" | undefined;
  /** As it is written in the file: "micrometer", "second". */
  readonly unit?: string | undefined;
}

/** One scale of an image: an array, and where its elements lie in the axes' units. */
export interface Dataset {
  /** Relative to the group. */
  readonly path: string;
  /** Distance between neighbouring elements, per axis. */
  readonly scale: readonly number[];
  /** Position of the first element's centre, per axis. */
  readonly translation: readonly number[];
}

export interface Multiscales {
  readonly version: NgffVersion;
  readonly name?: string | undefined;
  readonly axes: readonly Axis[];
  /** From the finest to the coarsest. */
  readonly datasets: readonly Dataset[];
  /** One for each channel, when the file names them. */
  readonly channelNames?: readonly string[] | undefined;
}

/**
 * Reads what a group says about the image in it: the first of its multiscales.
 *
 * @throws {@link ZarrError} NGFF_METADATA, ZARR_OPEN when no group is there, ZARR_IO
 */
export async function readMultiscales(path: string): Promise<Multiscales> {
  const group = await openGroup(path);
  const { version, ome } = omeOf(group);
  const { multiscales, omero } = parsed(imageSchema, ome, group.path);
  const [image] = multiscales;
  const { name, axes, datasets, coordinateTransformations } = image;
  const whole =
    coordinateTransformations && placed(coordinateTransformations, axes.length, group.path);
  const channelNames = omero?.channels?.map(({ label }, index) => label ?? `channel ${index}`);
  return {
    version,
    axes,
    datasets: datasets.map((dataset) => {
      const { scale, translation } = placed(
        dataset.coordinateTransformations,
        axes.length,
        group.path,
      );
      return {
        path: dataset.path,
        scale: scale.map((step, axis) => step * (whole?.scale[axis] ?? 1)),
        translation: translation.map(
          (start, axis) => start * (whole?.scale[axis] ?? 1) + (whole?.translation[axis] ?? 0),
        ),
      };
    }),
    ...(name !== undefined && { name }),
    ...(channelNames && { channelNames }),
  };
}

/**
 * Writes what a group says about the image in it; makes the group when there is none. Its other
 * attributes stay. Version 0.4 goes with Zarr v2, and 0.5 with v3.
 *
 * @throws {@link ZarrError} NGFF_METADATA for metadata that the specification refuses, ZARR_IO
 */
export async function writeMultiscales(path: string, image: Multiscales): Promise<ZarrGroup> {
  const { version, name, axes, datasets, channelNames } = image;
  const written = {
    ...(version === "0.4" && { version }),
    ...(name !== undefined && { name }),
    axes,
    datasets: datasets.map(({ path, scale, translation }) => ({
      path,
      coordinateTransformations: [
        { type: "scale", scale },
        { type: "translation", translation },
      ],
    })),
  };
  const channels = channelNames?.map((label) => ({ label, active: true }));
  const ome = { multiscales: [written], ...(channels && { omero: { channels } }) };
  const folder = resolve(path);
  for (const dataset of parsed(imageSchema, ome, folder).multiscales[0].datasets) {
    placed(dataset.coordinateTransformations, axes.length, folder);
  }
  return writeOme(folder, version, ome);
}

/**
 * The names of the label images of an image, which are groups in its group `labels`. None when it
 * has no such group.
 *
 * @throws {@link ZarrError} NGFF_METADATA
 */
export async function readLabelNames(path: string): Promise<readonly string[]> {
  const group = await findGroup(resolve(path, "labels"));
  if (group === undefined) return [];
  return parsed(labelsSchema, omeOf(group).ome, group.path).labels;
}

/** Writes the group `labels` of an image, with the names of the label images in it. */
export async function writeLabelNames(
  path: string,
  names: readonly string[],
  version: NgffVersion,
): Promise<ZarrGroup> {
  const folder = resolve(path, "labels");
  return writeOme(folder, version, parsed(labelsSchema, { labels: names }, folder));
}

/**
 * The edges of a voxel along (z, y, x), in micrometres, at one of the image's scales. An image of
 * two axes has no z: its voxel is 1 high.
 *
 * @throws {@link ZarrError} NGFF_METADATA for a unit that is no length
 */
export function voxelSizeUm(
  { axes, datasets }: Multiscales,
  scaleIndex = 0,
): readonly [z: number, y: number, x: number] {
  const dataset = datasets[scaleIndex];
  const edge = (name: string) => {
    const axis = axes.findIndex((candidate) => candidate.name === name);
    const { unit = "micrometer" } = axes[axis] ?? {};
    const um = micrometresPer(unit);
    if (um !== undefined) return (dataset?.scale[axis] ?? 1) * um;
    const expected = "a unit of length that OME-Zarr lists, such as micrometer";
    throw new ZarrError("NGFF_METADATA", `expected ${expected}, found ${unit}`);
  };
  return [edge("z"), edge("y"), edge("x")];
}

/**
 * Seconds from one frame to the next, at one of the image's scales; null when the image does not
 * say: it has no time, or that has no unit, or none that OME-Zarr lists (such as "frame").
 */
export function frameIntervalS({ axes, datasets }: Multiscales, scaleIndex = 0): number | null {
  const axis = axes.findIndex(({ name }) => name === "t");
  const seconds = secondsPer(axes[axis]?.unit ?? "");
  const steps = datasets[scaleIndex]?.scale[axis];
  return seconds === undefined || steps === undefined ? null : steps * seconds;
}

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

const imageSchema = z.object({
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

const labelsSchema = z.object({ labels: z.array(nodePath).max(65_536).default([]) });

/** Scale and translation of every axis, checked against their number. */
function placed(list: Transformations, numAxes: number, path: string): Omit<Dataset, "path"> {
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

/** 0.5 keeps everything under one attribute; 0.4 keeps it among the group's own. */
function omeOf({ attributes }: ZarrGroup): { version: NgffVersion; ome: JsonObject } {
  const { ome } = attributes;
  return isObject(ome) ? { version: "0.5", ome } : { version: "0.4", ome: attributes };
}

async function writeOme(path: string, version: NgffVersion, ome: JsonObject): Promise<ZarrGroup> {
  const zarrFormat = version === "0.5" ? 3 : 2;
  const before = (await findGroup(path))?.attributes ?? {};
  const old = isObject(before.ome) ? before.ome : {};
  const attributes =
    version === "0.5" ? { ...before, ome: { ...old, version, ...ome } } : { ...before, ...ome };
  return createGroup(path, { attributes, zarrFormat });
}

function parsed<T>(schema: z.ZodType<T>, value: unknown, path: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const message = `${path}: expected OME-Zarr metadata: ${z.prettifyError(result.error)}`;
  throw new ZarrError("NGFF_METADATA", message, { path, cause: result.error });
}
