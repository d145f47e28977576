"""The peer of bench/op-overhead.ts: reads [operator, mode, calls] a line, answers in ns a call."""

import json
import sys
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(1)
torch.manual_seed(0)
gradient = torch.ones(4, 4)
flat_gradient = torch.ones(16)


def inputs(requires_grad):
    return [
        torch.randn(shape, requires_grad=requires_grad) for shape in ((4, 4), (4, 4), (4,))
    ]


def forward(op, requires_grad):
    x, w, b = inputs(requires_grad)
    return {
        "add": lambda: torch.add(x, w),
        "mm": lambda: torch.mm(x, w),
        "view": lambda: x.view(16),
        "linear": lambda: F.linear(x, w, b),
        "layer_norm": lambda: F.layer_norm(x, (4,), b, b),
    }[op]


def with_backward(op):
    run = forward(op, True)
    g = flat_gradient if op == "view" else gradient

    def step():
        run().backward(g)

    return step


def measure(run, count):
    begin = time.perf_counter_ns()
    for _ in range(count):
        run()
    return (time.perf_counter_ns() - begin) / count


cases = {}
for line in sys.stdin:
    op, mode, count = json.loads(line)
    key = (op, mode)
    if key not in cases:
        cases[key] = with_backward(op) if mode == "backward" else forward(op, mode == "grad")
    if mode == "no_grad":
        with torch.no_grad():
            ns = measure(cases[key], count)
    else:
        ns = measure(cases[key], count)
    print(ns, flush=True)
