// Each transform on a batch of 16 volumes of 128^3 float32 voxels (134 MB; a batch of 16 x 128^3 x 16
// frames would be 2.1 GB in and out, and is the same work 16 times). The peer does the same in PyTorch
// or NumPy, sample by sample where samples are drawn apart. Two threads each, on the CPU.

import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { noGrad, scope, setNumThreads, Tensor } from "@cell-observatory/engine";
import { naMasks, throughAperture } from "../packages/platform/src/data/preprocessors/na-masks.ts";
import { channelDropout } from "../packages/platform/src/data/transforms/channel-dropout.ts";
import { convolvePsf } from "../packages/platform/src/data/transforms/convolve-psf.ts";
import { crop } from "../packages/platform/src/data/transforms/crop.ts";
import { randomFlip } from "../packages/platform/src/data/transforms/flip.ts";
import { gaussianNoise } from "../packages/platform/src/data/transforms/gaussian-noise.ts";
import { scaleIntensity } from "../packages/platform/src/data/transforms/intensity.ts";
import { microscopyNoise } from "../packages/platform/src/data/transforms/microscopy-noise.ts";
import { percentiles, zScore } from "../packages/platform/src/data/transforms/normalize.ts";
import { probabilisticChoice } from "../packages/platform/src/data/transforms/probabilistic-choice.ts";
import { resize } from "../packages/platform/src/data/transforms/resize.ts";
import { randomRotate90 } from "../packages/platform/src/data/transforms/rotate90.ts";
import { applyTransforms, type Transform } from "../packages/platform/src/data/transforms/views.ts";
import { median } from "./drive/median.ts";
import { startWorker } from "./drive/worker.ts";
import type { Benchmark, Row } from "./row.ts";

const runs = 5;
/** Threads of OpenMP go on spinning for 200 ms, and would take the other side's cores. */
const restMs = 300;
const samples = Array.from({ length: 16 }, (_, b) => b);
const trilinear = { mode: "trilinear", cropToValid: true } as const;
const cut = { mode: "trilinear", axes: "ZYX", place: "random", target: [96, 96, 96] } as const;
const flips = randomFlip("flip", { axes: ["Z", "Y", "X"] });
const normal = zScore("z", { eps: 1e-4 });

const cases: Readonly<Record<string, Transform>> = {
  "resize to 96": resize("resize", { ...trilinear, target: [96, 96, 96] }),
  "resize to 160": resize("resize", { ...trilinear, target: [160, 160, 160] }),
  crop: crop("crop", { ...cut, resizeProbability: 0, resizeScale: [0.75, 1] }),
  "crop and resize": crop("crop", { ...cut, resizeProbability: 1, resizeScale: [0.75, 1] }),
  "normalize zscore": normal,
  "normalize percentile": percentiles("p", { low: 1, high: 99.8, eps: 1e-4 }),
  "probabilistic choice": probabilisticChoice("c", {
    transforms: [flips, normal],
    probs: [0.5, 0.5],
  }),
  flip: flips,
  "rotate 90": randomRotate90("r", { planes: ["YX"] }),
  intensity: scaleIntensity("i", { factor: [0.8, 1.2], offset: [-10, 10] }),
  "gaussian noise": gaussianNoise("g", { sigma: [5, 5] }),
  "camera noise": microscopyNoise("n", {
    quantum_efficiency: [0.82, 0.82],
    electrons_per_count: [0.22, 0.22],
    sigma_background_noise: [40, 40],
    mean_background_offset: [100, 100],
    photon_scale: [1, 1],
  }),
  "channel dropout": channelDropout("d", { probability: 0.5 }),
};

export const benchmark: Benchmark = {
  name: "transforms",
  async run({ python }) {
    setNumThreads(2);
    const peer = startWorker([python, join(import.meta.dirname, "peers/transforms.py")]);
    const image = Tensor.rand([16, 1, 128, 128, 128, 1]).mul_(1000);
    const calls: [string, () => void][] = Object.entries(cases).map(([name, transform]) => [
      name,
      () => void once(transform, name === "channel dropout" ? twoChannels(image) : image),
    ]);
    const masks = naMasks(Tensor.rand([32, 32, 32]), [0.3], [128, 128, 128]);
    const psf = Tensor.rand([17, 25, 25]);
    const blur = convolvePsf("b", { psf, padding: "reflect", scale: [1, 1, 1] });
    calls.push(["blur by a PSF of 17 x 25 x 25", () => void once(blur, image)]);
    calls.push(["aperture", () => void throughAperture(image, masks)]);
    const rows: Row[] = [];
    for (const [name, call] of calls) rows.push(await compared(name, call, peer));
    await peer.close();
    return rows;
  },
};

async function compared(
  name: string,
  call: () => void,
  peer: ReturnType<typeof startWorker>,
): Promise<Row> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let run = -1; run < runs; run++) {
    await wait(restMs);
    const began = performance.now();
    noGrad(() => scope(call));
    const a = performance.now() - began;
    await wait(restMs);
    const b = await peer.ask<number>(name);
    if (run < 0) continue; // warms up
    ours.push(a);
    theirs.push(b);
  }
  const [a, b] = [median(ours), median(theirs)];
  return { bench: "transforms", case: name, ours: a, peer: b, ratio: a / b, unit: "ms", runs };
}

/** The same voxels as 8 samples of two channels. */
const twoChannels = (image: Tensor) => image.reshape([8, 1, 128, 128, 128, 2]);

function once(transform: Transform, image: Tensor) {
  const [B = 0, T = 1, Z = 1, Y = 1, X = 1] = image.shape;
  const rows = samples.slice(0, B);
  const views = {
    image,
    clean: null,
    labels: null,
    valid: null,
    validSizes: rows.map(() => [T, Z, Y, X] as const),
    objects: null,
  };
  return applyTransforms([transform], views, { seed: 0, epoch: 0, batch: 0, samples: rows });
}
