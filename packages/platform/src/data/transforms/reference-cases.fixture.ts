import { Generator, scope, Tensor } from "@cell-observatory/engine";
import { readSafetensors } from "@cell-observatory/zarr";
import { naMasks, throughAperture } from "../preprocessors/na-masks.ts";
import { pairwiseIou } from "../structures/box-iou.ts";
import { convertBoxes, scaleBoxes, type ZYX } from "../structures/boxes.ts";
import { labelObjects } from "../structures/label-objects.ts";
import { convolvePsf } from "./convolve-psf.ts";
import { cutOut } from "./crop.ts";
import { drawElectrons } from "./draw-electrons.ts";
import { percentiles, zScore } from "./normalize.ts";
import { resample, resampleLabels, resampleMeasured } from "./resample.ts";
import { type Plane, rotate90 } from "./rotate90.ts";
import { viewsOf } from "./views.fixture.ts";
import { applyTransforms, type Transform, type Views } from "./views.ts";

/** How far ours are from the reference's, relative to its largest number. */
export interface CaseDifference {
  readonly worst: number;
  readonly tolerance: number;
}

type Outputs = Readonly<Record<string, Tensor | Float32Array | Int32Array>>;
// biome-ignore lint/suspicious/noExplicitAny: parameters are what the script wrote for the case
type Parameters = any;
type Input = (name: string) => Tensor;
type Run = (input: Input, parameters: Parameters) => Outputs;

const place = { seed: 0, epoch: 0, batch: 0 };
const applied = (transform: Transform, x: Tensor, more: Partial<Views> = {}) => {
  const samples = Array.from({ length: x.shape[0] ?? 0 }, (_, b) => b);
  return applyTransforms([transform], viewsOf(x, more), { ...place, samples }).image;
};
const floats = (x: Tensor) => x.data() as Float32Array;

const runs: Readonly<Record<string, Run>> = {
  resize: (input, { size, mode, aligned }) => ({
    y: resample(input("x"), size, { mode, alignCorners: aligned }),
  }),
  resize_measured: (input, { size, mode }) => ({
    y: resampleMeasured(input("x"), input("valid"), size, { mode }),
  }),
  resize_labels: (input, { size, mode, aligned }) => ({
    y: resampleLabels(input("x"), size, { mode, alignCorners: aligned }),
  }),
  rotate: (input, { plane, quarters }) => ({
    y: rotate90(viewsOf(input("x")), plane as Plane, quarters).image,
  }),
  crop: (input, { start, size, target }) => ({
    y: cutOut(viewsOf(input("x")), [{ start, size }], { target, mode: "trilinear" }).image,
  }),
  percentile: (input, { low, high }) => ({
    y: applied(percentiles("p", { low, high, eps: 1e-4 }), input("x")),
  }),
  zscore: (input) => ({ y: applied(zScore("z", { eps: 1e-4 }), input("x")) }),
  aperture: (input, { threshold }) => {
    const x = input("x");
    const { Z, Y, X } = x.sizes("B T Z Y X C");
    return { y: throughAperture(x, naMasks(input("psf"), [threshold], [Z, Y, X])) };
  },
  blur: (input, { padding, scale }) => ({
    y: applied(convolvePsf("b", { psf: input("psf"), padding, scale }), input("x")),
  }),
  blur_measured: (input, { padding, scale, measured }) => ({
    y: applied(convolvePsf("b", { psf: input("psf"), padding, scale }), input("x"), {
      valid: input("valid"),
      validSizes: [measured],
    }),
  }),
  giou: (input) => pairwiseIou(input("a"), input("b")) as unknown as Outputs,
  boxes: (input, { size }) => {
    const boxes = floats(input("zyxzyx"));
    const cxcyczwhd = convertBoxes(boxes, "zyxzyx", "cxcyczwhd");
    const parts = (size as number[]).map((n) => 1 / n) as unknown as ZYX;
    return {
      xyzxyz: convertBoxes(boxes, "zyxzyx", "xyzxyz"),
      cxcyczwhd,
      parts: scaleBoxes(cxcyczwhd, "cxcyczwhd", parts),
    };
  },
  label_objects: (input) => {
    const { T, Z, Y, X } = input("labels").sizes("T Z Y X");
    const { ids, boxes } = labelObjects(input("labels").data() as Int32Array, [T, Z, Y, X]);
    return { ids, boxes };
  },
};

/** Compares one file of `tools/reference/transform_cases.py` with what we make of its inputs. */
export async function compareTransform(path: string, seed = 0): Promise<CaseDifference> {
  const file = await readSafetensors(path);
  const tensorOf = (name: string) => {
    const entry = file.tensors.get(name);
    if (entry === undefined) throw new Error(`${path} has no ${name}`);
    const x = Tensor.empty(entry.shape, { dtype: entry.dtype });
    x.bytes().set(entry.bytes);
    return x;
  };
  const { case: name, ...parameters }: Parameters = JSON.parse(file.metadata.case ?? "{}");
  return scope(() => {
    if (name === "noise") return distance(floats(tensorOf("out.y")), parameters, seed);
    const run = runs[name];
    if (run === undefined) throw new Error(`${path}: nothing is compared for "${name}"`);
    const found = run((input) => tensorOf(`in.${input}`), parameters);
    const worst = Object.entries(found).map(([output, value]) =>
      difference(value, tensorOf(`out.${output}`)),
    );
    return { worst: Math.max(...worst), tolerance: 2e-6 };
  });
}

function difference(found: Tensor | Float32Array | Int32Array, wanted: Tensor): number {
  if (found instanceof Tensor && found.shape.join() !== wanted.shape.join()) return Infinity;
  const numbers = (values: Iterable<number | bigint>) => Array.from(values, Number);
  const a = numbers(found instanceof Tensor ? found.data() : found);
  const b = numbers(wanted.data());
  if (a.length !== b.length) return Infinity;
  const largest = b.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  return a.reduce((most, value, i) => {
    const off = Math.abs(value - (b[i] ?? 0)) / largest;
    return Number.isNaN(off) ? Infinity : Math.max(most, off);
  }, 0);
}

/** Kolmogorov and Smirnov's distance between NumPy's counts, sorted, and as many of ours. */
function distance(
  theirs: Float32Array,
  { photons, sigma }: { readonly photons: number; readonly sigma: number },
  seed: number,
): CaseDifference {
  const n = theirs.length;
  const means = Tensor.full([n], photons * 0.82);
  const counts = drawElectrons(means, sigma * 0.22, new Generator(seed + 1))
    .mul_(1 / 0.22)
    .add_(100)
    .clamp_(0, 65535);
  const ours = floats(counts).toSorted();
  let [i, j, worst] = [0, 0, 0];
  while (i < n && j < n) {
    const value = Math.min(ours[i] ?? 0, theirs[j] ?? 0) + 1e-3; // rounding of whole electrons
    while (i < n && (ours[i] ?? 0) <= value) i++;
    while (j < n && (theirs[j] ?? 0) <= value) j++;
    worst = Math.max(worst, Math.abs(i - j) / n);
  }
  return { worst, tolerance: 2.4 * Math.sqrt(2 / n) + 0.002 };
}
