"""Arrays of every kind, drawn anew and written by zarr-python, TensorStore and ome-zarr-py.

Each function of WRITERS takes a random generator and the path of a folder that is not there yet,
and returns {path inside it, "" for itself: SHA-256 of the elements}. Some chunks are left out.
"""

import hashlib

import ml_dtypes
import numcodecs
import numpy as np
import tensorstore as ts
import zarr
from zarr.codecs import (
    BloscCodec,
    BytesCodec,
    Crc32cCodec,
    GzipCodec,
    ShardingCodec,
    TransposeCodec,
    ZstdCodec,
)

DTYPES = (
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 "
    "complex64 complex128"
).split()
SHUFFLES = ["noshuffle", "shuffle", "bitshuffle"]


def digest(array):
    array = np.ascontiguousarray(array)
    return hashlib.sha256(array.astype(array.dtype.newbyteorder("<")).tobytes()).hexdigest()


def pick(rng, choices):
    return choices[int(rng.integers(0, len(choices)))]


def flip(rng):
    return bool(rng.integers(0, 2))


def elements(rng, shape, dtype):
    small = rng.integers(0, 100, shape)
    return (small % 2 == 0) if dtype == "bool" else small.astype(dtype)


def layout(rng):
    """A shape, chunks that need not divide it, and shards of whole chunks."""
    rank = int(rng.integers(1, 6))
    chunks = [int(n) for n in rng.integers(1, 9, rank)]
    shards = [n * int(rng.integers(1, 4)) for n in chunks]
    shape = [int(n) for n in rng.integers(1, 20 if rank < 4 else 9, rank)]
    return shape, chunks, shards


def fill_value(rng, dtype):
    """As a number, and as Zarr v3 spells it."""
    if dtype == "bool":
        value = flip(rng)
        return value, value
    if dtype.startswith("complex"):
        return complex(1, -2), [1.0, -2.0]
    if "float" in dtype and flip(rng):
        value = pick(rng, ["NaN", "Infinity", "-Infinity"])
        return float(value.replace("Infinity", "inf")), value
    value = int(rng.integers(0, 100))
    return value, value


def written(rng, array, fill, dtype):
    """Writes a random box of the array, and returns all that it then holds."""
    shape = array.shape
    numpy_dtype = ml_dtypes.bfloat16 if dtype == "bfloat16" else dtype
    data = np.full(shape, fill, numpy_dtype)
    box = tuple(slice(int(rng.integers(0, (n + 1) // 2)), n) for n in shape)
    if flip(rng):
        box = tuple(slice(0, n) for n in shape)
    part = elements(rng, data[box].shape, dtype).astype(numpy_dtype)
    data[box] = part
    array[box] = part
    return {"": digest(data)}


def blosc_v3(rng, size):
    return BloscCodec(
        cname=pick(rng, ["zstd", "lz4", "lz4hc", "zlib", "blosclz"]),
        clevel=int(rng.integers(0, 10)),
        shuffle=pick(rng, SHUFFLES),
        typesize=pick(rng, [size, size, 1, 2, 4, 8]),
        blocksize=pick(rng, [0, 256, 4096]),
    )


def zarr_python_v3(rng, path):
    dtype = pick(rng, DTYPES)
    shape, chunks, shards = layout(rng)
    compressor = pick(
        rng,
        [
            GzipCodec(level=int(rng.integers(1, 10))),
            ZstdCodec(level=int(rng.integers(1, 10)), checksum=flip(rng)),
            blosc_v3(rng, np.dtype(dtype).itemsize),
            blosc_v3(rng, np.dtype(dtype).itemsize),
            None,
        ],
    )
    codecs = [BytesCodec(endian=pick(rng, ["little", "little", "big"]))]
    if flip(rng) and flip(rng):
        order = [int(axis) for axis in rng.permutation(len(shape))]
        codecs.insert(0, TransposeCodec(order=order))
    if flip(rng) and flip(rng):
        codecs.append(Crc32cCodec())
    codecs += [compressor] if compressor else []
    if flip(rng):
        codecs.append(Crc32cCodec())
    chunk_shape = chunks
    if flip(rng):
        index = [BytesCodec()] + ([Crc32cCodec()] if flip(rng) else [])
        where = pick(rng, ["start", "end"])
        codecs = [
            ShardingCodec(
                chunk_shape=chunks, codecs=codecs, index_codecs=index, index_location=where
            )
        ]
        chunk_shape = shards
    fill, _ = fill_value(rng, dtype)
    array = zarr.Array.create(
        path,
        shape=shape,
        dtype=dtype,
        chunk_shape=chunk_shape,
        codecs=codecs,
        fill_value=fill,
        zarr_format=3,
    )
    return written(rng, array, fill, dtype)


def zarr_python_v2(rng, path):
    dtype = pick(rng, DTYPES)
    shape, chunks, _ = layout(rng)
    blosc = numcodecs.Blosc(
        cname=pick(rng, ["zstd", "lz4", "lz4hc", "zlib", "blosclz"]),
        clevel=int(rng.integers(0, 10)),
        shuffle=int(rng.integers(-1, 3)),
        blocksize=pick(rng, [0, 256, 4096]),
    )
    others = [numcodecs.Zstd(), numcodecs.GZip(), numcodecs.Zlib(), numcodecs.LZ4(), None]
    swapped = np.dtype(dtype).newbyteorder(pick(rng, ["<", "<", ">"]))
    fill, _ = fill_value(rng, dtype)
    array = zarr.create_array(
        path,
        shape=shape,
        chunks=chunks,
        dtype=swapped,
        fill_value=fill,
        order=pick(rng, ["C", "F"]),
        compressors=pick(rng, [blosc, blosc, *others]),
        chunk_key_encoding={"name": "v2", "separator": pick(rng, [".", "/"])},
        zarr_format=2,
    )
    return written(rng, array, fill, dtype)


def tensorstore(driver, path, metadata):
    spec = {"driver": driver, "kvstore": {"driver": "file", "path": f"{path}/"}}
    return ts.open({**spec, "metadata": metadata}, create=True, open=True).result()


def tensorstore_v3(rng, path):
    dtype = pick(rng, [*DTYPES, "bfloat16"])
    shape, chunks, shards = layout(rng)
    size = 2 if dtype == "bfloat16" else np.dtype(dtype).itemsize
    endian = pick(rng, ["little", "little", "big"])
    codecs = [{"name": "bytes", "configuration": {"endian": endian}}]
    if flip(rng) and flip(rng):
        order = [int(axis) for axis in rng.permutation(len(shape))]
        codecs.insert(0, {"name": "transpose", "configuration": {"order": order}})
    blosc = {
        "cname": pick(rng, ["zstd", "lz4", "lz4hc", "zlib", "blosclz", "snappy"]),
        "clevel": int(rng.integers(0, 10)),
        "shuffle": pick(rng, SHUFFLES),
        "typesize": size,
        "blocksize": pick(rng, [0, 256, 4096]),
    }
    compressors = [
        [],
        [{"name": "blosc", "configuration": blosc}],
        [{"name": "zstd", "configuration": {"level": int(rng.integers(1, 10))}}],
        [{"name": "gzip", "configuration": {"level": int(rng.integers(1, 10))}}],
    ]
    codecs += pick(rng, compressors) + ([{"name": "crc32c"}] if flip(rng) else [])
    if flip(rng):
        little = {"name": "bytes", "configuration": {"endian": "little"}}
        sharding = {
            "chunk_shape": chunks,
            "codecs": codecs,
            "index_codecs": [little] + ([{"name": "crc32c"}] if flip(rng) else []),
            "index_location": pick(rng, ["start", "end"]),
        }
        codecs = [{"name": "sharding_indexed", "configuration": sharding}]
        chunks = shards
    fill, spelled = fill_value(rng, dtype)
    grid = {"name": "regular", "configuration": {"chunk_shape": chunks}}
    keys = {"name": pick(rng, ["default", "v2"]), "configuration": {"separator": pick(rng, "./")}}
    metadata = {
        "shape": shape,
        "data_type": dtype,
        "chunk_grid": grid,
        "chunk_key_encoding": keys,
        "fill_value": spelled,
        "codecs": codecs,
    }
    return written(rng, tensorstore("zarr3", path, metadata), fill, dtype)


def tensorstore_v2(rng, path):
    dtype = pick(rng, [name for name in DTYPES if not name.startswith("complex")])
    shape, chunks, _ = layout(rng)
    swapped = np.dtype(dtype).newbyteorder(pick(rng, ["<", "<", ">"])).str
    blosc = {
        "id": "blosc",
        "cname": pick(rng, ["zstd", "lz4", "lz4hc", "zlib", "blosclz", "snappy"]),
        "clevel": int(rng.integers(0, 10)),
        "shuffle": int(rng.integers(-1, 3)),
    }
    others = [{"id": "zstd", "level": 3}, {"id": "gzip", "level": 3}, {"id": "zlib", "level": 3}]
    fill, spelled = fill_value(rng, dtype)
    metadata = {
        "shape": shape,
        "chunks": chunks,
        "dtype": swapped,
        "fill_value": spelled,
        "order": pick(rng, ["C", "F"]) if len(shape) > 1 else "C",
        "dimension_separator": pick(rng, [".", "/"]),
        "compressor": pick(rng, [blosc, blosc, *others, None]),
    }
    return written(rng, tensorstore("zarr", path, metadata), fill, dtype)


def ome_zarr(rng, path):
    """A pyramid, as ome-zarr-py makes it: OME-Zarr 0.4 in Zarr v2, or 0.5 in v3."""
    import ome_zarr.format
    import ome_zarr.writer

    shape = [int(n) for n in rng.integers(1, 4, 2)] + [int(n) for n in rng.integers(8, 40, 3)]
    data = elements(rng, shape, pick(rng, ["uint8", "uint16", "float32"]))
    formats = [ome_zarr.format.FormatV04, ome_zarr.format.FormatV05]
    group = zarr.open_group(path, mode="w", zarr_format=2 if flip(rng) else 3)
    number = 0 if group.metadata.zarr_format == 2 else 1
    ome_zarr.writer.write_image(
        data, group, axes="tczyx", fmt=formats[number](), storage_options={"chunks": (1, 1, 5, 7, 9)}
    )
    return {name: digest(array[...]) for name, array in group.arrays()}


WRITERS = [zarr_python_v3, zarr_python_v2, tensorstore_v3, tensorstore_v2, ome_zarr]
