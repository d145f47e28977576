import { Generator, op, type Tensor } from "@cell-observatory/engine";
import type { RandomStream } from "../../rng/index.ts";
import { drawElectrons } from "./draw-electrons.ts";
import { seededFrom } from "./gaussian-noise.ts";
import { mapRows } from "./rows.ts";
import type { Transform } from "./views.ts";

type Range = readonly [low: number, high: number];

export interface MicroscopyNoise {
  readonly quantum_efficiency: Range;
  readonly electrons_per_count: Range;
  /** Read noise, in counts. */
  readonly sigma_background_noise: Range;
  /** In counts. */
  readonly mean_background_offset: Range;
  readonly photon_scale: Range;
}

/** What a camera is, for one sample. */
type Camera = { readonly [K in keyof MicroscopyNoise]: number };

/**
 * What a camera makes of an image of photons: electrons are Poisson around photons x photon_scale x
 * quantum efficiency; counts are electrons / electrons per count, plus normal read noise, plus an
 * offset, within 0 to 65535. Each number is drawn from its range, for each sample.
 *
 * The clean image becomes the mean of those counts: so that it is in the same unit as the noisy one,
 * and a model does not have to learn the camera's gain.
 *
 * Source: the reference platform's `MixedPoissonGaussianNoise`, which leaves the clean image in
 * photons; an early version of it added the Poisson number to the image, and wrote into its input.
 */
export function microscopyNoise(name: string, ranges: MicroscopyNoise): Transform {
  return {
    name,
    apply(views, { rows }) {
      const { clean, valid } = views;
      const image = views.image.to({ dtype: "float32" });
      const generator = new Generator(0, image.device);
      const cameras = rows.map((stream) => drawCamera(ranges, stream));
      const withCamera = (x: Tensor, use: (from: Tensor, camera: Camera, b: number) => Tensor) =>
        mapRows(x, x.shape.slice(1), (from, into, b) => {
          const camera = cameras[b];
          if (camera === undefined) return;
          into.copy_(use(from, camera, b));
          if (valid !== null) op("aten::mul_.Tensor")(into, valid.select(0, b));
        });
      const noisy = withCamera(image, (photons, camera, b) => {
        const stream = rows[b] as RandomStream;
        return exposed(photons, camera, seededFrom(generator, stream));
      });
      const { dtype } = views.image;
      const expected = clean && withCamera(clean.to({ dtype: "float32" }), expectedCounts);
      return { ...views, image: noisy.to({ dtype }), clean: expected?.to({ dtype }) ?? null };
    },
  };
}

function drawCamera(ranges: MicroscopyNoise, stream: RandomStream): Camera {
  return {
    quantum_efficiency: stream.uniform(...ranges.quantum_efficiency),
    electrons_per_count: stream.uniform(...ranges.electrons_per_count),
    sigma_background_noise: stream.uniform(...ranges.sigma_background_noise),
    mean_background_offset: stream.uniform(...ranges.mean_background_offset),
    photon_scale: stream.uniform(...ranges.photon_scale),
  };
}

/** Counts of an image of photons, float32; the image is left alone. */
function exposed(photons: Tensor, camera: Camera, generator: Generator): Tensor {
  const { photon_scale, quantum_efficiency, electrons_per_count } = camera;
  const means = photons.mul(photon_scale * quantum_efficiency).clamp_(0);
  const readNoise = camera.sigma_background_noise * electrons_per_count;
  return drawElectrons(means, readNoise, generator)
    .mul_(1 / electrons_per_count)
    .add_(camera.mean_background_offset)
    .clamp_(0, 65535);
}

function expectedCounts(photons: Tensor, camera: Camera): Tensor {
  const gain = (camera.photon_scale * camera.quantum_efficiency) / camera.electrons_per_count;
  return photons.mul(gain).add_(camera.mean_background_offset).clamp_(0, 65535);
}
