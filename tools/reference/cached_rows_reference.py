"""Reads cached rows as the reference platform does (platform's `load_hypercubes_dataframe`), by pandas.

    cached_rows_reference.py CSV THRESHOLD

checks that no hypercube reaches out of its ROI (CSV's own name with _rois), and that the side-car counts
the rows; prints the rows that exist and whose least ratio of channel 0 reaches the threshold, as JSON.
"""

import json
import sys

import numpy
import pandas

path, threshold = sys.argv[1], float(sys.argv[2])
table = pandas.read_csv(path, header=0)
table = table[table["exists"].astype(bool)]


def ratios(text):
    return numpy.fromstring(text.strip("[]{}").replace(",", " "), sep=" ")


stem = path.removesuffix(".csv")
rois = pandas.read_csv(f"{stem}_rois.csv", header=0).set_index("id")
for axis in "zyx":
    ends = table["prepared_id"].map(rois[f"{axis}_end"])
    sizes = numpy.minimum(table[f"{axis}_size"], ends - table[f"{axis}_start"])
    assert (sizes > 0).all() and (sizes == table[f"{axis}_size"]).all()
with open(f"{stem}.json") as file:
    assert json.load(file)["num_rows"] == len(table)


least = table["occupancy_ratios_ch_0"].map(lambda text: ratios(text).min())
table = table[least >= threshold]
for text in table["pc_metadata_json"]:
    assert "histogram" in json.loads(text)["0"], text
names = ["time_start", "z_start", "y_start", "x_start", "time_size", "z_size", "y_size", "x_size"]
print(json.dumps([[row.prepared_id, row.tile_name, *(int(row[n]) for n in names)] for _, row in table.iterrows()]))
