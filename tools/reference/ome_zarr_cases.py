"""ome-zarr-models, for tools/verify/ome-zarr.ts.

Prints, for every group of FOLDER that is an image or a label image, the name of the model that it
fits, or what the model refuses.
"""

import json
import sys
from pathlib import Path

import zarr
from ome_zarr_models import open_ome_zarr


def judge(path):
    try:
        return type(open_ome_zarr(zarr.open_group(path, mode="r"))).__name__
    except Exception as refusal:  # of any kind: it is what is reported
        return f"refused: {refusal}"


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    groups = sorted([*folder.glob("*.zarr"), *folder.glob("*.zarr/labels/cells")])
    print(json.dumps({str(group.relative_to(folder)): judge(group) for group in groups}))
