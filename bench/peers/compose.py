"""The peer of bench/compose.ts: Hydra composes a config and resolves all of it.

    python compose.py FOLDER NAME [--serve]     prints it, or with --serve once for each line
"""

import json
import sys
import time

from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

OmegaConf.register_new_resolver("eval", eval)


def composed(name):
    return OmegaConf.to_container(compose(name), resolve=True)


def main():
    folder, name, *flags = sys.argv[1:]
    with initialize_config_dir(folder, version_base=None):
        if not flags:
            print(json.dumps(composed(name)))
            return
        for _ in sys.stdin:
            began = time.perf_counter()
            composed(name)
            print(json.dumps({"ms": (time.perf_counter() - began) * 1000}), flush=True)


if __name__ == "__main__":
    main()
