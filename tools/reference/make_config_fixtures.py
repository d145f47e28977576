"""Composes the cases of config_cases.py with Hydra, and writes what came out.

    python tools/reference/make_config_fixtures.py

Needs hydra-core 1.3.8 (omegaconf 2.3). Writes packages/platform/src/config/fixtures/hydra.json: for
each case the resolved config, or "refused" where Hydra raises.
"""

import json
import warnings
from pathlib import Path

from config_cases import cases
from hydra_compose import answered


def main():
    warnings.simplefilter("ignore")
    trees, rows = [], []
    for case in cases():
        files = case.pop("files", None)
        row = {**case, **answered({**case, "files": files})}
        if files is not None:
            if files not in trees:
                trees.append(files)
            row["tree"] = trees.index(files)
        rows.append(row)
    target = Path(__file__).parents[2] / "packages/platform/src/config/fixtures/hydra.json"
    rows_text = ",\n".join(json.dumps(row) for row in rows)
    trees_text = ",\n".join(json.dumps(tree) for tree in trees)
    target.write_text(f'{{"trees": [\n{trees_text}\n], "cases": [\n{rows_text}\n]}}\n')
    print(f"{len(rows)} cases ({sum('refused' in row for row in rows)} refused)")


main()
