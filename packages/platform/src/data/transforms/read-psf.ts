import { tmpdir } from "node:os";
import { keep, Tensor } from "@cell-observatory/engine";
import type { TransformConfig } from "../../config/index.ts";
import { newSamples, openSource } from "../../images/index.ts";
import { TransformError } from "./transform-error.ts";

/** The point spread functions that a list of transforms names, by their paths. */
export async function readPsfs(
  list: readonly TransformConfig[] | null | undefined,
): Promise<ReadonlyMap<string, Tensor>> {
  const paths = (list ?? []).flatMap(psfPaths);
  const read = async (path: string) => [path, keep(await readPsf(path))] as const;
  return new Map(await Promise.all([...new Set(paths)].map(read)));
}

function psfPaths(transform: TransformConfig): readonly string[] {
  if (transform.kind === "probabilistic_choice") return transform.transforms.flatMap(psfPaths);
  return transform.kind === "convolve_psf" ? [transform.psf] : [];
}

/**
 * A point spread function from a TIFF or NumPy file: [Z Y X], float32.
 *
 * @throws {@link TransformError} for frames or channels: one volume is expected.
 */
export async function readPsf(path: string): Promise<Tensor> {
  await using source = await openSource(path, { workFolder: tmpdir() });
  const [t, z, y, x, c] = source.shape;
  if (t !== 1 || c !== 1) {
    const found = `T=${t} Z=${z} Y=${y} X=${x} C=${c}`;
    throw new TransformError(
      `${path}: expected one volume [Z Y X], got ${found}`,
      "Save the point spread function as one stack of planes.",
    );
  }
  const samples = newSamples(source.sampleType, z * y * x);
  await source.read({ origin: [0, 0, 0, 0], shape: [1, z, y, x] }, samples, {});
  return Tensor.from(Float32Array.from(samples, Number), { shape: [z, y, x] });
}
