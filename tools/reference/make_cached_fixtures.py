"""Rows as the reference platform caches them: a CSV by pandas with its index, a JSON side-car with
every public attribute of the database, and the extents of the ROIs, by which hypercubes are clipped.

    python tools/reference/make_cached_fixtures.py FOLDER
"""

import json
import sys

import pandas


def rows():
    for roi, tile, starts in ((7, "a", (0, 128)), (7, "b", (0, 128)), (8, "c", (0,))):
        for x in starts:
            metadata = {
                str(c): {"histogram": {f"{p}.0": p + x / 8 + c for p in (80, 90, 95, 99)}, "mask_bbox_dict": {}}
                for c in (0, 1)
            }
            if tile == "a":
                metadata["1"]["mask_bbox_dict"] = {"3": [1, 2, 3, 4, 5, 6]}
            yield {
                "first_pc_id": 100 + x,
                "prepared_id": roi,
                "tile_name": tile,
                "x_start": x,
                "y_start": 0,
                "z_start": 0,
                "time_start": 0,
                "channel_size": 2,
                "cube_size": 128,
                "time_size": 1,
                "hpf": 5.5,
                "server_folder": "/clusterfs/data",
                "output_folder": f"2025/9/{roi}",
                "pc_metadata_json": json.dumps(metadata),
                "metadata_tile_json": None,
                "occupancy_ratios_ch_0": [0.25 + x / 512],
                "occupancy_ratios_ch_1": [0.5],
                "exists": True,
                "exists_prfs": None,
                "exists_aws": None,
                "is_synthetic": False,
            }


attributes = {
    "input_shape": (1, 128, 128, 128, 2),
    "dataset_layout_order": "TZYXC",
    "max_rois": None,
    "max_tiles": None,
    "max_hypercubes": None,
    "hpf_list": None,
    "roi_list": [7, 8],
    "tile_list": None,
    "timepoint_list": None,
    "dbname": "prod",
    "verbose": False,
    "fetch_hypercubes_dataframe": True,
    "use_cached_hypercubes_dataframe": False,
    "protocol": None,
    "max_partitions": 10,
    "server_folder_path": None,
    "occupancy_threshold": 0.9,
    "occupancy_threshold_filter_type": "min_ch0",
    "cdf_threshold": None,
    "cdf_target": "90",
    "cdf_threshold_filter_type": "min_ch0",
    "base_cube_size_x": 128,
    "base_cube_size_y": 128,
    "base_cube_size_z": 128,
    "synthetic_only": False,
    "has_annotations": False,
    "with_hypercubes_dataframe": True,
    "mask_channel_idx": None,
}

starts = {"x_start": 0, "y_start": 0, "z_start": 0}
rois = [
    {"id": 7, **starts, "z_end": 128, "y_end": 128, "x_end": 256, "time_size": 3, "channel_size": 2},
    {"id": 8, **starts, "z_end": 128, "y_end": 128, "x_end": 100, "time_size": 3, "channel_size": 2},
]

folder = sys.argv[1]
pandas.DataFrame(rows()).to_csv(f"{folder}/reference.csv", index=True)
pandas.DataFrame(rois).to_csv(f"{folder}/reference_rois.csv", index=True)
with open(f"{folder}/reference.json", "w") as file:
    json.dump(attributes, file, indent=4)
