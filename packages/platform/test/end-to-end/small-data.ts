import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createArray, writeMultiscales } from "@cell-observatory/zarr";
import { CatalogueWriter } from "../../src/database/index.ts";
import { RandomStream } from "../../src/rng/index.ts";

const [Z, Y, X] = [12, 48, 32];

/** A data folder with a catalogue of one small stack: blurred blobs and noise, the same each time. */
export async function smallData(folder: string): Promise<void> {
  const image = join(folder, "sample", "blobs.ome.zarr");
  await mkdir(image, { recursive: true });
  const array = await createArray(join(image, "0"), {
    shape: [1, Z, Y, X, 1],
    chunkShape: [1, 8, 16, 16, 1],
    dtype: "uint16",
  });
  const rng = new RandomStream({ seed: 1, purpose: "blobs", epoch: 0, index: 0 });
  const blobs = Array.from({ length: 25 }, () => [
    rng.integer(0, Z),
    rng.integer(0, Y),
    rng.integer(0, X),
  ]);
  const voxels = Uint16Array.from({ length: Z * Y * X }, (_, i) => {
    const [z, y, x] = [Math.floor(i / (Y * X)), Math.floor(i / X) % Y, i % X];
    const light = blobs.reduce((sum, [bz = 0, by = 0, bx = 0]) => {
      const distance = 2 * (z - bz) ** 2 + (y - by) ** 2 + (x - bx) ** 2;
      return sum + Math.exp(-distance / 18);
    }, 0);
    return 100 + 900 * light + rng.integer(0, 30);
  });
  await array.write(voxels, { origin: [0, 0, 0, 0, 0], shape: [1, Z, Y, X, 1] });
  const unit = { type: "space", unit: "micrometer" } as const;
  await writeMultiscales(image, {
    version: "0.5",
    axes: [
      { name: "t", type: "time" },
      { name: "z", ...unit },
      { name: "y", ...unit },
      { name: "x", ...unit },
      { name: "c", type: "channel" },
    ],
    datasets: [{ path: "0", scale: [1, 2, 0.5, 0.5, 1], translation: [0, 0, 0, 0, 0] }],
  });
  await list(folder, "blobs");
}

/** Adds a second stack, the same as the first, to what {@link smallData} made. */
export async function addStack(folder: string): Promise<void> {
  const stack = (name: string) => join(folder, "sample", `${name}.ome.zarr`);
  await cp(stack("blobs"), stack("more"), { recursive: true });
  await list(folder, "more");
}

/** Writes a stack into the catalogue. */
async function list(folder: string, name: string): Promise<void> {
  await using writer = await CatalogueWriter.open(join(folder, "catalogue.duckdb"));
  const tile = {
    prepared_id: name,
    tile_name: `${name}.ome.zarr`,
    server_folder: ".",
    output_folder: "sample",
    array_path: "0",
    axes: "TZYXC",
    labels_path: null,
    tracks_path: null,
    time_size: 1,
    z_size: Z,
    y_size: Y,
    x_size: X,
    channel_size: 1,
    dtype: "uint16",
    z_um: 2,
    y_um: 0.5,
    x_um: 0.5,
    frame_interval_s: null,
    hpf: null,
    is_synthetic: true,
    source: "test",
    occupancy_thresholds: [0],
  };
  await writer.put(tile, []);
}

/** Overrides that make `experiments/nuclei_mae` tiny, with dropout and gradient accumulation. */
export const smallRun: readonly string[] = [
  "--config-name=experiments/nuclei_mae",
  "datasets.databases.synthetic_only=null",
  "datasets.input_shape=[4,16,16,1]",
  "datasets.patch_shape=[2,4,4]",
  "datasets.samples_per_epoch=32",
  "clusters.batch_size=4",
  "trainer.micro_batch_size=2",
  "trainer.num_threads=2",
  "trainer.epochs=4",
  "schedulers.warmup=4",
  "evaluation.val_interval=1",
  "checkpoint.every_steps=3",
  "models.meta_arch.mae.embed_dim=24",
  "models.meta_arch.mae.depth=1",
  "models.meta_arch.mae.num_heads=2",
  "models.meta_arch.mae.decoder_embed_dim=24",
  "models.meta_arch.mae.decoder_depth=1",
  "models.meta_arch.mae.decoder_num_heads=2",
  "models.meta_arch.mae.drop_path_rate=0.2",
  "models.meta_arch.mae.fixed_dropout_depth=true",
];
