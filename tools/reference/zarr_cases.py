"""zarr-python, TensorStore and safetensors, for tools/verify/zarr.ts.

`read FOLDER` prints the SHA-256 of every array and tensor below FOLDER, as each package reads it.
`write FOLDER SEED` writes arrays and a safetensors file drawn anew, and prints theirs.
A SHA-256 is that of the elements in C order, little-endian.
"""

import hashlib
import json
import sys
from pathlib import Path

import ml_dtypes
import numpy as np
import safetensors.numpy
import tensorstore as ts
import zarr
from zarr.codecs import BloscCodec, GzipCodec, ZstdCodec

DTYPES = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64".split()


def digest(array):
    array = np.ascontiguousarray(array)
    return hashlib.sha256(array.tobytes()).hexdigest()


def read(folder):
    found = {}
    for path in sorted(folder.iterdir()):
        if path.suffix == ".safetensors":
            for name, array in safetensors.numpy.load_file(path).items():
                found[f"{path.name}/{name}"] = {"safetensors": digest(array)}
            continue
        driver = "zarr3" if (path / "zarr.json").exists() else "zarr"
        spec = {"driver": driver, "kvstore": {"driver": "file", "path": f"{path}/"}}
        found[path.name] = {"tensorstore": digest(ts.open(spec).result().read().result())}
        if "bfloat16" not in path.name:  # zarr-python has no such type
            found[path.name]["zarr-python"] = digest(zarr.open_array(str(path), mode="r")[...])
    return found


def bytes_of(rng, shape, dtype):
    small = rng.integers(0, 100, shape)
    return (small % 2 == 0) if dtype == "bool" else small.astype(dtype)


def compressor(rng, size):
    kind = rng.integers(0, 5)
    if kind == 0:
        return GzipCodec(level=int(rng.integers(1, 10)))
    if kind == 1:
        return ZstdCodec(level=int(rng.integers(1, 10)), checksum=bool(rng.integers(0, 2)))
    return BloscCodec(
        cname=str(rng.choice(["zstd", "lz4", "lz4hc", "zlib", "blosclz"])),
        clevel=int(rng.integers(0, 10)),
        shuffle=str(rng.choice(["noshuffle", "shuffle", "bitshuffle"])),
        typesize=size,
        blocksize=int(rng.choice([0, 256, 4096])),
    )


def write(folder, seed):
    rng = np.random.default_rng(seed)
    written = {}
    for index in range(60):
        dtype = str(rng.choice(DTYPES))
        rank = int(rng.integers(1, 6))
        chunks = [int(n) for n in rng.integers(1, 9, rank)]
        shards = [n * int(rng.integers(1, 4)) for n in chunks] if rng.integers(0, 2) else None
        shape = [int(n) for n in rng.integers(1, 20 if rank < 4 else 9, rank)]
        data = bytes_of(rng, shape, dtype)
        name = f"{index}-{dtype}"
        array = zarr.create_array(
            str(folder / name),
            shape=shape,
            chunks=chunks,
            shards=shards,
            dtype=dtype,
            compressors=compressor(rng, np.dtype(dtype).itemsize),
        )
        array[...] = data
        written[name] = digest(data)
    tensors = {f"t{k}": bytes_of(rng, [3, k], dtype) for k, dtype in enumerate(DTYPES)}
    tensors["half"] = rng.normal(size=(4, 5)).astype(np.float16)
    tensors["brain"] = rng.normal(size=(4, 5)).astype(ml_dtypes.bfloat16)
    safetensors.numpy.save_file(tensors, folder / "python.safetensors", {"seed": str(seed)})
    for name, array in tensors.items():
        written[f"python.safetensors/{name}"] = digest(array)
    return written


if __name__ == "__main__":
    verb, folder = sys.argv[1], Path(sys.argv[2])
    print(json.dumps(read(folder) if verb == "read" else write(folder, int(sys.argv[3]))))
