"""Composes the cases of config_cases.py with Hydra, and writes what came out.

    python tools/reference/make_config_fixtures.py

Needs hydra-core 1.3.8 (omegaconf 2.3). Writes packages/platform/src/config/fixtures/hydra.json: for
each case the resolved config, or "refused" where Hydra raises.
"""

import json
import os
import tempfile
import warnings
from pathlib import Path

import yaml
from config_cases import DB, OVERRIDES, SCALARS, TREES
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf
from omegaconf._utils import get_yaml_loader

ENV = {"CELLO_TEST_HOST": "db.example", "CELLO_TEST_NUMBER": "12"}


def composed(files, name, overrides):
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            target = Path(folder) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        try:
            with initialize_config_dir(folder, version_base=None), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                config = compose(name, overrides)
            return {"config": OmegaConf.to_container(config, resolve=True, throw_on_missing=False)}
        except Exception as error:  # whatever Hydra raises is a refusal
            return {"refused": f"{type(error).__name__}: {error}".splitlines()[0][:160]}


def plain(value):
    """JSON has no infinities: numbers that it lacks are written as {"float": text}."""
    if isinstance(value, dict):
        return {str(key): plain(child) for key, child in value.items()}
    if isinstance(value, list):
        return [plain(child) for child in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return {"float": repr(value)}
    return value


def main():
    os.environ.update(ENV)
    os.environ.pop("CELLO_TEST_NONE", None)
    cases = [(f"override {text}", DB, "config", [text]) for text in OVERRIDES] + TREES
    trees, rows = [], []
    for title, files, name, overrides in cases:
        if files not in trees:
            trees.append(files)
        result = plain(composed(files, name, overrides))
        rows.append({"title": title, "tree": trees.index(files), "name": name, "overrides": overrides, **result})
    scalars = [{"text": text, "value": plain(yaml.load(f"a: {text}", get_yaml_loader())["a"])} for text in SCALARS]
    target = Path(__file__).parents[2] / "packages/platform/src/config/fixtures/hydra.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps({"env": ENV, "trees": trees, "cases": rows, "scalars": scalars}, indent=1) + "\n")
    print(f"{len(rows)} compositions ({sum('refused' in row for row in rows)} refused), {len(scalars)} scalars")


main()
