"""Writes the TIFF files that packages/platform/src/images/tiff is tested on.

    python tools/reference/make_tiff_fixtures.py        (tifffile 2026.3.3, imagecodecs 2026.3.6)

The voxel at (t, z, c, y, x) is (((t * 7 + z) * 5 + c) * 1000 + y * 37 + x * 3), so that the tests
know every value without a second file.
"""

from pathlib import Path

import numpy as np
import tifffile

folder = Path(__file__).parents[2] / "packages/platform/src/images/tiff/fixtures"
folder.mkdir(exist_ok=True)


def voxels(frames=1, slices=1, channels=1, height=9, width=11):
    t, z, c, y, x = np.ogrid[:frames, :slices, :channels, :height, :width]
    return (((t * 7 + z) * 5 + c) * 1000 + y * 37 + x * 3).astype(np.uint16)


def write(name, data, **options):
    options.setdefault("metadata", None)
    tifffile.imwrite(folder / name, data, software=False, datetime=None, **options)


stack = voxels(slices=5)[0, :, 0]
write("none.tif", stack, rowsperstrip=4)
write("deflate.tif", stack, compression="zlib", predictor=True)
write("lzw.tif", stack, compression="lzw")
write("lzw-predictor-big-endian.tif", stack.astype(">u2"), compression="lzw", predictor=True, byteorder=">")
write("packbits.tif", stack, compression="packbits", rowsperstrip=2)
write("zstd.tif", stack, compression="zstd")
write("bigtiff.tif", stack, bigtiff=True, compression="zlib")
write("tiled.tif", voxels(slices=2, height=21, width=35)[0, :, 0], tile=(16, 16), compression="zlib", predictor=True)
write("big-endian.tif", stack.astype(">u2"), byteorder=">")
write("shaped.tif", voxels(frames=2, slices=3)[:, :, 0], metadata={}, photometric="minisblack")
write("float32.tif", stack.astype(np.float32), compression="zlib")
write("signed.tif", stack.astype(np.int16) - 7)
write("labels-uint8.tif", (stack % 200).astype(np.uint8), compression="zlib")
write("rgb-contiguous.tif", np.moveaxis(voxels(slices=2, channels=3)[0], 1, -1), photometric="rgb", planarconfig="contig")
write("rgb-planar.tif", voxels(slices=2, channels=3)[0], photometric="rgb", planarconfig="separate")
write("long-lzw.tif", voxels(height=120, width=60)[0, 0, 0] // 40, compression="lzw")

write(
    "imagej.tif",
    voxels(frames=2, slices=3, channels=2),
    imagej=True,
    resolution=(1 / 0.4, 1 / 0.4),
    metadata={"spacing": 0.8, "unit": "um", "finterval": 90.0, "axes": "TZCYX"},
)
write(
    "ome.tif",
    voxels(frames=2, slices=3, channels=2),
    ome=True,
    compression="zlib",
    metadata={
        "axes": "TZCYX",
        "PhysicalSizeX": 0.4,
        "PhysicalSizeXUnit": "µm",
        "PhysicalSizeY": 0.4,
        "PhysicalSizeYUnit": "µm",
        "PhysicalSizeZ": 800.0,
        "PhysicalSizeZUnit": "nm",
        "TimeIncrement": 1.5,
        "TimeIncrementUnit": "min",
        "Channel": {"Name": ["nuclei", "membranes & more"]},
    },
)

# ImageJ above 4 GB: one directory for all planes, which lie behind each other.
whole = (folder / "imagej.tif").read_bytes()
with tifffile.TiffFile(folder / "imagej.tif") as tif:
    second = tif.pages[0].offset, tif.pages[1].offset
    # the offset of the next directory stands after the entries of the first
    at = tif.pages[0].offset + 2 + 12 * len(tif.pages[0].tags)
one = bytearray(whole)
order = "big" if whole[:2] == b"MM" else "little"
assert int.from_bytes(one[at : at + 4], order) == second[1]
one[at : at + 4] = bytes(4)
(folder / "imagej-one-directory.tif").write_bytes(one)

for path in sorted(folder.glob("*.tif")):
    size = path.stat().st_size
    assert size < 20_000, path
    print(f"{path.name}: {size} bytes")
