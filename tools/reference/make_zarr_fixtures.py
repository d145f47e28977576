"""Makes the fixtures of packages/zarr anew: `python tools/reference/make_zarr_fixtures.py`.

Needs requirements.txt of this folder. Writes small arrays with zarr-python and TensorStore and a
safetensors file with the Python package. An array's elements are `elements(shape, dtype)`, which
src/test-arrays.ts computes again, so that the fixture holds only what was on disk: one JSON file of
{array: {"describes": ..., "files": {path: base64}}}.
"""

import base64
import gzip
import json
import shutil
import tempfile
import types
from pathlib import Path

import ml_dtypes
import numpy as np
import safetensors.numpy
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

gzip.time = types.SimpleNamespace(time=lambda: 0)  # a gzip stream holds the time

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parents[1] / "packages/zarr/src/fixtures"

DTYPES = (
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 "
    "complex64 complex128"
).split()


def elements(shape, dtype):
    """Element i is made of h = (i * 2654435761 mod 2^32) >> 22, a number below 1024."""
    i = np.arange(int(np.prod(shape)), dtype=np.uint64)
    h = ((i * np.uint64(2654435761)) & np.uint64(0xFFFFFFFF)) >> np.uint64(22)
    h = h.astype(np.int64)
    if dtype == "bool":
        values = (h & 1) == 1
    elif dtype.startswith("complex"):
        values = h / 8 - 50 - 1j * (h / 2)
    elif dtype in ("float16", "bfloat16"):
        values = (h & 127) / 8 - 5
    elif dtype.startswith("float"):
        values = h / 8 - 50
    elif dtype.startswith("int"):
        values = (h & 255) - 128
    else:
        values = h & 255 if dtype == "uint8" else h
    return values.reshape(shape)


def blosc(cname, shuffle, typesize, blocksize=0, clevel=5):
    return BloscCodec(
        cname=cname, shuffle=shuffle, typesize=typesize, blocksize=blocksize, clevel=clevel
    )


def v3(path, shape, dtype, **options):
    options = {"chunks": shape, "compressors": None, **options}
    array = zarr.create_array(path, shape=shape, dtype=dtype, zarr_format=3, **options)
    array[...] = elements(shape, dtype).astype(dtype)


def v3_codecs(path, shape, dtype, chunks, codecs, **options):
    array = zarr.Array.create(
        path, shape=shape, dtype=dtype, chunk_shape=chunks, codecs=codecs, zarr_format=3, **options
    )
    array[...] = elements(shape, dtype).astype(dtype)


def v2(path, shape, dtype, **options):
    options = {"chunks": shape, "compressors": None, **options}
    array = zarr.create_array(path, shape=shape, dtype=dtype, zarr_format=2, **options)
    array[...] = elements(shape, array.dtype.name).astype(dtype)


def tensorstore(path, driver, metadata, shape, dtype):
    spec = {"driver": driver, "kvstore": {"driver": "file", "path": f"{path}/"}}
    store = ts.open({**spec, "metadata": metadata}, create=True, open=True).result()
    store[...] = elements(shape, dtype).astype(store.dtype.numpy_dtype)


def arrays():
    """Yields (name, shape, dtype, missing chunks, what writes it)."""
    import numcodecs

    shape, chunks = (5, 12, 14), (4, 8, 14)
    for dtype in DTYPES:
        yield f"v3-zstd-{dtype}", (3, 5), dtype, lambda p, d=dtype: v3(
            p, (3, 5), d, compressors=ZstdCodec(level=3, checksum=True)
        )
    sizes = {"uint8": 1, "uint16": 2, "int32": 4, "float32": 4, "float64": 8, "complex128": 16}
    for dtype, size in sizes.items():
        for shuffle in ("noshuffle", "shuffle", "bitshuffle"):
            for cname in ("zstd", "lz4"):
                # Small blocks, so that crops take some and leave others.
                yield f"v3-blosc-{cname}-{shuffle}-{dtype}", shape, dtype, (
                    lambda p, d=dtype, s=size, h=shuffle, c=cname: v3(
                        p, shape, d, chunks=chunks, compressors=blosc(c, h, s, 128 * s)
                    )
                )
    for cname in ("blosclz", "lz4hc", "zlib"):
        yield f"v3-blosc-{cname}", shape, "uint16", lambda p, c=cname: v3(
            p, shape, "uint16", chunks=chunks, compressors=blosc(c, "shuffle", 2)
        )
    large = (40, 32, 32)
    yield "v3-blosc-large", large, "uint16", lambda p: v3(
        p, large, "uint16", chunks=(33, 32, 32), compressors=blosc("zstd", "bitshuffle", 2, 8192, 9)
    )
    yield "v3-blosc-odd-typesize", shape, "uint16", lambda p: v3(
        p, shape, "uint16", chunks=chunks, compressors=blosc("zstd", "bitshuffle", 3)
    )
    yield "v3-blosc-stored", shape, "uint16", lambda p: v3(
        p, shape, "uint16", chunks=chunks, compressors=blosc("zstd", "bitshuffle", 2, clevel=0)
    )
    yield "v3-gzip", shape, "uint16", lambda p: v3(
        p, shape, "uint16", chunks=chunks, compressors=GzipCodec(level=5)
    )
    yield "v3-none", shape, "uint16", lambda p: v3(p, shape, "uint16", chunks=chunks)
    yield "v3-crc32c", shape, "float32", lambda p: v3(
        p, shape, "float32", chunks=chunks, compressors=[ZstdCodec(), Crc32cCodec()]
    )
    yield "v3-blosc-crc32c", shape, "uint16", lambda p: v3(
        p,
        shape,
        "uint16",
        chunks=chunks,
        compressors=[blosc("zstd", "bitshuffle", 2, 256), Crc32cCodec()],
    )
    yield "v3-crc32c-blosc", shape, "uint16", lambda p: v3(
        p,
        shape,
        "uint16",
        chunks=chunks,
        compressors=[Crc32cCodec(), blosc("lz4", "shuffle", 1)],
    )
    yield "v3-big-endian", shape, "int32", lambda p: v3_codecs(
        p, shape, "int32", chunks, [BytesCodec(endian="big"), GzipCodec()]
    )
    yield "v3-transpose", shape, "uint16", lambda p: v3_codecs(
        p,
        shape,
        "uint16",
        chunks,
        [TransposeCodec(order=(2, 0, 1)), BytesCodec(), blosc("zstd", "shuffle", 2)],
    )
    for dots in (".", "/"):
        for encoding in ("default", "v2"):
            name = f"v3-keys-{encoding}-{'dot' if dots == '.' else 'slash'}"
            yield name, (4, 4), "uint8", lambda p, d=dots, e=encoding: v3(
                p,
                (4, 4),
                "uint8",
                chunks=(2, 4),
                chunk_key_encoding={"name": e, "separator": d},
            )
    for location in ("start", "end"):
        yield f"v3-sharded-index-{location}", shape, "uint16", lambda p, where=location: v3_codecs(
            p,
            shape,
            "uint16",
            (4, 8, 14),
            [
                ShardingCodec(
                    chunk_shape=(2, 4, 7),
                    codecs=[BytesCodec(), blosc("zstd", "bitshuffle", 2), Crc32cCodec()],
                    index_location=where,
                )
            ],
        )
    yield "v3-sharded-index-no-crc", shape, "uint16", lambda p: v3_codecs(
        p,
        shape,
        "uint16",
        (4, 8, 14),
        [
            ShardingCodec(
                chunk_shape=(2, 4, 7), codecs=[BytesCodec(), GzipCodec()], index_codecs=[BytesCodec()]
            )
        ],
    )
    yield "v3-sharded-transpose", shape, "float32", lambda p: v3_codecs(
        p,
        shape,
        "float32",
        (4, 8, 14),
        [
            ShardingCodec(
                chunk_shape=(2, 4, 7),
                codecs=[TransposeCodec(order=(2, 1, 0)), BytesCodec(), ZstdCodec()],
            )
        ],
    )
    movie = (3, 5, 6, 7, 2)
    yield "v3-sharded-tzyxc", movie, "uint16", lambda p: v3(
        p,
        movie,
        "uint16",
        chunks=(1, 3, 4, 4, 2),
        shards=(3, 6, 8, 8, 2),
        compressors=blosc("zstd", "shuffle", 2, clevel=1),
    )
    yield "v3-scalar", (), "float64", lambda p: v3(p, (), "float64")
    yield "v3-line", (100,), "int16", lambda p: v3(
        p, (100,), "int16", chunks=(33,), compressors=blosc("lz4", "shuffle", 2)
    )
    for order in ("C", "F"):
        yield f"v2-order-{order}", shape, "uint16", lambda p, o=order: v2(
            p, shape, "uint16", chunks=chunks, order=o, compressors=numcodecs.Blosc("zstd", 1, 2)
        )
    for codec in ("Zstd", "GZip", "Zlib", "LZ4"):
        yield f"v2-{codec.lower()}", shape, "uint16", lambda p, c=codec: v2(
            p, shape, "uint16", chunks=chunks, compressors=getattr(numcodecs, c)()
        )
    for cname, shuffle in (("zstd", 0), ("lz4", 1), ("zstd", 2)):
        yield f"v2-blosc-{cname}-{shuffle}", shape, "uint16", lambda p, c=cname, s=shuffle: v2(
            p, shape, "uint16", chunks=chunks, compressors=numcodecs.Blosc(c, 5, s)
        )
    yield "v2-slash", shape, "uint16", lambda p: v2(
        p, shape, "uint16", chunks=chunks, chunk_key_encoding={"name": "v2", "separator": "/"}
    )
    yield "v2-big-endian", shape, "int32", lambda p: v2(p, shape, ">i4", chunks=chunks)
    yield "v2-bool", shape, "bool", lambda p: v2(p, shape, "bool", chunks=chunks)
    yield "v2-complex", (3, 4), "complex64", lambda p: v2(p, (3, 4), "complex64")
    yield "ts-v3-sharded", shape, "uint16", lambda p: tensorstore(
        p,
        "zarr3",
        {
            "shape": shape,
            "data_type": "uint16",
            "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [4, 8, 14]}},
            "codecs": [
                {
                    "name": "sharding_indexed",
                    "configuration": {
                        "chunk_shape": [2, 4, 7],
                        "codecs": [
                            {"name": "bytes", "configuration": {"endian": "little"}},
                            {
                                "name": "blosc",
                                "configuration": {
                                    "cname": "zstd",
                                    "clevel": 1,
                                    "shuffle": "shuffle",
                                    "typesize": 2,
                                    "blocksize": 0,
                                },
                            },
                        ],
                    },
                }
            ],
        },
        shape,
        "uint16",
    )
    yield "ts-v3-bfloat16", (3, 5), "bfloat16", lambda p: tensorstore(
        p, "zarr3", {"shape": (3, 5), "data_type": "bfloat16"}, (3, 5), "bfloat16"
    )
    yield "ts-v2", shape, "uint16", lambda p: tensorstore(
        p,
        "zarr",
        {
            "shape": shape,
            "chunks": [4, 8, 14],
            "dtype": "<u2",
            "compressor": {"id": "blosc", "cname": "lz4", "clevel": 5, "shuffle": 1},
        },
        shape,
        "uint16",
    )


def fill_values():
    """Yields arrays that hold one chunk of two, with the fill value that the other one has."""
    for dtype, fill in (
        ("uint16", 7),
        ("int64", -(2**53) - 1),
        ("uint64", 2**64 - 1),
        ("bool", True),
        ("float32", "NaN"),
        ("float64", "-Infinity"),
        ("float16", 1.5),
        ("complex64", [1.0, -2.0]),
    ):
        value = complex(*fill) if isinstance(fill, list) else fill
        value = float(fill.replace("Infinity", "inf")) if isinstance(fill, str) else value
        for zarr_format in (2, 3):
            name = f"v{zarr_format}-fill-{dtype}"

            def write(path, d=dtype, v=value, f=zarr_format):
                options = {"chunks": (2,), "fill_value": v, "compressors": None}
                array = zarr.create_array(path, shape=(4,), dtype=d, zarr_format=f, **options)
                array[:2] = elements((2,), d).astype(d)

            yield name, dtype, str(fill) if dtype.endswith("int64") else fill, write


def files_below(folder):
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    encode = lambda path: base64.b64encode(path.read_bytes()).decode()
    return {str(path.relative_to(folder)): encode(path) for path in found}


def packed():
    result = {}
    for name, shape, dtype, write in arrays():
        folder = Path(tempfile.mkdtemp()) / name
        write(str(folder))
        described = {"shape": list(shape), "dtype": dtype}
        result[name] = {"describes": described, "files": files_below(folder)}
        shutil.rmtree(folder.parent)
    for name, dtype, fill, write in fill_values():
        folder = Path(tempfile.mkdtemp()) / name
        write(str(folder))
        described = {"shape": [4], "dtype": dtype, "fill": fill}
        result[name] = {"describes": described, "files": files_below(folder)}
        shutil.rmtree(folder.parent)
    return result


def tensors():
    """Every type that a safetensors file and the engine share, an empty tensor and a scalar."""
    dtypes = [d for d in DTYPES if d != "complex128"]
    named = {f"t.{d}": elements((2, 3, 4), d).astype(d) for d in dtypes}
    named["t.bfloat16"] = elements((2, 3, 4), "bfloat16").astype(ml_dtypes.bfloat16)
    named["empty"] = np.zeros((0, 3), np.float32)
    named["scalar"] = np.asarray(2.5, np.float64)
    return named


if __name__ == "__main__":
    FIXTURES.mkdir(parents=True, exist_ok=True)
    text = json.dumps(packed(), indent=0, sort_keys=True)
    (FIXTURES / "arrays.json").write_text(text + "\n")
    written = safetensors.numpy.save(tensors(), metadata={"writer": "safetensors"})
    (FIXTURES / "python.safetensors").write_bytes(written)
