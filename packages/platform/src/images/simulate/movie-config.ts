import { z } from "zod";

const positive = z.number().positive();
const size = z.int().positive();

/** What `simulateMovie` makes: a light-sheet movie of an embryo whose nuclei move, divide and dim. */
export const MovieConfig = z
  .strictObject({
    shape: z
      .tuple([size, size, size, size, z.literal(1)])
      .readonly()
      .default([8, 64, 128, 128, 1])
      .describe("voxels along T Z Y X C; the one channel shows nuclei"),
    seed: z.int().nonnegative().default(0).describe("the same seed gives the same voxels"),
    voxel_size_um: z
      .tuple([positive, positive, positive])
      .readonly()
      .default([0.8, 0.4, 0.4])
      .describe("edge of a voxel along z, y, x, in micrometres"),
    frame_interval_s: positive.default(90).describe("seconds from one frame to the next"),
    hpf: z
      .number()
      .nonnegative()
      .default(5)
      .describe("hours post fertilisation of the first frame"),
    nucleus_radius_um: positive.default(3.4).describe("mean radius of a nucleus in interphase"),
    nucleus_spacing_um: positive.default(7.8).describe("mean distance of neighbouring nuclei"),
    // A cell divides once from frame to frame at most, and cycles vary by an eighth.
    cycle_frames: z.number().min(2).default(40).describe("mean frames between divisions"),
    bleach_frames: positive.default(120).describe("frames in which the light falls to 1/e"),
    signal_photons: positive.default(420).describe("photons a voxel of a bright nucleus gives"),
    background_photons: z.number().nonnegative().default(12).describe("photons without any cell"),
    quantum_efficiency: z.number().gt(0).max(1).default(0.82),
    electrons_per_count: positive.default(0.22),
    sigma_background_noise: z.number().nonnegative().default(40).describe("read noise, in counts"),
    mean_background_offset: z.number().nonnegative().default(100).describe("counts in the dark"),
  })
  .readonly();
export type MovieConfig = z.infer<typeof MovieConfig>;
