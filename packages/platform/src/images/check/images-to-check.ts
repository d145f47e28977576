import { join } from "node:path";
import { DuckDbDatabase, type TileRecord } from "../../database/index.ts";
import { findImages } from "../scan/find-images.ts";
import type { ImageToCheck } from "./check-images.ts";
import type { ClaimedBoxes } from "./check-labels.ts";

/** The images of a catalogue, with the boxes that its rows claim. */
export async function catalogueImages(catalogue_path: string): Promise<readonly ImageToCheck[]> {
  await using database = await DuckDbDatabase.open({ catalogue_path });
  const images: ImageToCheck[] = [];
  for await (const tile of database.tiles()) {
    const { prepared_id, tile_name, server_folder, output_folder, labels_path } = tile;
    images.push({
      id: { prepared_id, tile_name },
      path: join(server_folder, output_folder, tile_name),
      claims: () => (labels_path === null ? none() : claimsOf(catalogue_path, tile)),
    });
  }
  return images;
}

/** The images in a folder, of which no catalogue claims anything. */
export async function imagesAt(folder: string): Promise<readonly ImageToCheck[]> {
  const { images } = await findImages(folder);
  return images.map((path) => ({ id: null, path, claims: none }));
}

async function* none(): AsyncGenerator<ClaimedBoxes> {}

async function* claimsOf(
  catalogue_path: string,
  { prepared_id, tile_name }: TileRecord,
): AsyncGenerator<ClaimedBoxes, void, undefined> {
  await using database = await DuckDbDatabase.open({ catalogue_path });
  const query = { roi_list: [prepared_id], tile_list: [tile_name] };
  for await (const batch of database.hypercubes(query, { boxes: true })) {
    for (let row = 0; row < batch.numRows; row++) {
      const boxes = batch.boxes?.[row];
      if (!boxes) continue;
      const at = (column: Int32Array) => column[row] ?? 0;
      const { time_start, z_start, y_start, x_start } = batch;
      const { time_size, z_size, y_size, x_size } = batch;
      yield {
        boxes,
        region: {
          origin: [at(time_start), at(z_start), at(y_start), at(x_start)],
          shape: [at(time_size), at(z_size), at(y_size), at(x_size)],
        },
      };
    }
  }
}
