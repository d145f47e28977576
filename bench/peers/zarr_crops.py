"""The peer of bench/zarr-crops.ts. `--make FOLDER` writes the data; otherwise it answers commands,
one JSON line each: the seconds that TensorStore needs for a list of crops, and their sums."""

import json
import sys
import time

import numpy as np
import tensorstore as ts

size, inner, crop, in_flight = 384, 64, 128, 8


def make(folder):
    import zarr
    from zarr.codecs import BloscCodec

    rng = np.random.default_rng(0)
    wave = (np.sin(np.linspace(0, 50, size)) * 50 + 60).astype(np.uint16)
    data = rng.poisson(20, (size,) * 3).astype(np.uint16) + wave
    for name, shards in (("chunks", None), ("shard", (size,) * 3)):
        array = zarr.create_array(
            f"{folder}/{name}.zarr",
            shape=data.shape,
            chunks=(inner,) * 3,
            shards=shards,
            dtype="uint16",
            compressors=[BloscCodec(cname="zstd", clevel=1, shuffle="bitshuffle")],
        )
        array[:] = data


buffers = [np.ones((crop,) * 3, np.uint16) for _ in range(in_flight)]


def read(path, origins, sums):
    # No cache, the file's state not asked for again, memory of our own: TensorStore at its best.
    store = ts.open(
        {
            "driver": "zarr3",
            "recheck_cached_data": False,
            "kvstore": {"driver": "file", "path": path + "/"},
        },
        context=ts.Context({"cache_pool": {"total_bytes_limit": 0}}),
    ).result()
    pending = []

    def settle():
        slot, future = pending.pop(0)
        future.result()
        if sums is not None:
            sums.append(int(buffers[slot].sum(dtype=np.uint64)))

    begin = time.perf_counter()
    for k, (z, y, x) in enumerate(origins):
        if len(pending) == in_flight:
            settle()
        slot = k % in_flight
        target = ts.array(buffers[slot], copy=False)
        future = target.write(store[z : z + crop, y : y + crop, x : x + crop])
        pending.append((slot, future))
    while pending:
        settle()
    return time.perf_counter() - begin


if sys.argv[1:2] == ["--make"]:
    make(sys.argv[2])
    sys.exit()
for line in sys.stdin:
    command = json.loads(line)
    sums = [] if command["check"] else None
    seconds = read(command["path"], command["origins"], sums)
    print(json.dumps({"seconds": seconds, "sums": sums}), flush=True)
