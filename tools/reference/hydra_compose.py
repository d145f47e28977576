"""Composes folders of YAML with the real Hydra, for our composer to be compared with.

    python tools/reference/hydra_compose.py CASES.json ANSWERS.jsonl

A case has "files" (path to text, or "folder" for a folder that is there), "name", "overrides",
"env", "version_base", and "kind": "compose" (the resolved config), "sweep" (the runs of -m), "tree"
(--info defaults-tree), "scalar" (a plain scalar of YAML) or "eval" (an expression, by Python's own
eval, as the reference platform registers it). An answer has "value", or "refused" where Hydra or
OmegaConf raises.
"""

import json
import os
import sys
import tempfile
import warnings
from pathlib import Path
from types import SimpleNamespace

import hydra._internal.hydra as hydra_module
import yaml
from hydra import compose, initialize_config_dir
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra._internal.hydra import Hydra
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.types import RunMode
from omegaconf import OmegaConf, open_dict, read_write
from omegaconf._utils import get_yaml_loader

OmegaConf.register_new_resolver("eval", eval)


def plain(value):
    """Floats are {"float": text}, so that 1.0 is not 1; keys are as JSON writes them."""
    if isinstance(value, dict):
        return {key_text(key): plain(child) for key, child in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(child) for child in value]
    if isinstance(value, float):
        return {"float": repr(value)}
    if value is None or isinstance(value, (str, int)):
        return value
    raise TypeError(f"{type(value).__name__} is no data")


def key_text(key):
    return str(key).lower() if isinstance(key, bool) else str(key)


def composed(case):
    config = compose(case["name"], case["overrides"], return_hydra_config=True)
    HydraConfig.instance().set_config(config)
    with read_write(config), open_dict(config):
        config = OmegaConf.masked_copy(config, [key for key in config if key != "hydra"])
    return plain(OmegaConf.to_container(config, resolve=True, throw_on_missing=False))


def sweep(case):
    loader = GlobalHydra.instance().config_loader()
    master = loader.load_configuration(case["name"], case["overrides"], RunMode.MULTIRUN, from_shell=False)
    params = [f"{key}={value}" for key, value in (master.hydra.sweeper.params or {}).items()]
    parser = OverridesParser.create(config_loader=loader)
    written = OmegaConf.to_container(master.hydra.overrides, resolve=False)
    parsed = parser.parse_overrides(params + written["task"])
    return [written["hydra"] + list(run) for run in BasicSweeper.split_arguments(parsed, None)[0]]


def tree(case):
    """What --info defaults-tree prints below its heading, by Hydra's own printer."""
    loader = GlobalHydra.instance().config_loader()
    defaults = loader.compute_defaults_list(case["name"], case["overrides"], RunMode.RUN)
    printed = []
    hydra_module.log = SimpleNamespace(info=printed.append)
    Hydra._print_defaults_tree_impl(SimpleNamespace(_print_defaults_tree_impl=print_below), defaults.defaults_tree)
    return "".join(f"{line}\n" for line in printed)


def print_below(tree, indent):
    Hydra._print_defaults_tree_impl(SimpleNamespace(_print_defaults_tree_impl=print_below), tree, indent)


def in_folder(folder, case, act):
    os.environ["CELLO_TEST_ROOT"] = str(folder)
    with initialize_config_dir(str(folder), version_base=case.get("version_base", "1.3"), job_name="cello"):
        return act(case)


def answer(case):
    kind = case.get("kind", "compose")
    if kind == "scalar":
        return plain(yaml.load("a: " + case["text"], get_yaml_loader())["a"])
    if kind == "eval":
        return plain(eval(case["text"]))
    act = {"compose": composed, "sweep": sweep, "tree": tree}[kind]
    if "folder" in case:
        return in_folder(Path(case["folder"]).resolve(), case, act)
    with tempfile.TemporaryDirectory() as folder:
        for path, text in case["files"].items():
            target = Path(folder) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        return in_folder(folder, case, act)


def answered(case):
    before = dict(os.environ)
    os.environ.update(case.get("env", {}))
    try:
        return {"value": answer(case)}
    except (Exception, RecursionError) as error:  # whatever is raised is a refusal
        return {"refused": f"{type(error).__name__}: {error}".splitlines()[0][:160]}
    finally:
        os.environ.clear()
        os.environ.update(before)


def main():
    warnings.simplefilter("ignore")
    cases, target = map(Path, sys.argv[1:])
    with target.open("w") as answers:
        for case in json.loads(cases.read_text()):
            answers.write(json.dumps(answered(case)) + "\n")


if __name__ == "__main__":
    main()
