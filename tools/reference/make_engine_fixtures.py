"""Makes the fixtures of the engine anew: `python tools/reference/make_engine_fixtures.py`.

What PyTorch answers to each method of our Tensor, on small inputs. Needs requirements.txt of this
folder. Seeds are fixed: running it again leaves no difference.
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F

FIXTURES = Path(__file__).resolve().parents[2] / "packages/engine/test/fixtures"

rng = torch.Generator().manual_seed(0)


def normal(*shape):
    return torch.randn(shape, generator=rng)


TENSORS = {
    "x": normal(2, 3, 4),
    "y": normal(2, 3, 4),
    "row": normal(4),
    "positive": normal(2, 3).abs() + 0.5,
    "square": normal(4, 4),
    "other": normal(4, 5),
    "bias": normal(4),
    "ints": torch.tensor([[3, -1, 2], [0, 5, -4]]),
    "more": torch.tensor([[1, -1, 3], [2, 5, 4]]),
    "yes": torch.tensor([[True, False, True], [False, False, True]]),
    "no": torch.tensor([[True, True, False], [False, True, True]]),
    "index": torch.tensor([[[0, 2, 1, 1]], [[2, 2, 0, 1]]]),
    "rows": torch.tensor([2, 0]),
    "tokens": torch.tensor([[2, 0], [1, 1]]),
    "heads": normal(1, 2, 5, 8),
    "keys": normal(1, 2, 5, 8),
    "values": normal(1, 2, 5, 8),
    "image": normal(1, 2, 6),
    "plane": normal(1, 2, 4, 6),
    "volume": normal(1, 2, 4, 4, 6),
    "kernel": normal(3, 2, 2, 2, 2),
    "kernel_bias": normal(3),
    "odd": torch.tensor([1.0, float("nan"), float("inf"), -float("inf"), -0.0, 2.5, 3.5]),
    "pairs": normal(3, 2),
    "stack": normal(2, 4, 3),
}
t = TENSORS
CASES = []


def case(method, on, args, result):
    """One call: `on.method(*args)`; in args a tensor is {"$": name}."""
    results = list(result) if isinstance(result, (tuple, list)) else [result]
    CASES.append(
        {"method": method, "on": on, "args": args, "results": [packed(r) for r in results]}
    )


def packed(tensor):
    if tensor.is_complex():
        dtype, flat = "complex64", torch.view_as_real(tensor).reshape(-1)
    else:
        dtype, flat = str(tensor.dtype).removeprefix("torch."), tensor.reshape(-1)
    # JSON has no infinities; Number() reads these words.
    words = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}
    numbers = [words.get(str(v), v) for v in flat.tolist()]
    return {"dtype": dtype, "shape": list(tensor.shape), "data": numbers}


def ref(name):
    return {"$": name}


x, y, row, ints, more, yes, no = (t[n] for n in ["x", "y", "row", "ints", "more", "yes", "no"])

for name in ["add", "sub", "mul", "div", "remainder", "pow"]:
    base, other = ("positive", t["positive"]) if name == "pow" else ("x", y)
    right = ref(base) if name == "pow" else ref("y")
    case(name, base, [right], getattr(torch, name)(t[base], other))
    case(name, base, [2], getattr(torch, name)(t[base], 2))
    case(name, "ints" if name != "pow" else "more", [2], getattr(torch, name)(
        ints if name != "pow" else more, 2))
    case(name, "x" if name != "pow" else "positive", [0.5], getattr(torch, name)(
        x if name != "pow" else t["positive"], 0.5))
case("add", "x", [ref("row"), 2], torch.add(x, row, alpha=2))
case("sub", "x", [ref("y"), 0.5], torch.sub(x, y, alpha=0.5))
case("sub", "x", [3, 2], torch.sub(x, 3, alpha=2))
for name in ["eq", "ne", "lt", "le", "gt", "ge"]:
    case(name, "ints", [ref("more")], getattr(torch, name)(ints, more))
    case(name, "ints", [2], getattr(torch, name)(ints, 2))
for name in ["minimum", "maximum"]:
    case(name, "x", [ref("y")], getattr(torch, name)(x, y))
case("clamp", "x", [-0.5, 0.5], x.clamp(-0.5, 0.5))
case("clamp", "x", [None, 0.5], x.clamp(None, 0.5))
case("clamp", "x", [0], x.clamp(0))
for name in ["neg", "abs", "sign", "square", "exp", "sin", "cos", "erf", "round", "floor",
             "isfinite", "isnan"]:
    case(name, "x", [], getattr(torch, name)(x))
    case(name, "odd", [], getattr(torch, name)(t["odd"]))
for name in ["sqrt", "rsqrt", "reciprocal", "log", "log1p"]:
    case(name, "positive", [], getattr(torch, name)(t["positive"]))
case("logicalAnd", "yes", [ref("no")], yes.logical_and(no))
case("logicalOr", "yes", [ref("no")], yes.logical_or(no))
case("logicalNot", "yes", [], yes.logical_not())
case("viewAsComplex", "pairs", [], torch.view_as_complex(t["pairs"]))

for name in ["sum", "mean", "std", "var", "amax", "amin"]:
    f = getattr(torch, name)
    case(name, "x", [], f(x))
    case(name, "x", [1], f(x, dim=1))
    case(name, "x", [[0, -1], True], f(x, dim=(0, -1), keepdim=True))
case("sum", "ints", [], ints.sum())
case("std", "x", [1, False, 0], x.std(1, correction=0))
case("var", "x", [[0, 1], True, 0], x.var((0, 1), correction=0, keepdim=True))
case("norm", "x", [], torch.linalg.vector_norm(x))
case("norm", "x", [1, 2, True], torch.linalg.vector_norm(x, 1, 2, True))
case("logsumexp", "x", [-1], x.logsumexp(-1))
case("prod", "positive", [], t["positive"].prod())
for name in ["argmax", "argmin"]:
    case(name, "x", [], getattr(torch, name)(x))
    case(name, "x", [1, True], getattr(torch, name)(x, 1, True))
for name in ["any", "all"]:
    case(name, "yes", [], getattr(torch, name)(yes))
    case(name, "yes", [1], getattr(torch, name)(yes, 1))
case("cumsum", "x", [1], x.cumsum(1))
case("cumsum", "ints", [0, "float64"], ints.cumsum(0, dtype=torch.float64))
case("sort", "x", [], x.sort())
case("sort", "x", [1, True], x.sort(1, True))
case("argsort", "x", [0], x.argsort(0))
case("topk", "x", [2], x.topk(2))
case("topk", "x", [2, 1, False], x.topk(2, 1, False))

case("reshape", "x", [[4, -1]], x.reshape(4, -1))
case("view", "x", [[6, 4]], x.view(6, 4))
case("permute", "x", [[2, 0, 1]], x.permute(2, 0, 1))
case("transpose", "x", [0, -1], x.transpose(0, -1))
case("expand", "row", [[3, -1]], row.expand(3, -1))
case("squeeze", "image", [], t["image"].squeeze())
case("squeeze", "image", [0], t["image"].squeeze(0))
case("unsqueeze", "row", [-1], row.unsqueeze(-1))
case("flatten", "x", [], x.flatten())
case("flatten", "x", [1], x.flatten(1))
case("narrow", "x", [2, 1, 2], x.narrow(2, 1, 2))
case("select", "x", [1, -1], x.select(1, -1))
case("slice", "x", [2, 1], x[:, :, 1:])
case("slice", "x", [2, 0, 4, 2], x[:, :, 0:4:2])
case("slice", "x", [1, -2], x[:, -2:])
case("indexSelect", "x", [1, ref("rows")], x.index_select(1, t["rows"]))
case("gather", "x", [1, ref("index")], x.gather(1, t["index"]))
case("scatter", "x", [1, ref("index"), ref("y")], x.scatter(1, t["index"], y))
case("scatter", "x", [1, ref("index"), 7], x.scatter(1, t["index"], 7))
case("takeAlongDim", "x", [ref("index"), 1], x.take_along_dim(t["index"], 1))
case("takeTokens", "x", [ref("tokens")],
     x.gather(1, t["tokens"].unsqueeze(-1).expand(-1, -1, 4)))
case("maskedFill", "ints", [ref("yes"), 9], ints.masked_fill(yes, 9))
case("split", "x", [2, 1], x.split(2, 1))
case("split", "x", [[1, 3], 2], x.split([1, 3], 2))
case("chunk", "x", [3, 2], x.chunk(3, 2))
case("unbind", "x", [1], x.unbind(1))
case("repeat", "row", [[2, 3]], row.repeat(2, 3))
case("flip", "x", [[0, 2]], x.flip((0, 2)))
case("roll", "x", [[1, -1], [0, 2]], x.roll((1, -1), (0, 2)))
case("to", "x", [{"dtype": "int32"}], x.to(torch.int32))
case("to", "ints", [{"dtype": "float64"}], ints.to(torch.float64))
case("detach", "x", [], x)
case("clone", "x", [], x)
case("contiguous", "x", [], x)

case("matmul", "x", [ref("other")], x @ t["other"])
case("mm", "square", [ref("other")], t["square"] @ t["other"])
case("bmm", "x", [ref("stack")], x.bmm(t["stack"]))
case("linear", "x", [ref("square"), ref("bias")], F.linear(x, t["square"], t["bias"]))
case("linear", "x", [ref("square")], F.linear(x, t["square"]))
case("softmax", "x", [-1], x.softmax(-1))
case("softmax", "x", [1, "float64"], x.softmax(1, dtype=torch.float64))
case("logSoftmax", "x", [0], x.log_softmax(0))
case("gelu", "x", [], F.gelu(x))
case("gelu", "x", ["tanh"], F.gelu(x, approximate="tanh"))
for name in ["silu", "relu"]:
    case(name, "x", [], getattr(F, name)(x))
for name in ["sigmoid", "tanh"]:
    case(name, "x", [], getattr(torch, name)(x))
case("dropout", "x", [0.5, False], x)
case("layerNorm", "x", [[4]], F.layer_norm(x, (4,)))
case("layerNorm", "x", [[4], ref("row"), ref("bias"), 0.1],
     F.layer_norm(x, (4,), row, t["bias"], 0.1))
heads, keys, values = t["heads"], t["keys"], t["values"]
sdpa = F.scaled_dot_product_attention
case("scaledDotProductAttention", "heads", [ref("keys"), ref("values")],
     sdpa(heads, keys, values))
case("scaledDotProductAttention", "heads", [ref("keys"), ref("values"), {"isCausal": True}],
     sdpa(heads, keys, values, is_causal=True))
case("scaledDotProductAttention", "heads", [ref("keys"), ref("values"), {"scale": 0.2}],
     sdpa(heads, keys, values, scale=0.2))
volume, kernel, kernel_bias = t["volume"], t["kernel"], t["kernel_bias"]
case("conv3d", "volume", [ref("kernel")], F.conv3d(volume, kernel))
case("conv3d", "volume",
     [ref("kernel"), {"bias": ref("kernel_bias"), "stride": [1, 2, 2], "padding": 1}],
     F.conv3d(volume, kernel, kernel_bias, (1, 2, 2), 1))
case("interpolate", "image", [{"size": [9]}], F.interpolate(t["image"], 9))
case("interpolate", "image", [{"size": [9], "mode": "linear"}],
     F.interpolate(t["image"], 9, mode="linear"))
case("interpolate", "plane", [{"size": [8, 5]}], F.interpolate(t["plane"], (8, 5)))
case("interpolate", "plane", [{"size": [8, 5], "mode": "linear"}],
     F.interpolate(t["plane"], (8, 5), mode="bilinear"))
case("interpolate", "plane", [{"size": [8, 5], "mode": "bicubic"}],
     F.interpolate(t["plane"], (8, 5), mode="bicubic"))
case("interpolate", "volume", [{"size": [2, 8, 5]}], F.interpolate(volume, (2, 8, 5)))
case("interpolate", "volume", [{"size": [2, 8, 5], "mode": "linear"}],
     F.interpolate(volume, (2, 8, 5), mode="trilinear"))
case("interpolate", "volume", [{"size": [2, 2, 3], "mode": "area"}],
     F.interpolate(volume, (2, 2, 3), mode="area"))

case("add_", "x", [ref("y"), 2], x.clone().add_(y, alpha=2))
case("add_", "x", [3], x.clone().add_(3))
case("sub_", "x", [ref("y")], x.clone().sub_(y))
case("sub_", "x", [3, 2], x.clone().sub_(3, alpha=2))
case("mul_", "x", [ref("row")], x.clone().mul_(row))
case("mul_", "x", [3], x.clone().mul_(3))
case("div_", "x", [ref("y")], x.clone().div_(y))
case("div_", "x", [3], x.clone().div_(3))
case("zero_", "x", [], torch.zeros_like(x))
case("fill_", "x", [2.5], torch.full_like(x, 2.5))
case("copy_", "x", [ref("row")], x.clone().copy_(row))
case("clamp_", "x", [-0.5, 0.5], x.clamp(-0.5, 0.5))

if __name__ == "__main__":
    FIXTURES.mkdir(parents=True, exist_ok=True)
    tensors = {name: packed(tensor) for name, tensor in TENSORS.items()}
    text = json.dumps({"tensors": tensors, "cases": CASES}, separators=(",", ":"))
    (FIXTURES / "tensor-methods.json").write_text(text.replace('{"method"', '\n{"method"') + "\n")
