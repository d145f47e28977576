import fc from "fast-check";

const bytes = { name: "bytes", configuration: { endian: "little" } };
const blosc = {
  name: "blosc",
  configuration: { cname: "zstd", clevel: 1, shuffle: "bitshuffle", typesize: 2, blocksize: 0 },
};
const regular = (chunk_shape: readonly number[]) => ({
  name: "regular",
  configuration: { chunk_shape },
});

/** An array as it should be. */
export const plain = {
  zarr_format: 3,
  node_type: "array",
  shape: [8, 8],
  data_type: "uint16",
  chunk_grid: regular([4, 8]),
  chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
  fill_value: 7,
  codecs: [bytes, blosc, { name: "crc32c" }],
  dimension_names: ["y", "x"],
  attributes: {},
};
const sharding = {
  chunk_shape: [4, 4],
  codecs: [bytes, { name: "zstd", configuration: { level: 1, checksum: false } }],
  index_codecs: [bytes, { name: "crc32c" }],
  index_location: "end",
};
const sharded = {
  ...plain,
  chunk_grid: regular([8, 8]),
  codecs: [{ name: "sharding_indexed", configuration: sharding }],
};
const v2 = {
  zarr_format: 2,
  shape: [8, 8],
  chunks: [4, 4],
  dtype: "<u2",
  fill_value: 7,
  compressor: { id: "blosc", cname: "lz4", clevel: 5, shuffle: 1, blocksize: 0 },
  order: "C",
  filters: null,
  dimension_separator: ".",
};
const image = {
  version: "0.5",
  multiscales: [
    {
      axes: [
        { name: "y", type: "space" },
        { name: "x", type: "space" },
      ],
      datasets: [{ path: "0", coordinateTransformations: [{ type: "scale", scale: [1, 1] }] }],
    },
  ],
};
const group = { zarr_format: 3, node_type: "group", attributes: { ome: image } };

/** What stands in the place of something else. */
const poison: readonly unknown[] = [
  ...[2 ** 53, 2 ** 53 - 1, 2 ** 32, 2 ** 31, 2 ** 20, 0, 1, -1, 1e308, -1e308, 0.5, 1e-320],
  ...["NaN", "Infinity", "-Infinity", "", "..", "../outside", "/etc/passwd", "a/../../outside"],
  ...["\u0000", "__proto__", "x".repeat(1e6), "sharding_indexed", "transpose", "crc32c", "gzip"],
  ...["float64", "complex128", "string", ">i8", "|V100000000", "|S1000000000", "r8388608", "/"],
  ...[null, true, [], {}, [[]], [0, 0], [-1, 4], [2 ** 40, 2 ** 40], [2 ** 26, 2 ** 26]],
  ...[[65535, 32767], [1], new Array(1e5).fill(1), new Array(33).fill(1), [1, 2 ** 53]],
  ...[sharding, [sharded.codecs[0]], [bytes, blosc, blosc], { must_understand: true }],
  ...[{ name: "../x" }, { name: "bytes", configuration: { endian: "middle" } }],
];

export interface HostileDocument {
  readonly what: string;
  readonly name: "zarr.json" | ".zarray";
  readonly text: string;
}

/** Documents of which one to three parts are something else, or are there under another name. */
export const documents: fc.Arbitrary<HostileDocument> = fc
  .record({
    base: fc.constantFrom(plain, sharded, v2, group),
    changes: fc.array(
      fc.record({
        at: fc.nat(),
        value: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...poison) }, fc.jsonValue()),
        isAdded: fc.nat(9),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  })
  .map(({ base, changes }) => {
    const json: unknown = structuredClone(base);
    const said = changes.map(({ at, value, isAdded }) => {
      const places = placesIn(json);
      const place = places[at % places.length];
      if (!place) return "nothing";
      const key = isAdded === 0 ? "another" : place.key;
      Reflect.set(place.parent, key, structuredClone(value));
      return `${key} = ${JSON.stringify(value)?.slice(0, 60)}`;
    });
    const name = base === v2 ? ".zarray" : "zarr.json";
    return { what: `${name}: ${said.join(", ")}`, name, text: JSON.stringify(json) };
  });

interface Place {
  readonly parent: object;
  readonly key: string;
}

function placesIn(json: unknown): readonly Place[] {
  if (typeof json !== "object" || json === null) return [];
  const keys = Object.keys(json).slice(0, 50);
  return keys.flatMap((key) => [{ parent: json, key }, ...placesIn(Reflect.get(json, key))]);
}
