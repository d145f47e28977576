"""Makes the fixtures of nn and models/mae anew: `python tools/reference/make_nn_fixtures.py`.

Needs requirements.txt of this folder. Seeds are fixed: running it again leaves no difference.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parents[1] / "packages/platform/test/parity/fixtures/nn"

if __name__ == "__main__":
    for old in FIXTURES.glob("*.safetensors"):
        old.unlink()
    subprocess.run(
        [sys.executable, HERE / "nn_cases.py", "--out", FIXTURES, "--seed", "0"], check=True
    )
