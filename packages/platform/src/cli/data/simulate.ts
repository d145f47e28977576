import { verb } from "../verb.ts";
import { numbers, wholeNumbers } from "./numbers.ts";
import { taskProgress } from "./task-progress.ts";

export const simulateVerb = verb({
  name: "simulate",
  summary: "simulate a light-sheet movie of nuclei, with labels and tracks",
  description:
    "Writes OUT, an OME-Zarr image: counts of a camera, instance labels under labels/cells, and tracks.csv. Memory does not grow with the movie; the same seed gives the same voxels.",
  examples: ["cello data simulate data/movies/a.ome.zarr --shape 32,64,256,256 --seed 1"],
  flags: {
    shape: {
      kind: "text",
      value: "T,Z,Y,X",
      default: "8,64,128,128",
      help: "voxels along each axis",
    },
    seed: {
      kind: "integer",
      value: "N",
      min: 0,
      default: 0,
      help: "the same seed, the same movie",
    },
    "voxel-size": {
      kind: "text",
      value: "Z,Y,X",
      default: "0.8,0.4,0.4",
      help: "edge of a voxel",
    },
    hpf: { kind: "number", value: "HOURS", min: 0, default: 5, help: "hours post fertilisation" },
    threads: { kind: "integer", value: "N", min: 1, max: 256, help: "threads; else one a core" },
    "memory-mib": { kind: "integer", value: "N", min: 16, default: 512, help: "memory for blocks" },
  },
  operands: [{ name: "OUT", help: "the image to write, such as movie.ome.zarr" }],
  async run({ flags, operands: [path = ""], signal, output }) {
    const { MovieConfig, simulateMovie } = await import("../../images/index.ts");
    const shape = wholeNumbers(flags.shape, "shape", ["T", "Z", "Y", "X"]);
    const voxel_size_um = numbers(flags["voxel-size"], "voxel-size", ["Z", "Y", "X"]);
    const config = MovieConfig.parse({
      shape: [...shape, 1],
      seed: flags.seed,
      voxel_size_um,
      hpf: flags.hpf,
    });
    const say = await taskProgress(output);
    const movie = await simulateMovie(config, path, {
      signal,
      ...(flags.threads !== undefined && { numThreads: flags.threads }),
      memoryBytes: flags["memory-mib"] * 2 ** 20,
      onProgress: (done) => say("simulate", done),
    });
    const { numVoxels, numCells, numDivisions, seconds } = movie;
    output.json({ path, ...movie });
    const many = (count: number, one: string) => `${count} ${one}${count === 1 ? "" : "s"}`;
    const parts = [many(numCells, "cell"), many(numDivisions, "division")];
    const millions = numVoxels / seconds / 1e6;
    const speed = millions < 0.1 ? "" : `, ${millions.toFixed(1)} million voxels a second`;
    output.line(`${path}: ${parts.join(", ")}, ${seconds.toFixed(1)} s${speed}`);
    return 0;
  },
});
