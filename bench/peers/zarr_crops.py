"""The peers of bench/zarr-crops.ts. `--make FOLDER` writes the data; otherwise it answers commands,
one JSON line each: the seconds that TensorStore, or zarr-python, needs for a list of crops, those of
processors (of all threads), and the crops' hashes; or `{"drop": FOLDER}`, which empties the page
cache of its files."""

import hashlib
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import tensorstore as ts
import zarr

size, inner, crop, in_flight = 384, 64, 128, 8


def make(folder):
    from zarr.codecs import BloscCodec, ZstdCodec

    rng = np.random.default_rng(0)
    wave = (np.sin(np.linspace(0, 50, size)) * 50 + 60).astype(np.uint16)
    data = rng.poisson(20, (size,) * 3).astype(np.uint16) + wave
    blosc_zstd = BloscCodec(cname="zstd", clevel=1, shuffle="bitshuffle")
    blosc_lz4 = BloscCodec(cname="lz4", clevel=1, shuffle="bitshuffle")
    for name, shards, codec in (
        ("chunks", None, blosc_zstd),
        ("shard", (size,) * 3, blosc_zstd),
        ("lz4", None, blosc_lz4),
        ("zstd", None, ZstdCodec()),
    ):
        array = zarr.create_array(
            f"{folder}/{name}.zarr",
            shape=data.shape,
            chunks=(inner,) * 3,
            shards=shards,
            dtype="uint16",
            compressors=[codec],
        )
        array[:] = data


buffers = [np.ones((crop,) * 3, np.uint16) for _ in range(in_flight)]
slots = ThreadPoolExecutor(in_flight)


def clocks():
    return time.perf_counter(), time.process_time()


def since(begin):
    return tuple(now - then for now, then in zip(clocks(), begin, strict=True))


def digest(elements):
    return hashlib.sha256(elements.tobytes()).hexdigest()


def read(path, origins, cache_bytes, hashes):
    # The file's state not asked for again, memory of our own: TensorStore at its best.
    store = ts.open(
        {
            "driver": "zarr3",
            "recheck_cached_data": False,
            "kvstore": {"driver": "file", "path": path + "/"},
        },
        context=ts.Context({"cache_pool": {"total_bytes_limit": int(cache_bytes)}}),
    ).result()
    found = [None] * len(origins)
    crops = iter(enumerate(origins))  # each is taken by the slot that is free first, as ours are

    def fill(buffer):
        target = ts.array(buffer, copy=False)
        for k, (z, y, x) in crops:
            target.write(store[z : z + crop, y : y + crop, x : x + crop]).result()
            if hashes is not None:
                found[k] = digest(buffer)

    begin = clocks()
    list(slots.map(fill, buffers))
    took = since(begin)
    if hashes is not None:
        hashes.extend(found)
    return took


def read_zarr_python(path, origins, hashes):
    # One crop after the other: it reads a crop's chunks concurrently by itself.
    array = zarr.open_array(path, mode="r")
    begin = clocks()
    for z, y, x in origins:
        found = array[z : z + crop, y : y + crop, x : x + crop]
        if hashes is not None:
            hashes.append(digest(found))
    return since(begin)


def drop(folder):
    for path in Path(folder).rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file)  # what is not on disk yet stays in memory
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


if sys.argv[1:2] == ["--make"]:
    make(sys.argv[2])
    sys.exit()
for line in sys.stdin:
    command = json.loads(line)
    if "drop" in command:
        drop(command["drop"])
        print("true", flush=True)
        continue
    hashes = [] if command["check"] else None
    path, origins = command["file"], command["origins"]
    if command.get("peer") == "zarr-python":
        seconds, cpu_seconds = read_zarr_python(path, origins, hashes)
    else:
        seconds, cpu_seconds = read(path, origins, command["cacheBytes"], hashes)
    answer = {"seconds": seconds, "cpuSeconds": cpu_seconds, "hashes": hashes}
    print(json.dumps(answer), flush=True)
