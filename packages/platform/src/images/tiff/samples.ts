const arrays = {
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** One number type of samples, as named in NumPy. */
export type SampleType = keyof typeof arrays;

export const sampleTypes = Object.keys(arrays) as readonly SampleType[]; // typed as string[]

/** Numbers of any {@link SampleType}. */
export type Samples = InstanceType<(typeof arrays)[SampleType]>;

export function newSamples(type: SampleType, length: number): Samples {
  return new arrays[type](length);
}

export function sampleBytes(type: SampleType): number {
  return arrays[type].BYTES_PER_ELEMENT;
}

/** The same bytes as numbers; they are swapped in place when they are not in this machine's order. */
export function samplesOver(bytes: Uint8Array, type: SampleType, littleEndian: boolean): Samples {
  const size = sampleBytes(type);
  const whole = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  if (!littleEndian && size > 1) swap(whole, size);
  return new arrays[type](
    whole.buffer as ArrayBuffer,
    whole.byteOffset,
    Math.floor(whole.length / size),
  );
}

function swap(bytes: Uint8Array, size: number): void {
  for (let at = 0; at + size <= bytes.length; at += size) bytes.subarray(at, at + size).reverse();
}
