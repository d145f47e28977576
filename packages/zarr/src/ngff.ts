// OME-Zarr metadata (NGFF 0.4 and 0.5): images at several scales, and labels.
// Source: ngff.openmicroscopy.org, specification 0.4 and 0.5, "multiscales", "omero", "labels".

import { resolve } from "node:path";
import { isObject, type JsonObject } from "./documents.ts";
import { createGroup, findGroup, openGroup, type ZarrGroup } from "./group.ts";
import { imageSchema, labelsSchema, parsed, placed } from "./ngff-schema.ts";

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
