"""zarr-python, TensorStore, ome-zarr-py and safetensors, for tools/verify/zarr.ts.

`read FOLDER` prints the SHA-256 of every array and tensor below FOLDER, as each package reads it.
`write FOLDER SEED COUNT` writes COUNT arrays and a safetensors file drawn anew, and prints theirs.
A SHA-256 is that of the elements in C order, little-endian.
"""

import json
import sys
import warnings
from pathlib import Path

import ml_dtypes
import numpy as np
import safetensors.numpy
import tensorstore as ts
import zarr
from zarr_writers import DTYPES, WRITERS, digest, elements


def read(folder):
    found = {}
    for path in sorted(folder.iterdir()):
        if path.suffix == ".safetensors":
            for name, array in safetensors.numpy.load_file(path).items():
                found[f"{path.name}/{name}"] = {"safetensors": digest(array)}
        elif path.name.endswith(".ome.zarr"):
            for name, array in read_image(path).items():
                found[f"{path.name}/{name}"] = {"ome-zarr-py": digest(array)}
        else:
            found[path.name] = read_array(path)
    return found


def read_array(path):
    driver = "zarr3" if (path / "zarr.json").exists() else "zarr"
    spec = {"driver": driver, "kvstore": {"driver": "file", "path": f"{path}/"}}
    found = {"tensorstore": digest(ts.open(spec).result().read().result())}
    if "bfloat16" not in path.name:  # zarr-python has no such type
        found["zarr-python"] = digest(zarr.open_array(str(path), mode="r")[...])
    return found


def read_image(path):
    import ome_zarr.io
    import ome_zarr.reader

    location = ome_zarr.io.parse_url(str(path), mode="r")
    image = next(iter(ome_zarr.reader.Reader(location)()))
    return {str(level): data.compute() for level, data in enumerate(image.data)}


def write(folder, seed, count):
    found = {}
    for index in range(count):
        writer = WRITERS[index % len(WRITERS)]
        name = f"{index}-{writer.__name__}"
        rng = np.random.default_rng([seed, index])
        for inside, sha256 in writer(rng, str(folder / name)).items():
            found[f"{name}/{inside}".rstrip("/")] = sha256
    rng = np.random.default_rng([seed, count])
    tensors = {f"t{k}": elements(rng, [3, k], dtype) for k, dtype in enumerate(DTYPES[:-1])}
    tensors["brain"] = rng.normal(size=(4, 5)).astype(ml_dtypes.bfloat16)
    safetensors.numpy.save_file(tensors, folder / "python.safetensors", {"seed": str(seed)})
    for name, array in tensors.items():
        found[f"python.safetensors/{name}"] = digest(array)
    return found


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # ome-zarr-py's, of images too small for all its levels
    verb, folder, *numbers = sys.argv[1:]
    found = read(Path(folder)) if verb == "read" else write(Path(folder), *map(int, numbers))
    print(json.dumps(found))
