"""The same statement by DuckDB's own Python package, into Arrow.

    catalogue.py fill CATALOGUE NUM_TILES CUBES_PER_TILE
    catalogue.py ask CATALOGUE STATEMENT_JSON
"""

import json
import resource
import sys
import time

import duckdb


def fill(path, num_tiles, cubes):
    """Rows of a two-channel catalogue: 32 cubes along X and Y, then Z, one frame each."""
    with duckdb.connect(path, config={"threads": 2}) as connection:
        connection.execute("SET preserve_insertion_order = false")
        connection.execute(
            f"""INSERT INTO tiles BY NAME SELECT 'roi-' || n // 10 AS prepared_id,
            'tile-' || n AS tile_name, '.' AS server_folder, 'out' AS output_folder,
            '0' AS array_path, 'TZYXC' AS axes, 1 AS time_size, 8192 AS z_size, 4096 AS y_size,
            4096 AS x_size, 2 AS channel_size, 'uint16' AS dtype, 24.0 AS hpf,
            n % 3 = 0 AS is_synthetic, 'bench' AS source, [100.0, 100.0] AS occupancy_thresholds
            FROM range({num_tiles}) AS tiles(n)"""
        )
        connection.execute("SELECT setseed(0.5)")
        connection.execute(
            f"""INSERT INTO hypercubes BY NAME SELECT * EXCLUDE (least), [[least], [least / 2]] AS occupancy_ratios,
            [least, least / 2] AS min_occupancy FROM (
            SELECT 'roi-' || (i // {cubes}) // 10 AS prepared_id, 'tile-' || i // {cubes} AS tile_name,
            0 AS time_start, 128 * (i % {cubes} // 1024) AS z_start, 128 * (i % 1024 // 32) AS y_start,
            128 * (i % 32) AS x_start, 1 AS time_size, 128 AS z_size, 128 AS y_size, 128 AS x_size,
            random() AS least, [c, c] AS cdf_80, [c * 1.2, c] AS cdf_90, [c * 1.5, c] AS cdf_95,
            [c * 2, c] AS cdf_99
            FROM (SELECT i, 100 + 200 * random() AS c FROM range({num_tiles * cubes}) AS rows(i)))"""
        )


def ask(path, text, values):
    config = {"threads": 2, "memory_limit": "600MB", "enable_external_access": False}
    with duckdb.connect(path, read_only=True, config=config) as connection:
        for line in sys.stdin:
            whole = json.loads(line)["whole"]
            began = time.perf_counter()
            reader = connection.execute(text, values).to_arrow_reader(65536)
            batches = [reader.read_next_batch()]
            first = time.perf_counter() - began
            if whole:
                batches += list(reader)
            done = time.perf_counter() - began
            answer = {
                "firstMs": 1000 * first,
                "wholeMs": 1000 * done,
                "numRows": sum(batch.num_rows for batch in batches),
                "peakBytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
            }
            print(json.dumps(answer), flush=True)


if sys.argv[1] == "fill":
    fill(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
else:
    statement = json.loads(sys.argv[3])
    ask(sys.argv[2], statement["text"], statement["values"])
