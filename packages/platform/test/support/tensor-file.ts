import { readFileSync } from "node:fs";

/** A tensor as a safetensors file holds it. */
export interface StoredTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** Reads a safetensors file whole: 8 bytes of length, a JSON header, then the data. */
export function readTensorFile(path: string | URL): {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
} {
  const file = readFileSync(path);
  const start = 8 + Number(file.readBigUInt64LE(0));
  const { __metadata__: metadata = {}, ...entries } = JSON.parse(
    file.toString("utf8", 8, start),
  ) as { readonly __metadata__?: Record<string, string> } & Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const tensors = Object.entries(entries).map(([name, { dtype, shape, data_offsets }]) => {
    const [from, to] = data_offsets;
    return [
      name,
      { dtype, shape, bytes: Uint8Array.from(file.subarray(start + from, start + to)) },
    ] as const;
  });
  return { metadata, tensors: new Map(tensors) };
}
