import { join } from "node:path";
import { verb } from "../verb.ts";
import { dataFolder } from "./data-folder.ts";
import { taskProgress } from "./task-progress.ts";

const downloads = join(import.meta.dirname, "../../../../../.cello/downloads");

export const sampleVerb = verb({
  name: "sample",
  summary: "provide sample data: real nuclei with labels, and a simulated movie",
  description:
    "Fetches the annotated 3-D stack of nuclei that ships inside the PyPI package stardist (BSD-3), simulates a light-sheet movie with labels and tracks, and lists both in a catalogue. What is there already is kept. Without a network there is the movie alone.",
  examples: ["cello data sample", "cello data sample --frames 32 --height 256 --width 256"],
  flags: {
    "data-path": {
      kind: "text",
      value: "DIR",
      help: "root folder of data; else DATA_DIR, or data",
    },
    frames: { kind: "integer", value: "N", min: 1, default: 8, help: "frames of the movie" },
    depth: { kind: "integer", value: "N", min: 1, default: 64, help: "its voxels along z" },
    height: { kind: "integer", value: "N", min: 1, default: 128, help: "its voxels along y" },
    width: { kind: "integer", value: "N", min: 1, default: 128, help: "its voxels along x" },
    seed: { kind: "integer", value: "N", min: 0, default: 0, help: "of the movie" },
    python: {
      kind: "text",
      value: "PATH",
      help: "the Python whose pip fetches; else CELLO_PYTHON, or python3",
    },
  },
  operands: [],
  async run({ flags, signal, output }) {
    const { MovieConfig, provideSample } = await import("../../images/index.ts");
    const { frames, depth, height, width, seed } = flags;
    const python = flags.python ?? process.env.CELLO_PYTHON;
    const { cataloguePath, images } = await provideSample({
      dataPath: flags["data-path"] ?? dataFolder(),
      downloads,
      movie: MovieConfig.parse({ shape: [frames, depth, height, width, 1], seed }),
      ...(python !== undefined && { python }),
      signal,
      onProgress: await taskProgress(output),
    });
    for (const { name, path, outcome, reason, numHypercubes } of images) {
      output.json({ name, path, outcome, reason, numHypercubes });
      if (outcome === "unavailable") {
        output.line(`${name} is not available: ${reason}`);
        output.line("  going on with the simulated movie alone");
      } else {
        const state = outcome === "made" ? "made" : "was there already";
        output.line(`${path}: ${state}, ${numHypercubes} hypercubes`);
        if (reason !== undefined) output.line(`  ${reason}`);
      }
    }
    output.line(`${cataloguePath}: the catalogue`);
    return 0;
  },
});
