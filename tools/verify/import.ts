// Images that NumPy and zarr-python write (any type, order and byte order), imported and compared
// voxel by voxel; percentiles and boxes of a catalogue against NumPy's.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openArray } from "@cell-observatory/zarr";
import { imageRows, importImage } from "../../packages/platform/src/images/index.ts";
import { command } from "../command.ts";
import type { Verification } from "../verify.ts";

const script = join(import.meta.dirname, "../reference/import_cases.py");

interface Case {
  readonly name: string;
  readonly kind: "npy" | "npz" | "zarr";
  readonly axes: string;
  readonly dtype: string;
  /** Along T C Z Y X. */
  readonly shape: readonly number[];
}

interface Row {
  readonly start: readonly number[];
  readonly cdf: readonly number[];
  readonly boxes: Readonly<Record<string, readonly number[]>>;
}

interface Cases {
  readonly cases: readonly Case[];
  readonly labelled: {
    readonly cube: readonly [number, number, number, number];
    readonly rows: readonly Row[];
  };
}

export const verification: Verification = {
  name: "import",
  async run({ python, seed }) {
    const folder = mkdtempSync(join(tmpdir(), "verify-import-"));
    try {
      const { code, output } = await command([python, script, folder, String(seed)]);
      if (code !== 0) throw new Error(`import_cases.py failed (exit ${code}):\n${output}`);
      const { cases, labelled }: Cases = JSON.parse(output.slice(output.lastIndexOf('{"cases"')));
      const wrong: string[] = [];
      for (const one of cases) {
        const fault = await faultOfImport(folder, one);
        if (fault !== null) wrong.push(`FAIL  ${one.name}.${one.kind} ${one.axes}: ${fault}`);
      }
      const ofRows = await faultsOfRows(folder, labelled);
      const all = [...wrong, ...ofRows.map((fault) => `FAIL  ${fault}`)];
      const total = cases.length + labelled.rows.length;
      const summary = `${cases.length} images and ${labelled.rows.length} hypercubes as NumPy has them`;
      return { passed: total - all.length, failed: all.length, lines: [...all, summary] };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

async function faultOfImport(
  folder: string,
  { name, kind, axes, dtype, shape }: Case,
): Promise<string | null> {
  const path = join(folder, `${name}.ome.zarr`);
  // Small memory: several boxes each.
  const options = { axes: kind === "zarr" ? null : axes, memoryBytes: 4096 };
  await importImage(join(folder, `${name}.${kind}`), path, options);
  const array = await openArray(join(path, "0"));
  if (array.dtype !== dtype) return `${array.dtype}, and not ${dtype}`;
  if (array.shape.join() !== shape.join()) return `${array.shape}, and not ${shape}`;
  const voxels = await array.read({ origin: shape.map(() => 0), shape });
  const bytes = Buffer.from(voxels.buffer, voxels.byteOffset, voxels.byteLength);
  return bytes.equals(readFileSync(join(folder, `${name}.tczyx`))) ? null : "other voxels";
}

async function faultsOfRows(
  folder: string,
  { cube, rows }: Cases["labelled"],
): Promise<readonly string[]> {
  const path = join(folder, "labelled.ome.zarr");
  await importImage(join(folder, "labelled.npy"), path, {
    axes: "TZYX",
    labels: join(folder, "labelled-mask.npy"),
  });
  await using found = await imageRows(path, {
    grids: [{ cubeShape: cube, stride: null }],
    home: folder,
    scans: join(folder, "scans"),
    memoryBytes: 2 ** 14,
  });
  const wanted = new Map(rows.map((row) => [row.start.join(), row]));
  const faults: string[] = [];
  for await (const row of found?.hypercubes() ?? []) {
    const start = [row.time_start, row.z_start, row.y_start, row.x_start].join();
    const right = wanted.get(start);
    wanted.delete(start);
    const cdf = [row.cdf_80, row.cdf_90, row.cdf_95, row.cdf_99].map(([first]) => first);
    if (cdf.join() !== right?.cdf.join()) faults.push(`${start}: ${cdf}, NumPy has ${right?.cdf}`);
    const boxes: Cases["labelled"]["rows"][number]["boxes"] =
      JSON.parse(row.mask_bbox_dict ?? '{"1":{}}')["1"] ?? {};
    const texts = [boxes, right?.boxes ?? {}].map((some) =>
      JSON.stringify(Object.entries(some).sort(([a], [b]) => Number(a) - Number(b))),
    );
    if (texts[0] !== texts[1]) faults.push(`${start}: boxes ${texts[0]}, NumPy has ${texts[1]}`);
  }
  return [...faults, ...[...wanted.keys()].map((start) => `${start}: there is no such row`)];
}
