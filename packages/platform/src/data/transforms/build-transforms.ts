import type { Tensor } from "@cell-observatory/engine";
import type { PreprocessorConfig, TransformConfig } from "../../config/index.ts";
import { channelDropout } from "./channel-dropout.ts";
import { convolvePsf } from "./convolve-psf.ts";
import { crop } from "./crop.ts";
import { randomFlip } from "./flip.ts";
import { gaussianNoise } from "./gaussian-noise.ts";
import { scaleIntensity } from "./intensity.ts";
import { microscopyNoise } from "./microscopy-noise.ts";
import { percentiles, zScore } from "./normalize.ts";
import { probabilisticChoice } from "./probabilistic-choice.ts";
import { repeatLastFrames } from "./repeat-last-frames.ts";
import { resize } from "./resize.ts";
import { randomRotate90 } from "./rotate90.ts";
import type { Transform } from "./views.ts";

type Named = Pick<
  PreprocessorConfig,
  "normalize" | "percentile_low" | "percentile_high" | "eps" | "flip" | "transforms_list"
>;

/**
 * The transforms of a preprocessor: those it lists, or else its normalisation; then its flips. Where
 * there are any, frames that are padding are the last measured one again behind them.
 */
export function transformsOf(config: Named, psfs: Psfs = new Map()): readonly Transform[] {
  const { transforms_list, flip } = config;
  const listed = transforms_list
    ? built(transforms_list, "transforms_list", psfs)
    : normalization(config);
  const all = flip.length === 0 ? listed : [...listed, randomFlip("flip", { axes: flip })];
  return all.length === 0 ? [] : [...all, repeatLastFrames("padded frames")];
}

/** The transforms of `datasets.transforms`, which come before those of the preprocessor. */
export function collatingTransforms(
  list: readonly TransformConfig[],
  psfs: Psfs = new Map(),
): readonly Transform[] {
  if (list.length === 0) return [];
  return [...built(list, "collated", psfs), repeatLastFrames("collated padded frames")];
}

const built = (list: readonly TransformConfig[], from: string, psfs: Psfs) =>
  list.map((one, i) => buildTransform(one, { name: `${from}.${i} ${one.kind}`, psfs }));

/**
 * The same preprocessor without what makes training samples vary: no mirroring, turning, fading; crops
 * lie in the middle. What makes the task, such as the noise of a denoising one, stays.
 */
export function withoutVariation<C extends Named>(config: C): C {
  const { transforms_list } = config;
  if (!transforms_list) return { ...config, flip: [] };
  return { ...config, flip: [], transforms_list: settledTransforms(transforms_list) };
}

/** What is left of a list of transforms then. */
export function settledTransforms(list: readonly TransformConfig[]): readonly TransformConfig[] {
  return list.flatMap(settled);
}

function settled(transform: TransformConfig): readonly TransformConfig[] {
  switch (transform.kind) {
    case "flip":
    case "rotate90":
    case "intensity":
    case "gaussian_noise":
    case "channel_dropout":
      return [];
    case "crop":
      return [{ ...transform, crop_type: "center", mode_probs: { crop: 1 } }];
    case "probabilistic_choice": {
      const kept = transform.transforms.map(settled);
      const isAny = kept.some((list) => list.length > 0);
      return isAny ? [{ ...transform, transforms: kept.map(([one]) => one ?? nothing) }] : [];
    }
    case "convolve_psf":
    case "normalize":
    case "noise":
    case "resize":
      return [transform];
    default:
      return transform satisfies never;
  }
}

const nothing: TransformConfig = { kind: "flip", axes: ["X"], probability: 0 };

function normalization(config: Named): readonly Transform[] {
  const { normalize, percentile_low: low, percentile_high: high, eps } = config;
  switch (normalize) {
    case "zscore":
      return [zScore("normalize", { eps })];
    case "percentile":
      return [percentiles("normalize", { low, high, eps })];
    case "none":
      return [];
    default:
      return normalize satisfies never;
  }
}

/** Point spread functions [Z Y X] by their paths, as {@link readPsfs} has read them. */
type Psfs = ReadonlyMap<string, Tensor>;

/** `name` is what its draws are named after. */
function buildTransform(
  config: TransformConfig,
  { name, psfs }: { readonly name: string; readonly psfs: Psfs },
): Transform {
  switch (config.kind) {
    case "normalize": {
      const { method, percentile_low: low, percentile_high: high, eps } = config;
      return method === "zscore" ? zScore(name, { eps }) : percentiles(name, { low, high, eps });
    }
    case "resize":
      return resize(name, {
        target: config.target_spatial_shape,
        mode: config.mode,
        alignCorners: config.align_corners,
        cropToValid: config.crop_to_meta_spatial ?? config.crop_to_valid,
      });
    case "crop":
      return crop(name, {
        target: config.target_spatial_shape,
        axes: config.crop_dims,
        place: config.crop_type,
        resizeProbability: config.mode_probs?.crop_resize ?? 0,
        resizeScale: config.resize_scale,
        mode: config.resize_mode ?? "trilinear",
        alignCorners: config.align_corners,
      });
    case "flip":
      return randomFlip(name, config);
    case "rotate90":
      return randomRotate90(name, config);
    case "intensity":
      return scaleIntensity(name, config);
    case "gaussian_noise":
      return gaussianNoise(name, { sigma: rangeOf(config.sigma) });
    case "channel_dropout":
      return channelDropout(name, config);
    case "noise":
      return microscopyNoise(name, {
        quantum_efficiency: rangeOf(config.quantum_efficiency),
        electrons_per_count: rangeOf(config.electrons_per_count),
        sigma_background_noise: rangeOf(config.sigma_background_noise),
        mean_background_offset: rangeOf(config.mean_background_offset),
        photon_scale: rangeOf(config.photon_scale),
      });
    case "convolve_psf": {
      const psf = psfs.get(config.psf);
      if (psf === undefined) throw new Error(`${config.psf} was not read before it was needed`);
      const { pad_type: padding, psf_pixel_size_um: from, input_pixel_size_um: to } = config;
      const scale = [from[0] / to[0], from[1] / to[1], from[2] / to[2]] as const;
      return convolvePsf(name, { psf, padding, scale });
    }
    case "probabilistic_choice": {
      const { transforms, probs } = config;
      const built = transforms.map((one, i) =>
        buildTransform(one, { name: `${name}.${i} ${one.kind}`, psfs }),
      );
      return probabilisticChoice(name, { transforms: built, probs });
    }
    default:
      return config satisfies never;
  }
}

const rangeOf = (value: number | readonly [number, number]) =>
  typeof value === "number" ? ([value, value] as const) : value;
