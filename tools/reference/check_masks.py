"""Looks at masks that we drew, with NumPy: reads a JSON line (see tools/verify/masks.ts), prints one
JSON object, a sentence for each check that failed under its name, null where it held."""

import itertools
import json
import sys

import numpy as np


def windows(n, side):
    return [range(start, start + side) for start in range(n - side + 1)]


def block_marginal(grid, sides):
    """How often each token lies in a block, over all places: by counting them."""
    total = np.zeros(grid)
    places = [windows(n, s) for n, s in zip(grid, sides)]
    for place in itertools.product(*places):
        total[np.ix_(*place)] += 1
    return total / np.prod([len(p) for p in places])


def check_lists(c, masks, context, target, original, used):
    both = np.concatenate([context, target], 1)
    if not (np.sort(both, 1) == used).all():
        return "patches_used is not sorted(cat(context, target))"
    if not (np.argsort(both, 1, kind="stable") == original).all():
        return "original_patch_indices is not argsort(cat(context, target))"
    if not (np.take_along_axis(masks, target, 1) == 1).all() or masks.sum() != target.size:
        return "masks is not 1 just at the targets"
    return None


def check_marginal(c, masks):
    """Deviations of each token's count from what it should be; tokens are not independent."""
    expected = np.asarray(c["marginal"]) if "marginal" in c else block_marginal(c["grid"], c["block"])
    if c.get("filled"):  # tokens beside the block are drawn, each as likely as another
        size = np.prod(c["block"])
        beside = (c["hidden"] - size) / (np.prod(c["grid"]) - size)
        expected = expected + (1 - expected) * beside
    p = np.broadcast_to(expected.reshape(-1) if expected.ndim else expected, masks.shape[1:])
    n = len(masks)
    sure = (p == 0) | (p == 1)
    if not (masks.mean(0)[sure] == p[sure]).all():
        return "a token that is always, or never, a target was not"
    deviations = (masks.sum(0) - n * p)[~sure] / np.sqrt(n * (p * (1 - p))[~sure])
    worst = np.abs(deviations).max(initial=0)
    return None if worst < 5 else f"a token is off by {worst:.1f} deviations"


def check_ratio(c, masks):
    found = np.unique(masks.sum(1))
    return None if found.tolist() == [c["hidden"]] else f"hidden: {found.tolist()}, not {c['hidden']}"


case = json.loads(sys.stdin.read())
report = {}
for c in case["cases"]:
    shape = (c["samples"], -1)
    arrays = [np.asarray(c[name]).reshape(shape) for name in (
        "masks", "context_masks", "target_masks", "original_patch_indices", "patches_used")]
    report[f"{c['name']}: lists"] = check_lists(c, *arrays)
    if "marginal" in c or "block" in c:
        report[f"{c['name']}: how often each token is hidden"] = check_marginal(c, arrays[0])
    if "hidden" in c:
        report[f"{c['name']}: how many tokens are hidden"] = check_ratio(c, arrays[0])
print(json.dumps(report))
