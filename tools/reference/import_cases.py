"""Images that NumPy and zarr-python write, and what NumPy says of them, for tools/verify/import.ts.

    python import_cases.py FOLDER SEED

Writes NAME.npy, NAME.npz or NAME.zarr (an OME-Zarr image of zarr-python's) and beside each of them
NAME.tczyx, the same voxels as T C Z Y X in little-endian order. Of the cases that can be catalogued
it prints the percentiles and boxes of one hypercube, computed the obvious way.
"""

import json
import sys
from pathlib import Path

import numpy as np
import zarr

AXES = ["ZYX", "TZYX", "CZYX", "TZYXC", "TCZYX", "ZYXC", "XYZ"]
DTYPES = ["u1", "<u2", ">u2", "<i2", ">i4", "<u4", "<f4", ">f4", "<f8", "<i8", ">u8", "<f2"]


def to_tczyx(data, axes):
    """Any order of axes as T C Z Y X."""
    order = [axis for axis in "TCZYX" if axis in axes]
    moved = data.transpose([axes.index(axis) for axis in order])
    return moved.reshape([data.shape[axes.index(axis)] if axis in axes else 1 for axis in "TCZYX"])


def stored_dtype(dtype):
    """The type that an import makes of it."""
    name = np.dtype(dtype).newbyteorder("=").name
    return {"uint8": "uint16", "int64": "int32", "uint64": "uint32", "float16": "float32"}.get(name, name)


def write_case(folder, name, rng):
    axes = AXES[rng.integers(len(AXES))]
    kind = ["npy", "npz", "zarr"][rng.integers(3)]
    dtype = np.dtype(DTYPES[rng.integers(len(DTYPES))])
    if kind == "zarr":
        axes, dtype = ["ZYX", "TZYX", "CZYX", "TCZYX"][rng.integers(4)], np.dtype("<u2")
    shape = [int(rng.integers(1, 4 if axis in "TC" else 24)) for axis in axes]
    data = rng.integers(0, 200, shape).astype(dtype)
    if rng.integers(2):
        data = np.asfortranarray(data)
    path = folder / f"{name}.{kind}"
    if kind == "npy":
        np.save(path, data)
    elif kind == "npz":
        (np.savez_compressed if rng.integers(2) else np.savez)(path, data)
    else:
        write_ome_zarr(path, np.ascontiguousarray(data), axes, rng)
    wanted = to_tczyx(data, axes)
    stored = stored_dtype(dtype)
    (folder / f"{name}.tczyx").write_bytes(wanted.astype(np.dtype(stored).newbyteorder("<")).tobytes())
    return {"name": name, "kind": kind, "axes": axes, "dtype": stored, "shape": list(wanted.shape)}


def write_ome_zarr(path, data, axes, rng):
    version = int(rng.integers(2, 4))
    group = zarr.open_group(path, mode="w", zarr_format=version)
    chunks = [int(rng.integers(1, size + 1)) for size in data.shape]
    array = group.create_array("0", shape=data.shape, chunks=chunks, dtype=data.dtype)
    array[...] = data
    types = {"t": "time", "c": "channel"}
    multiscales = [{
        "axes": [{"name": axis, "type": types.get(axis, "space")} for axis in axes.lower()],
        "datasets": [{"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [1.0] * data.ndim}]}],
    }]
    if version == 2:
        group.attrs["multiscales"] = [{**multiscales[0], "version": "0.4"}]
    else:
        group.attrs["ome"] = {"version": "0.5", "multiscales": multiscales}


def write_labelled(folder, rng):
    """An image and its labels, and the numbers of every hypercube of a grid over it."""
    shape, cube = (2, 12, 20, 24), (1, 6, 10, 8)
    data = rng.poisson(rng.uniform(50, 400, shape)).astype(np.uint16)
    labels = np.zeros(shape, np.uint16)
    for cell in range(1, 30):
        corner = [int(rng.integers(0, size)) for size in shape]
        sizes = [1, *(int(rng.integers(1, 8)) for _ in range(3))]
        labels[tuple(slice(at, at + size) for at, size in zip(corner, sizes))] = cell
    np.save(folder / "labelled.npy", data)
    np.save(folder / "labelled-mask.npy", labels)
    rows = []
    for t, z, y, x in np.ndindex(*(size // edge for size, edge in zip(shape, cube))):
        start = [i * edge for i, edge in zip((t, z, y, x), cube)]
        block = tuple(slice(at, at + edge) for at, edge in zip(start, cube))
        boxes = {}
        for cell in np.unique(labels[block][labels[block] > 0]):
            _, *where = np.nonzero(labels[block] == cell)
            boxes[str(cell)] = [int(w.min()) for w in where] + [int(w.max()) + 1 for w in where]
        counts = np.percentile(data[block], [80, 90, 95, 99], method="inverted_cdf")
        rows.append({"start": start, "cdf": [int(count) for count in counts], "boxes": boxes})
    return {"cube": list(cube), "rows": rows}


if __name__ == "__main__":
    folder, rng = Path(sys.argv[1]), np.random.default_rng(int(sys.argv[2]))
    cases = [write_case(folder, f"case-{number}", rng) for number in range(60)]
    print(json.dumps({"cases": cases, "labelled": write_labelled(folder, rng)}))
