"""Prints the losses and gradients that CellNetworkReferenceTests compare with, as Swift literals:
python3 cell-network-values.py (with PyTorch), all networks or those that are named.

Plain networks in double precision; weights, images and masks are formulas of names and indices,
which Swift evaluates too. Shapes are ours: filters [kh, kw, in / groups, out], images N, H, W, C."""

import sys

import numpy
import torch
import torch.nn.functional as F

from philox import MASK, child, philox

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


class Margin:
    """How near the values of a pass come to where a gradient jumps: rounding must not decide."""

    least = 1.0

    @classmethod
    def note(cls, values):
        values = values.detach().abs()
        values = values[values > 0]  # exact ties are ties in any precision
        cls.least = min(cls.least, values.min().item())


def relu(x):
    Margin.note(x)
    return F.relu(x)


def max_pool(x, stride, size=3):
    padded = F.pad(x.detach(), (size // 2,) * 4, value=-1e9)
    largest = padded.unfold(2, size, stride).unfold(3, size, stride).flatten(4).topk(2).values
    Margin.note(largest[..., 0] - largest[..., 1])
    return F.max_pool2d(x, size, stride, size // 2)


def hashed(name, count):
    """Numbers from -0.5 to 0.5 without pattern, as single-precision values."""
    seed = sum((i + 1) * byte for i, byte in enumerate(name.encode()))
    h = (numpy.arange(1, count + 1, dtype=numpy.uint64) * 2654435761 + seed * 40503) & MASK
    h ^= h >> numpy.uint64(15)
    h = h * 2246822519 & MASK
    h ^= h >> numpy.uint64(13)
    return torch.tensor((h.astype(numpy.float64) / 2**32 - 0.5).astype(numpy.float32).astype(float))


class Weights(dict):
    """Trainable tensors by name, made where they are first used."""

    def __call__(self, name, *sizes):
        if name not in self:
            value = hashed(name, numpy.prod(sizes)).reshape(sizes)
            if len(sizes) > 1:
                # Filters and matrices keep the size of what passes.
                value = value * 3.5 / numpy.prod(sizes[:-1])**0.5
            elif name.endswith(".weight"):
                value = 1 + 0.5 * value  # the scale of a normalisation
            value = value.to(torch.float32).to(torch.float64)
            self[name] = value.requires_grad_()
        return self[name]

    def signature(self):
        """For each part of the network, a projection of its gradient and the gradient's norm."""
        groups = {}
        for name, value in self.items():
            if value.grad is None:
                continue
            group = groups.setdefault(".".join(name.split(".")[:2]), [0.0, 0.0])
            group[0] += (value.grad.flatten() * hashed(name + "?", value.numel())).sum().item()
            group[1] += value.grad.square().sum().item()
        return {name: (dot, square**0.5) for name, (dot, square) in sorted(groups.items())}


# --- Layers -----------------------------------------------------------------------------------

def conv(w, name, x, count, kernel, stride=1, dilation=1, groups=1, padding=None):
    kh, kw = (kernel, kernel) if isinstance(kernel, int) else kernel
    filters = w(f"{name}.weight", kh, kw, x.shape[1] // groups, count).permute(3, 2, 0, 1)
    if padding is None:
        padding = (dilation * (kh - 1) // 2, dilation * (kw - 1) // 2)
    return F.conv2d(x, filters, None, stride, padding, dilation, groups)


def norm(w, name, x, affine=True):
    c = x.shape[1]
    scale = w(f"{name}.weight", c) if affine else None
    shift = w(f"{name}.bias", c) if affine else None
    return F.batch_norm(x, None, None, scale, shift, training=True, eps=1e-5)


def linear(w, name, x, count):
    return x @ w(f"{name}.weight", x.shape[1], count) + w(f"{name}.bias", count)


def unit(w, name, x, count, affine=True, stride=1):
    return norm(w, f"{name}.bn", conv(w, f"{name}.conv", relu(x), count, 1, stride), affine)


def reduction(w, name, x, count, affine=True):
    x = relu(x)
    halves = [conv(w, f"{name}.even", x, count // 2, 1, 2),
              conv(w, f"{name}.odd", x[:, :, 1:, 1:], count - count // 2, 1, 2)]
    return norm(w, f"{name}.bn", torch.cat(halves, 1), affine)


def separable(w, name, x, kernel, stride=1, dilation=1, stages=2, affine=True, count=None):
    for stage in range(1, stages + 1):
        c = x.shape[1]
        x = conv(w, f"{name}.{stage}.depthwise", relu(x), c, kernel,
                 stride if stage == 1 else 1, dilation, c)
        x = conv(w, f"{name}.{stage}.pointwise", x, count or c, 1)
        x = norm(w, f"{name}.{stage}.bn", x, affine)
    return x


def operation(w, op, name, x, stride, affine=True, normalizes_pooling=False):
    if op == "skip_connect":
        return x if stride == 1 else reduction(w, name, x, x.shape[1], affine)
    kind, kernel = op.rsplit("_", 1)[0], int(op[-1])
    if kind == "sep_conv":
        return separable(w, name, x, kernel, stride, 1, 2, affine)
    if kind == "dil_conv":
        return separable(w, name, x, kernel, stride, 2, 1, affine)
    pooled = (max_pool(x, stride) if kind == "max_pool"
              else F.avg_pool2d(x, 3, stride, 1, count_include_pad=False))
    return norm(w, f"{name}.bn", pooled, False) if normalizes_pooling else pooled


def auxiliary(w, x, classes):
    x = F.avg_pool2d(relu(x), 5, 3)
    x = relu(norm(w, "auxiliary.bn1", conv(w, "auxiliary.conv1", x, 128, 1)))
    x = relu(norm(w, "auxiliary.bn2", conv(w, "auxiliary.conv2", x, 768, x.shape[2], padding=0)))
    return linear(w, "auxiliary.classifier", x.flatten(1), classes)


# --- Masks ------------------------------------------------------------------------------------

def words(bits):
    counter = 0
    while True:
        yield from philox([counter, 0, 0, 0], [bits & MASK, bits >> 32])
        counter += 1


def drop_path(x, key, name, probability):
    stream, keep = words(child(key, name)), 1 - numpy.float32(probability)
    factors = []
    for _ in range(x.shape[0]):
        uniform = ((next(stream) >> 5) * 2**26 + (next(stream) >> 6)) * 2.0**-53
        factors.append(1 / float(keep) if uniform < float(keep) else 0.0)
    return x * torch.tensor(factors)[:, None, None, None]


def dropout(x, key, keep):
    keep = numpy.float32(keep)
    stream, threshold = words(child(key, "dropout")), int(float(keep) * 2**32)
    kept = [next(stream) < threshold for _ in range(x.numel())]
    return x * torch.tensor(kept).reshape(x.shape) / float(keep)


# --- Networks ---------------------------------------------------------------------------------

def cell_stack(w, x, channels, stage_cells, classes, affine, run, aux):
    """DARTS' stack; `run` makes a cell's output of its index, kind and two inputs."""
    older = newer = norm(w, "stem.bn", conv(w, "stem.conv", x, 3 * channels, 3))
    features = None
    for i in range(3 * stage_cells + 2):
        is_reduction = i in (stage_cells, 2 * stage_cells + 1)
        channels *= 2 if is_reduction else 1
        name = f"cells.{i}"
        was_reduction = i - 1 in (stage_cells, 2 * stage_cells + 1)
        a = (reduction if was_reduction else unit)(w, f"{name}.older", older, channels, affine)
        b = unit(w, f"{name}.newer", newer, channels, affine)
        older, newer = newer, run(name, is_reduction, a, b)
        if i == 2 * stage_cells + 1:
            features = newer
    logits = linear(w, "classifier", newer.mean((2, 3)), classes)
    return logits, auxiliary(w, features, classes) if aux else None


V2_NORMAL = [("sep_conv_3x3", 0), ("sep_conv_3x3", 1), ("sep_conv_3x3", 0), ("sep_conv_3x3", 1),
             ("sep_conv_3x3", 1), ("skip_connect", 0), ("skip_connect", 0), ("dil_conv_3x3", 2)]
V2_REDUCE = [("max_pool_3x3", 0), ("max_pool_3x3", 1), ("skip_connect", 2), ("max_pool_3x3", 1),
             ("max_pool_3x3", 0), ("skip_connect", 2), ("skip_connect", 2), ("max_pool_3x3", 1)]


def darts_network(w, x, classes, key):
    def run(name, is_reduction, *states):
        states = list(states)
        gene = V2_REDUCE if is_reduction else V2_NORMAL
        for node in range(4):
            total = 0
            for side, (op, source) in enumerate(gene[2 * node:2 * node + 2]):
                stride = 2 if is_reduction and source < 2 else 1
                path = f"{name}.{node}.{side}"
                y = operation(w, op, path, states[source], stride)
                if op != "skip_connect" or stride == 2:
                    y = drop_path(y, key, path, 0.2)
                total = total + y
            states.append(total)
        return torch.cat(states[2:], 1)
    return cell_stack(w, x, 4, 1, classes, True, run, aux=True)


CANDIDATES = ("none", "max_pool_3x3", "avg_pool_3x3", "skip_connect",
              "sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5")


def supernet(w, x, classes, key):
    weights = {kind: F.softmax(w(f"alpha.{kind}", 14, 8), -1) for kind in ("normal", "reduce")}

    def run(name, is_reduction, *states):
        states, edge = list(states), 0
        for node in range(4):
            total = 0
            for source, state in enumerate(states):
                row = weights["reduce" if is_reduction else "normal"][edge]
                edge += 1
                stride = 2 if is_reduction and source < 2 else 1
                for k, op in list(enumerate(CANDIDATES))[1:]:
                    total = total + row[k] * operation(
                        w, op, f"{name}.{source}-{node}.{op}", state, stride, False, True)
            states.append(total)
        return torch.cat(states[2:], 1)
    return cell_stack(w, x, 4, 1, classes, False, run, aux=False)


ENAS = [int(t) for t in ("0 2 0 0 0 4 0 1 0 4 1 1 1 0 0 1 0 2 1 1 "
                         "1 0 1 0 0 3 0 2 1 1 3 1 1 0 0 4 0 3 1 1").split()]
ENAS_OPERATIONS = ("sep_conv_3x3", "sep_conv_5x5", "avg_pool_3x3", "max_pool_3x3", "skip_connect")


def enas_child(w, x, classes, key):
    channels, aux = 4, None
    older = newer = norm(w, "stem.bn", conv(w, "stem.conv", x, 3 * channels, 3))
    for i in range(5):
        name, arc = f"cells.{i}", ENAS[:20]
        if i in (1, 3):
            channels, arc = 2 * channels, ENAS[20:]
            states = [reduction(w, f"{name}.older", newer, channels),
                      plain_reduction(w, f"{name}.reduction", newer, channels)]
            newer = states[1]
        else:
            states = [unit(w, f"{name}.{side}", s, channels) if s.shape[1] != channels else s
                      for side, s in (("older", older), ("newer", newer))]
        used = set()
        for node in range(5):
            total = 0
            for side in range(2):
                source, op = arc[4 * node + 2 * side:][:2]
                used.add(source)
                op = ENAS_OPERATIONS[op]
                total = total + operation(
                    w, op, f"{name}.{node}.{side}.{source}.{op}", states[source], 1)
            states.append(total)
        free = [s for s in range(7) if s not in used]
        total = sum(
            F.conv2d(relu(states[s]),
                     w(f"{name}.final.{s}", 1, 1, channels, channels).permute(3, 2, 0, 1))
            for s in free)
        older, newer = newer, norm(w, f"{name}.bn", total)
        if i == 4:
            aux = auxiliary(w, newer, classes)
    features = dropout(relu(newer).mean((2, 3)), key, 0.9)
    return features @ w("classifier.weight", features.shape[1], classes), aux


# --- The networks of NASNet, AmoebaNet and ENAS, and another one of DARTS ----------------------

def chain(w, name, x, links, rectified=True, each=True):
    """Convolutions (count, kernel, stride, dilation), with normalisation and ReLU between them."""
    x = relu(x) if rectified else x
    for i, (count, kernel, stride, dilation) in enumerate(links):
        x = conv(w, f"{name}.{i}.conv", x, count, kernel, stride, dilation)
        if i == len(links) - 1:
            return norm(w, f"{name}.{i}.bn", x)
        if each:
            x = relu(norm(w, f"{name}.{i}.bn", x))


def plain_reduction(w, name, x, count):
    halves = [conv(w, f"{name}.0.conv0", x, count // 2, 1, 2),
              conv(w, f"{name}.0.conv1", x[:, :, 1:, 1:], count - count // 2, 1, 2)]
    return norm(w, f"{name}.0.bn", torch.cat(halves, 1))


def pair(w, name, x, count, k, stride, wiring):
    def links(c):
        return [(c, (1, k), (1, stride), 1), (c, (k, 1), (stride, 1), 1)]
    if wiring == "amoebanet":
        narrow = [(count // 4, 1, 1, 1)] + links(count // 4) + [(count, 1, 1, 1)]
        return chain(w, name, x, narrow)
    return chain(w, name, x, links(count), each=wiring != "darts")


def wired_operation(w, op, name, x, c, stride, wiring):
    """An operation by its name in the released code of NASNet and AmoebaNet."""
    if op == "none":
        if stride == 1:
            return x if x.shape[1] == c else unit(w, name, x, c)
        if wiring == "enas":
            return plain_reduction(w, name, x, c)
        return reduction(w, name, x, c) if wiring == "darts" else unit(w, name, x, c, stride=2)
    if "pool" in op:
        k = int(op[-1])
        x = (max_pool(x, stride, k) if op.startswith("max")
             else F.avg_pool2d(x, k, stride, k // 2, count_include_pad=False))
        return x if x.shape[1] == c else chain(w, name, x, [(c, 1, 1, 1)], rectified=False)
    if op.startswith("separable"):
        return separable(w, name, x, int(op[-3]), stride, count=c)
    if op == "dilated_separable_3x3":
        return separable(w, name, x, 3, stride, 2, 1, count=c)
    if op == "1x1":
        return unit(w, name, x, c, stride=stride)
    if op in ("1x3_3x1", "1x7_7x1"):
        return pair(w, name, x, c, int(op[2]), stride, wiring)
    return chain(w, name, x, [(c, 3, stride, 2 if op.startswith("dilated") else 1)])


def parse_cell(text):
    """Blocks ((operation, state), (operation, state), joined); states in DARTS' order: the papers'
    numbers 0 and 1 change places."""
    blocks = []
    for block in text.split("|"):
        joined = "&" in block
        sides = [side.strip().rstrip(")").split("(") for side in block.split("&" if joined else "+")]
        blocks.append([(op, {0: 1, 1: 0}.get(int(s), int(s))) for op, s in sides] + [joined])
    return blocks


def wired_network(wiring, normal, normal_out, reduce, reduce_out, drop):
    """Outputs in the papers' numbers as well."""
    cells = [(parse_cell(text), sorted({0: 1, 1: 0}.get(s, s) for s in out))
             for text, out in ((normal, normal_out), (reduce, reduce_out))]

    def network(w, x, classes, key):
        c, count, features = 4, 5, None
        older = newer = norm(w, "stem.bn", conv(w, "stem.conv", x, 3 * c, 3))
        for i in range(count):
            name, is_reduction, was_reduction = f"cells.{i}", i in (1, 3), i - 1 in (1, 3)
            c *= 2 if is_reduction else 1
            if was_reduction:
                a = reduction(w, f"{name}.older", older, c)
            else:
                fits = older.shape[1] == c and wiring != "darts"
                a = older if fits else unit(w, f"{name}.older", older, c)
            if wiring == "enas" and newer.shape[1] != c:
                b = unit(w, f"{name}.newer.1", unit(w, f"{name}.newer.0", newer, c), c)
            else:
                b = unit(w, f"{name}.newer", newer, c)
            states = [a, b]
            blocks, out = cells[is_reduction]
            for n, (first, second, joined) in enumerate(blocks):
                sides = []
                for side, (op, source) in enumerate((first, second)):
                    path, stride = f"{name}.{n}.{side}", 2 if is_reduction and source < 2 else 1
                    y = wired_operation(w, op, path, states[source], c, stride, wiring)
                    spared = op == "none" and (wiring != "darts" or stride == 1)
                    if not spared:
                        depth = 1 if wiring == "darts" else numpy.float32(i + 1) / numpy.float32(count)
                        y = drop_path(y, key, path, numpy.float32(drop) * depth)
                    sides.append(y)
                states.append(torch.cat(sides, 1) if joined else sides[0] + sides[1])
            parts = [plain_reduction(w, f"{name}.output.{s}", states[s], c)
                     if is_reduction and s < 2 else states[s] for s in out]
            older, newer = newer, torch.cat(parts, 1)
            if i == {"darts": 3, "enas": 4}.get(wiring, 2):
                features = newer
        last = (newer if wiring == "darts" else relu(newer)).mean((2, 3))
        logits = (last @ w("classifier.weight", last.shape[1], classes) if wiring == "enas"
                  else linear(w, "classifier", last, classes))
        return logits, auxiliary(w, features, classes)
    return network


NASNET_A = wired_network(
    "nasnet",
    "separable_5x5_2(0)+separable_3x3_2(1) | separable_5x5_2(1)+separable_3x3_2(1) "
    "| avg_pool_3x3(0)+none(1) | avg_pool_3x3(1)+avg_pool_3x3(1) | separable_3x3_2(0)+none(0)",
    [1, 2, 3, 4, 5, 6],
    "separable_5x5_2(0)+separable_7x7_2(1) | max_pool_3x3(0)+separable_7x7_2(1) "
    "| avg_pool_3x3(0)+separable_5x5_2(1) | none(3)+avg_pool_3x3(2) "
    "| separable_3x3_2(2)+max_pool_3x3(0)", [3, 4, 5, 6], 0.4)
AMOEBANET_A = wired_network(
    "amoebanet",
    "avg_pool_3x3(0)+max_pool_3x3(0) | separable_3x3_2(1)+none(1) | none(0)+avg_pool_3x3(1) "
    "| separable_3x3_2(0)+separable_5x5_2(2) | avg_pool_3x3(5)+separable_3x3_2(0)", [1, 3, 4, 6],
    "separable_3x3_2(1)+avg_pool_3x3(0) | max_pool_3x3(0)+separable_7x7_2(2) "
    "| max_pool_3x3(1)+max_pool_3x3(0) | separable_3x3_2(4)+1x7_7x1(0) "
    "| avg_pool_3x3(1)+separable_7x7_2(0)", [2, 3, 4, 5, 6], 0.3)
# Every operation of NASNet, joined blocks and what reads them, and a loose input of a reduction.
MIXED = wired_network(
    "nasnet",
    "1x3_3x1(0)&none(1) | 1x7_7x1(2)+max_pool_5x5(1) | dilated_3x3_rate_2(2)+avg_pool_3x3(2) "
    "| 3x3(3)&1x1(2) | none(2)+separable_7x7_2(2)", [0, 1, 4, 5, 6],
    "1x7_7x1(1)+max_pool_7x7(1) | none(1)&3x3(1) | dilated_3x3_rate_2(1)+1x3_3x1(1) "
    "| separable_3x3_2(3)+max_pool_3x3(1) | 1x1(1)+avg_pool_3x3(3)", [0, 2, 4, 5, 6], 0)


def enas_cell(arc):
    names = ("separable_3x3_2", "separable_5x5_2", "avg_pool_3x3", "max_pool_3x3", "none")
    inputs = [f"{names[op]}({({0: 1, 1: 0}.get(s, s))})" for s, op in zip(arc[::2], arc[1::2])]
    return " | ".join("+".join(inputs[i:i + 2]) for i in range(0, 10, 2))


ENAS_FINAL = wired_network(
    "enas", enas_cell(ENAS[:20]), [2, 3, 4, 5, 6], enas_cell(ENAS[20:]), [2, 4, 5, 6], 0.4)
AMOEBANET_A_DARTS = wired_network(
    "darts",
    "avg_pool_3x3(1)+max_pool_3x3(0) | separable_3x3_2(1)+separable_5x5_2(2) "
    "| separable_3x3_2(1)+avg_pool_3x3(3) | separable_3x3_2(0)+none(0) | none(1)+avg_pool_3x3(0)",
    [4, 5, 6],
    "avg_pool_3x3(1)+separable_3x3_2(0) | max_pool_3x3(1)+separable_7x7_2(2) "
    "| separable_7x7_2(1)+avg_pool_3x3(0) | max_pool_3x3(1)+max_pool_3x3(0) "
    "| 1x7_7x1(1)+separable_3x3_2(5)", [3, 4, 6], 0.2)

CHAIN = [(3, 5, 24, []), (7, 1, 36, [0]), (1, 3, 24, []), (5, 5, 48, [0, 2])]


def nas_chain(w, x, classes, key):
    outputs = []
    for i, (height, width, count, inputs) in enumerate(CHAIN):
        y = torch.cat([outputs[j] for j in inputs], 1) if inputs else x
        y = conv(w, f"layers.{i}.conv", y, count, (height, width))
        outputs.append(relu(norm(w, f"layers.{i}.bn", y)))
    # Layers 1 and 3 are read by nobody.
    return linear(w, "classifier", torch.cat([outputs[1], outputs[3]], 1).mean((2, 3)), classes), None


# Filter height and width, strides, filters, layers that are read.
STRIDED = [(3, 5, 2, 1, 24, []), (7, 1, 1, 3, 36, [0]), (1, 3, 1, 1, 24, []),
           (5, 5, 3, 2, 48, [0, 2])]
BLOCKS = [(3, 1, 6, []), (1, 3, 6, [0]), (1, 1, 12, [1]), (3, 3, 6, [2]), (1, 1, 6, [0, 3]),
          (3, 1, 6, [1, 4])]


def padded_join(parts):
    """Zeros below and to the right, up to the largest."""
    height, width = (max(p.shape[axis] for p in parts) for axis in (2, 3))
    return torch.cat(
        [F.pad(p, (0, width - p.shape[3], 0, height - p.shape[2])) for p in parts], 1)


def strided_chain(w, x, classes, key):
    outputs = []
    for i, (height, width, rows, columns, count, inputs) in enumerate(STRIDED):
        y = padded_join([outputs[j] for j in inputs]) if inputs else x
        y = conv(w, f"layers.{i}.conv", y, count, (height, width), (rows, columns))
        outputs.append(relu(norm(w, f"layers.{i}.bn", y)))
    features = padded_join([outputs[1], outputs[3]]).mean((2, 3))
    return linear(w, "classifier", features, classes), None


def halving_pool(x):
    largest = x.detach().unfold(2, 2, 2).unfold(3, 2, 2).flatten(4).topk(2).values
    Margin.note(largest[..., 0] - largest[..., 1])
    return F.max_pool2d(x, 2)


def pooled_chain(w, x, classes, key):
    """Each layer is three convolutions that read all before them; the fifth is pooled."""
    outputs = []
    for i, (height, width, count, inputs) in enumerate(BLOCKS):
        parts = [padded_join([outputs[j] for j in inputs]) if inputs else x]
        for unit_index in range(3):
            name = f"layers.{i}.{unit_index}"
            y = conv(w, f"{name}.conv", torch.cat(parts, 1), count, (height, width))
            parts.append(relu(norm(w, f"{name}.bn", y)))
        y = torch.cat(parts[1:], 1)
        outputs.append(halving_pool(y) if i == 4 else y)
    return linear(w, "classifier", outputs[5].mean((2, 3)), classes), None


# --- The macro space of ENAS --------------------------------------------------------------------

# Operation and bits: stem, layer 0, layer 1, ...
MACRO = [[0], [1, 1], [4, 1, 0], [2, 0, 1, 1], [5, 1, 0, 0, 1], [3, 0, 1, 0, 0, 0]]
MACRO_OPERATIONS = ("conv_3x3", "sep_conv_3x3", "conv_5x5", "sep_conv_5x5", "avg_pool_3x3",
                    "max_pool_3x3")


def macro(w, x, layer, growth):
    """Outputs are halved behind a third and two thirds of the layers, each by its own weights."""
    depth = len(MACRO)

    def halvings(i):
        return (i >= depth // 3) + (i >= 2 * (depth // 3))

    sizes = [[norm(w, "stem.bn", conv(w, "stem.conv", x, 4, 3))]]

    def read(output, i):
        own = halvings(output - 1) if output else 0
        while len(sizes[output]) <= halvings(i) - own:
            y, name = sizes[output][-1], f"reductions.{own + len(sizes[output]) - 1}.{output}"
            c = y.shape[1] * growth
            halves = [conv(w, f"{name}.even", y, c // 2, 1, 2),
                      conv(w, f"{name}.odd", y[:, :, 1:, 1:], c // 2, 1, 2)]
            sizes[output].append(norm(w, f"{name}.bn", torch.cat(halves, 1)))
        return sizes[output][halvings(i) - own]

    for i, (op, *bits) in enumerate(MACRO):
        skips = [read(output, i) for output, bit in enumerate(bits) if bit]
        sizes.append([layer(f"layers.{i}", MACRO_OPERATIONS[op], read(i, i), skips, i == 0)])
    return sizes[-1][0].mean((2, 3))


def pool_3x3(op, x):
    return (max_pool(x, 1) if op == "max_pool_3x3"
            else F.avg_pool2d(x, 3, 1, 1, count_include_pad=False))


def macro_child(w, x, classes, key):
    def layer(name, op, x, skips, is_first):
        path = f"{name}.{op}"
        y = norm(w, f"{path}.entry.bn", conv(w, f"{path}.entry", x, 4, 1))
        if op.startswith("sep"):
            y = relu(separable(w, path, y, int(op[-1]), stages=1))
        elif op.startswith("conv"):
            y = relu(norm(w, f"{path}.bn", conv(w, f"{path}.conv", relu(y), 4, int(op[-1]))))
        else:
            y = pool_3x3(op, relu(y))
        return y if is_first else norm(w, f"{name}.bn", sum(skips) + y)
    features = dropout(macro(w, x, layer, 1), key, 0.9)
    return features @ w("classifier.weight", 4, classes), None


def macro_network(w, x, classes, key):
    def layer(name, op, x, skips, is_first):
        c = x.shape[1]
        y = unit(w, f"{name}.entry", x, c)
        if op.startswith("sep"):
            y = separable(w, f"{name}.operation", y, int(op[-1]), stages=1)
        elif op.startswith("conv"):
            y = conv(w, f"{name}.operation.conv", relu(y), c, int(op[-1]))
            y = norm(w, f"{name}.operation.bn", y)
        else:
            y = pool_3x3(op, y)
        return y if is_first else unit(w, f"{name}.joint", torch.cat(skips + [y], 1), c)
    features = dropout(macro(w, x, layer, 2), key, 0.5)
    return features @ w("classifier.weight", 16, classes), None


def literal(value):
    return f"{value:.9g}"


def run(network, size, images):
    """Weights with gradients, loss, and the least distance to a jump."""
    w, classes, batch = Weights(), 5, 4
    Margin.least = 1.0
    x = (4 * hashed(f"images {images}", batch * size * size * 3)).reshape(batch, size, size, 3)
    labels = torch.tensor([0, 3, 1, 4])
    logits, aux = network(w, x.permute(0, 3, 1, 2), classes, 77)
    loss = F.cross_entropy(logits, labels)
    if aux is not None:
        loss = loss + 0.4 * F.cross_entropy(aux, labels)
    loss.backward()
    return w, loss, Margin.least


print(f"// PyTorch {torch.__version__}")
for name, network, size in [
    ("darts-network", darts_network, 32), ("darts-supernet", supernet, 16),
    ("enas-child", enas_child, 32), ("nas-chain", nas_chain, 9), ("nasnet-a", NASNET_A, 32),
    ("amoebanet-a", AMOEBANET_A, 32), ("nasnet-mixed", MIXED, 32), ("enas-final", ENAS_FINAL, 32),
    ("amoebanet-a-darts", AMOEBANET_A_DARTS, 32), ("nas-chain-strided", strided_chain, 9),
    ("nas-chain-pooled", pooled_chain, 9), ("enas-macro-child", macro_child, 8),
    ("enas-macro-network", macro_network, 8)]:
    if sys.argv[1:] and name not in sys.argv[1:]:
        continue
    # Of 40 inputs the one whose activations stay furthest from every jump.
    images = max(range(40), key=lambda images: run(network, size, images)[2])
    w, loss, margin = run(network, size, images)
    print(f"// {name}, {margin:.2g} from a jump")
    print(f"images: {images}, loss: {literal(loss.item())},")
    print("parts: [")
    for part, (dot, length) in w.signature().items():
        print(f'  ("{part}", {literal(dot)}, {literal(length)}),')
    print("],")
