import { realpath } from "node:fs/promises";
import type { HypercubeTable } from "../../database/index.ts";
import { arrayPath } from "../sample.ts";

/** Paths that are looked up at once: storage may take long to answer each. */
const mostAtOnce = 16;

/**
 * A number for each tile of a table; tiles of one array have the same, under whatever names, and by
 * way of whatever links, a catalogue lists it. A path that is not there stands for itself.
 */
export async function arrayNumbers(
  { tiles }: Pick<HypercubeTable, "tiles">,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Int32Array> {
  const paths = tiles.map(arrayPath);
  const places = new Map<string, string>();
  const left = new Set(paths).values();
  const look = async () => {
    for (const path of left) {
      signal?.throwIfAborted();
      places.set(path, await realpath(path).catch(() => path));
    }
  };
  await Promise.all(Array.from({ length: mostAtOnce }, look));
  const numbers = new Map<string, number>();
  return Int32Array.from(paths, (path) => {
    const place = places.get(path) ?? path;
    const number = numbers.get(place) ?? numbers.size;
    numbers.set(place, number);
    return number;
  });
}
