"""Tables of hypercubes, queries on them, and their answers: plain loops over dicts, no library.

    database_reference.py FOLDER SEED NUM_TABLES NUM_QUERIES

writes for each table FOLDER/N.csv (as pandas writes the reference platform's cached rows), N.json
(tiles and hypercubes for our own catalogue), and N.queries.json: queries and what they must give.
"""

import itertools
import json
import random
import sys

import pandas

PERCENTILES = (80, 90, 95, 99)
AXES = ("time", "z", "y", "x")
LOCATIONS = ("exists", "exists_prfs", "exists_aws", "exists_oak")


def make_table(rng, may_be_unknown):
    """Tiles with rows on the grid of `base`, some missing, twice, off the grid, or out of the tile."""
    base = (rng.choice((1, 2)), rng.choice((2, 4)), 4, 4)
    tiles, rows = [], []
    for roi in rng.sample(["a", "B", "b", "ä", "roi-1", "it's", "1 OR 1=1"], 3):
        for name in rng.sample(["t1", "t10", "t2", "T1", 'quo"ted, and\ncomma'], rng.randint(1, 3)):
            tile = {
                "prepared_id": roi,
                "tile_name": name,
                "server_folder": "/data",
                "output_folder": "out",
                "channel_size": rng.choice((1, 2, 2, 3)),
                "hpf": rng.choice((None, 5, 6.5, 24)),
                "is_synthetic": rng.random() < 0.4,
                "labels_path": rng.choice((None, "labels/cells")),
                **{name: rng.choice((True, True, False, None)) for name in LOCATIONS},
            }
            shape = (rng.randint(1, 5), rng.randint(3, 10), rng.randint(5, 17), rng.randint(5, 17))
            tile.update({f"tile_{axis}_size": size for axis, size in zip(AXES, shape)})
            tiles.append(tile)
            rows.extend(make_rows(rng, tile, shape, base, 0.01 if may_be_unknown else 0))
    rng.shuffle(rows)
    return base, tiles, rows


def make_rows(rng, tile, shape, base, unknown):
    starts = [range(0, size, edge) for size, edge in zip(shape, base)]
    is_next_missing = False
    for t in starts[0]:
        for z in starts[1]:
            for y in starts[2]:
                for x in starts[3]:
                    fate = rng.random()
                    if fate < 0.04 or is_next_missing:
                        is_next_missing = False
                        continue
                    place = [t, z, y, x]
                    if fate < 0.06:
                        place[rng.randrange(1, 4)] += 1
                    elif fate < 0.07:
                        place[3] = shape[3] + rng.randint(0, 3)
                    row = make_row(rng, tile, place, base, unknown)
                    yield row
                    if fate > 0.98:
                        yield dict(row)
                        is_next_missing = rng.random() < 0.5  # as many voxels as if it were there


def make_row(rng, tile, place, size, unknown):
    def number(high, digits):
        return None if rng.random() < unknown else round(rng.uniform(0, high), digits)

    channels = range(tile["channel_size"])
    row = dict(tile)
    row.update({f"{axis}_start": start for axis, start in zip(AXES, place)})
    row.update({f"{axis}_size": edge for axis, edge in zip(AXES, size)})
    row["occupancy"] = [
        None if rng.random() < unknown else [number(1, 3) for _ in range(size[0])] for _ in channels
    ]
    row["cdf"] = {p: [number(400, 1) for _ in channels] for p in PERCENTILES}
    row["boxes"] = {
        str(c): {
            str(rng.randint(1, 6)): [rng.randint(0, 2) for _ in range(3)]
            + [rng.randint(2, 4) for _ in range(3)]
            for _ in range(rng.choice((0, 0, 1, 2)))
        }
        for c in channels
    }
    return row


def make_query(rng, base, tiles):
    query = {}

    def sometimes(name, value, chance=0.15):
        if rng.random() < chance:
            query[name] = value

    names = lambda key: rng.sample([tile[key] for tile in tiles], rng.randint(0, len(tiles)))
    sometimes("roi_list", names("prepared_id") + ["nobody"], 0.15)
    sometimes("tile_list", names("tile_name"), 0.15)
    sometimes("timepoint_list", rng.sample(range(6), rng.randint(0, 4)))
    sometimes("hpf_list", rng.sample([5, 6.5, 24, 7], rng.randint(1, 3)))
    sometimes("num_channels", rng.randint(1, 3), 0.15)
    sometimes("min_channels", rng.randint(1, 3), 0.15)
    sometimes("synthetic_only", rng.random() < 0.5)
    sometimes("has_annotations", rng.random() < 0.7)
    sometimes("location", rng.choice(LOCATIONS))
    which = ("min_ch0", "min_ch1", "min_all")
    if rng.random() < 0.5:
        query["occupancy_threshold"] = round(rng.uniform(0, 0.3), 2)
        sometimes("occupancy_threshold_filter_type", rng.choice(which), 0.8)
    if rng.random() < 0.5:
        query["cdf_threshold"] = round(rng.uniform(0, 100), 1)
        sometimes("cdf_target", rng.choice(PERCENTILES), 0.8)
        sometimes("cdf_threshold_filter_type", rng.choice(which), 0.8)
    sometimes("max_rois", rng.randint(1, 3))
    sometimes("max_tiles", rng.randint(1, 4))
    sometimes("max_hypercubes", rng.randint(1, 20))
    kind = rng.random()
    if kind > 0.85:
        for name in ("occupancy_threshold", "cdf_threshold"):
            query.pop(name, None)
        query["with_hypercubes_dataframe"] = False
        sometimes("mask_channel_idx", rng.randint(-2, 3), 0.5)
        sometimes("has_annotations", True, 0.4)
        sometimes("cube_shape", [rng.randint(1, 4), rng.randint(1, 8), rng.randint(1, 12), 1], 0.4)
        return query
    if kind < 0.5:
        query["base_cube_shape"] = base
        query["cube_shape"] = [edge * rng.choice((1, 2, 2, 3)) for edge in base]
        sometimes("incomplete_hypercubes", rng.choice(("keep", "drop")), 0.6)
    elif kind < 0.8:
        query["cube_shape"] = list(base) if rng.random() < 0.9 else [1, 1, 1, 1]
    if "cube_shape" in query:
        sometimes("edge_hypercubes", rng.choice(("keep", "drop")), 0.7)
    return query


def answer(query, tiles, rows):
    """The rows that a query gives, in order, and how many each of its steps leaves."""
    if query.get("with_hypercubes_dataframe") is False:
        rows = [whole_tile(query, tile, rows) for tile in tiles]
    counts = [["all", len(rows)]]

    def keep(name, condition):
        nonlocal rows
        rows = [row for row in rows if condition(row)]
        counts.append([name, len(rows)])

    are_tiles = query.get("with_hypercubes_dataframe") is False
    for row in rows if not are_tiles else []:
        for axis in AXES:
            room = row[f"tile_{axis}_size"] - row[f"{axis}_start"]
            row[f"num_{axis}"] = row[f"{axis}_size"]
            row[f"{axis}_size"] = min(row[f"{axis}_size"], room)
        row["annotated"] = any(cells for cells in row["boxes"].values())
        row["least"] = [
            min(frames) if frames is not None and None not in frames else None
            for frames in row["occupancy"]
        ]
    if not are_tiles:
        keep("extent", lambda row: all(row[f"{axis}_size"] > 0 and row[f"{axis}_start"] >= 0 for axis in AXES))
    if "num_channels" in query:
        keep("num_channels", lambda row: row["channel_size"] == query["num_channels"])
    if "min_channels" in query:
        keep("min_channels", lambda row: row["channel_size"] >= query["min_channels"])
    if "roi_list" in query:
        keep("roi_list", lambda row: row["prepared_id"] in query["roi_list"])
    if "tile_list" in query:
        keep("tile_list", lambda row: row["tile_name"] in query["tile_list"])
    if "hpf_list" in query:
        keep("hpf_list", lambda row: row["hpf"] in query["hpf_list"])
    if "synthetic_only" in query:
        keep("synthetic_only", lambda row: row["is_synthetic"] == query["synthetic_only"])
    if "location" in query:
        keep("location", lambda row: row[query["location"]] is True)
    if "base_cube_shape" in query:
        base = dict(zip(AXES, query["base_cube_shape"]))
        keep("base_cube_shape", lambda row: is_on_grid(row, base))
        rows = put_together(rows, dict(zip(AXES, query["cube_shape"])))
        counts.append(["aggregate", len(rows)])
        if query.get("incomplete_hypercubes", "drop") == "drop":
            keep("complete", lambda row: row["complete"])
    if "cube_shape" in query and are_tiles:
        sizes = dict(zip(AXES, query["cube_shape"]))
        keep("cube_shape", lambda row: all(row[f"{axis}_size"] >= sizes[axis] for axis in AXES))
    elif "cube_shape" in query:
        wanted = dict(zip(AXES, query["cube_shape"]))
        keep("cube_shape", lambda row: is_of_shape(row, wanted, query.get("edge_hypercubes") == "keep"))
    if "timepoint_list" in query:
        frames = query["timepoint_list"]
        if are_tiles:
            keep("timepoint_list", lambda row: any(frame < row["time_size"] for frame in frames))
        else:
            keep("timepoint_list", lambda row: row["time_start"] in frames)
    if query.get("has_annotations"):
        keep("has_annotations", lambda row: row["annotated"])
    if "occupancy_threshold" in query:
        which = query.get("occupancy_threshold_filter_type", "min_ch0")
        keep("occupancy_threshold", lambda row: reaches(row["least"], which, query["occupancy_threshold"]))
    if "cdf_threshold" in query:
        which = query.get("cdf_threshold_filter_type", "min_ch0")
        target = query.get("cdf_target", 90)
        keep("cdf_threshold", lambda row: reaches(row["cdf"][target], which, query["cdf_threshold"]))
    if "max_rois" in query:
        first = sorted({in_bytes(row)[0] for row in rows})[: query["max_rois"]]
        keep("max_rois", lambda row: in_bytes(row)[0] in first)
    if "max_tiles" in query:
        first = sorted({in_bytes(row) for row in rows})[: query["max_tiles"]]
        keep("max_tiles", lambda row: in_bytes(row) in first)
    rows = sorted(rows, key=order)
    if "max_hypercubes" in query:
        rows = rows[: query["max_hypercubes"]]
        counts.append(["max_hypercubes", len(rows)])
    return {"rows": [shown(row) for row in rows], "counts": counts}


def whole_tile(query, tile, rows):
    """A tile as a row: its extent, and the boxes of its hypercubes, of one channel or of all."""
    own = [
        row
        for row in rows
        if (row["prepared_id"], row["tile_name"]) == (tile["prepared_id"], tile["tile_name"])
        and all(row[f"{axis}_start"] < tile[f"tile_{axis}_size"] for axis in AXES)
    ]
    row = dict(tile)
    for axis in AXES:
        row[f"{axis}_start"], row[f"{axis}_size"] = 0, tile[f"tile_{axis}_size"]
    boxes = merged_boxes(own, row)
    channel = query.get("mask_channel_idx")
    if channel is not None:
        channel = str(channel + tile["channel_size"] if channel < 0 else channel)
        boxes = {name: cells for name, cells in boxes.items() if name == channel}
    annotated = any(cells for cells in boxes.values())
    return {**row, "boxes": boxes, "annotated": annotated, "least": [], "cdf": {p: [] for p in PERCENTILES}}


def in_bytes(row):
    return row["prepared_id"].encode(), row["tile_name"].encode()


def order(row):
    starts = [row[f"{axis}_start"] for axis in ("z", "y", "x", "time")]
    return (*in_bytes(row), *starts, *(row[f"{axis}_size"] for axis in AXES))


def is_on_grid(row, base):
    for axis in AXES:
        if row[f"{axis}_start"] % base[axis] != 0:
            return False
        room = row[f"tile_{axis}_size"] - row[f"{axis}_start"]
        if row[f"{axis}_size"] != min(base[axis], room):
            return False
    return True


def is_of_shape(row, wanted, may_be_cut):
    for axis in AXES:
        room = row[f"tile_{axis}_size"] - row[f"{axis}_start"]
        if row[f"{axis}_size"] != (min(wanted[axis], room) if may_be_cut else wanted[axis]):
            return False
    return True


def reaches(values, which, threshold):
    if which == "min_all":
        return None not in values and min(values) >= threshold
    channel = 0 if which == "min_ch0" else 1
    return channel < len(values) and values[channel] is not None and values[channel] >= threshold


def put_together(rows, wanted):
    groups = {}
    for row in rows:
        starts = tuple(row[f"{axis}_start"] // wanted[axis] * wanted[axis] for axis in AXES)
        groups.setdefault((row["prepared_id"], row["tile_name"], starts), []).append(row)
    return [one_cube(blocks, starts, wanted) for (_, _, starts), blocks in groups.items()]


def one_cube(blocks, starts, wanted):
    cube = dict(blocks[0])
    for axis, start in zip(AXES, starts):
        cube[f"{axis}_start"] = start
        cube[f"{axis}_size"] = min(wanted[axis], cube[f"tile_{axis}_size"] - start)
    channels = range(cube["channel_size"])
    cube["complete"] = is_each_voxel_once(blocks, cube)
    cube["annotated"] = any(block["annotated"] for block in blocks)
    cube["least"] = [least_frame(blocks, c) for c in channels]
    cube["cdf"] = {
        p: [least_or_none([block["cdf"][p][c] for block in blocks]) for c in channels]
        for p in PERCENTILES
    }
    cube["boxes"] = merged_boxes(blocks, cube)
    return cube


def is_each_voxel_once(blocks, cube):
    seen = set()
    for block in blocks:
        for voxel in voxels_of(block):
            if voxel in seen:
                return False
            seen.add(voxel)
    return seen == set(voxels_of(cube))


def voxels_of(row):
    ranges = [range(row[f"{axis}_start"], row[f"{axis}_start"] + row[f"{axis}_size"]) for axis in AXES]
    return itertools.product(*ranges)


def least_or_none(values):
    return None if None in values else min(values)


def least_frame(blocks, channel):
    """For each frame the mean over its voxels, then the least of the frames."""
    sums, voxels = {}, {}
    for block in blocks:
        frames = block["occupancy"][channel]
        plane = block["z_size"] * block["y_size"] * block["x_size"]
        for i in range(block["time_size"]):
            if frames is None or frames[i] is None:
                return None
            frame = block["time_start"] + i
            sums[frame] = sums.get(frame, 0) + frames[i] * plane
            voxels[frame] = voxels.get(frame, 0) + plane
    return min(sums[frame] / voxels[frame] for frame in sums)


def merged_boxes(blocks, cube):
    merged = {}
    for block in blocks:
        for channel, cells in block["boxes"].items():
            for cell, box in cells.items():
                shift = [block[f"{axis}_start"] - cube[f"{axis}_start"] for axis in ("z", "y", "x")] * 2
                moved = [corner + by for corner, by in zip(box, shift)]
                old = merged.setdefault(channel, {}).get(cell, moved)
                low = [min(a, b) for a, b in zip(old[:3], moved[:3])]
                high = [max(a, b) for a, b in zip(old[3:], moved[3:])]
                merged[channel][cell] = low + high
    return merged


def shown(row):
    return {
        "name": [row["prepared_id"], row["tile_name"]],
        "place": [row[f"{axis}_start"] for axis in AXES] + [row[f"{axis}_size"] for axis in AXES],
        "occupancy": row["least"],
        "cdf": [row["cdf"][p] for p in PERCENTILES],
        "boxes": {channel: cells for channel, cells in row["boxes"].items() if cells},
    }


def flag(value):
    return None if value is None else "t" if value else "f"


def as_text(rng, frames):
    if frames is None:
        return None
    texts = ["nan" if ratio is None else repr(ratio) for ratio in frames]
    return rng.choice(("[{}]", "{{{}}}")).format(rng.choice((" ", ", ", ",")).join(texts))


def write_csv(path, rows, rng):
    """The columns of the reference platform, as pandas writes them."""
    table = []
    for row in rows:
        metadata = {
            str(c): {
                "histogram": {f"{p}.0": row["cdf"][p][c] for p in PERCENTILES},
                "mask_bbox_dict": row["boxes"][str(c)],
            }
            for c in range(row["channel_size"])
        }
        cells = {
            name: value
            for name, value in row.items()
            if name not in ("occupancy", "cdf", "boxes", *LOCATIONS)
        }
        for c in range(3):
            frames = row["occupancy"][c] if c < row["channel_size"] else None
            cells[f"occupancy_ratios_ch_{c}"] = as_text(rng, frames)
        cells.update({name: flag(row[name]) for name in LOCATIONS})
        cells["is_synthetic"] = flag(row["is_synthetic"])
        cells["pc_metadata_json"] = json.dumps(metadata)
        table.append(cells)
    pandas.DataFrame(table).to_csv(path, index=True)
    pandas.DataFrame(table).to_parquet(path.replace(".csv", ".parquet"))


def main():
    folder, seed, num_tables, num_queries = sys.argv[1], *map(int, sys.argv[2:])
    for number in range(num_tables):
        rng = random.Random(f"{seed} {number}")
        base, tiles, rows = make_table(rng, may_be_unknown=number % 2 == 0)
        write_csv(f"{folder}/{number}.csv", rows, rng)
        with open(f"{folder}/{number}.json", "w") as file:
            json.dump({"tiles": tiles, "rows": rows}, file)
        cases = []
        for _ in range(num_queries):
            query = make_query(rng, base, tiles)
            fresh = json.loads(json.dumps(rows))  # answers change their rows
            for row in fresh:
                row["cdf"] = {int(p): counts for p, counts in row["cdf"].items()}
            cases.append({"query": query, **answer(query, tiles, fresh)})
        with open(f"{folder}/{number}.queries.json", "w") as file:
            json.dump(cases, file)


if __name__ == "__main__":
    main()
