"""ConnectorX to Arrow: answers {"uri", "text"} with the seconds it took, and sums of what came."""

import json
import sys
import time

import connectorx
import pyarrow.compute as pc
import pyarrow.types as types

for line in sys.stdin:
    command = json.loads(line)
    began = time.perf_counter()
    table = connectorx.read_sql(
        command["uri"], command["text"], return_type="arrow", protocol="binary"
    )
    seconds = time.perf_counter() - began
    sums = {}
    for name in table.column_names:
        column = table.column(name)
        is_text = types.is_string(column.type) or types.is_large_string(column.type)
        sums[name] = pc.sum(pc.utf8_length(column) if is_text else column).as_py()
    print(json.dumps({"seconds": seconds, "rows": table.num_rows, "sums": sums}), flush=True)
