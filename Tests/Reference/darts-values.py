"""Prints what DARTSTraceTests and DARTSDiscretizationTests compare with, as Swift literals:
python3 darts-values.py FOLDER (with PyTorch), where FOLDER is a clone of github.com/quark0/darts
at f276dd3.

The network, the architect and the choice of operations are the authors' programs, which run here
unchanged but for `.cuda()`, `.view()` and the old order of arguments of `add_` and `sub_`; the loop around
them is that of their train_search.py. Weights, α and images are formulas of names and indices,
which Swift evaluates too. Double precision."""

import sys
import types

import numpy
import torch

sys.path.insert(0, sys.argv[1] + "/cnn")

MASK = numpy.uint64(0xFFFFFFFF)
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def scaled_first(method):
    """PyTorch 0.3 took a factor before the tensor."""
    def call(self, *values, **named):
        if len(values) == 2:
            return method(self, values[1], alpha=float(values[0]))
        return method(self, *values, **named)
    return call


for name in ("add_", "sub_", "sub"):
    setattr(torch.Tensor, name, scaled_first(getattr(torch.Tensor, name)))
torch.Tensor.view = torch.Tensor.reshape  # gradients are no longer in the order of their parameters
torch.Tensor.cuda = lambda self, *_, **__: self
torch.nn.Module.cuda = lambda self, *_, **__: self

from architect import Architect  # noqa: E402
from model_search import Network  # noqa: E402


def hashed(name, count):
    """Numbers from -0.5 to 0.5 without pattern, as single-precision values."""
    seed = sum((i + 1) * byte for i, byte in enumerate(name.encode()))
    h = (numpy.arange(1, count + 1, dtype=numpy.uint64) * 2654435761 + seed * 40503) & MASK
    h ^= h >> numpy.uint64(15)
    h = h * 2246822519 & MASK
    h ^= h >> numpy.uint64(13)
    return torch.tensor((h.astype(numpy.float64) / 2**32 - 0.5).astype(numpy.float32).astype(float))


def weights(index, shape, scale):
    """The first values of the weights that are declared at a place: filters of ours are
    [height, width, inputs / groups, outputs], and matrices [inputs, outputs]."""
    ours = [shape[2], shape[3], shape[1], shape[0]] if len(shape) == 4 else list(shape)[::-1]
    value = hashed(f"weight {index}", numpy.prod(ours)).reshape(ours)
    if len(ours) > 1:
        value = value * scale / numpy.prod(ours[:-1])**0.5
    elif index == 1:
        value = 1 + 0.5 * value  # the scale of the stem's normalisation
    value = value.float().double()
    return value.permute(3, 2, 0, 1) if len(ours) == 4 else value.t() if len(ours) == 2 else value


def minibatch(kind, index, count):
    """Images of 8x8 pixels, and their classes."""
    images = 4 * hashed(f"{kind} {index}", count * 8 * 8 * 3).reshape(count, 8, 8, 3)
    return images.permute(0, 3, 1, 2), torch.tensor([0, 1, 1, 0] * (count // 4))


def signature(name, tensor):
    """A projection and the norm."""
    numbers = hashed(name, tensor.numel())
    return f"({(tensor.flatten() * numbers).sum():.9g}, {tensor.norm():.9g})"


def trace(unrolled, count, scale, epochs=2, batches=3):
    """Six steps in two epochs: 0.025 to 0 by a cosine, once an epoch. More images and larger weights,
    whose gradients are smaller, let fewer ReLUs switch where the second order displaces weights."""
    criterion = torch.nn.CrossEntropyLoss()
    model = Network(4, 2, 5, criterion)
    for index, parameter in enumerate(model.parameters()):
        parameter.data = weights(index, parameter.shape, scale).contiguous()
    for name, alpha in zip(("normal", "reduce"), model.arch_parameters()):
        alpha.data = hashed(f"alpha {name}", 14 * 8).reshape(14, 8)
    first = torch.cat([parameter.data.flatten() for parameter in model.parameters()])
    options = types.SimpleNamespace(
        momentum=0.9, weight_decay=3e-4, arch_learning_rate=3e-4, arch_weight_decay=1e-3)
    optimizer = torch.optim.SGD(model.parameters(), 0.025, momentum=0.9, weight_decay=3e-4)
    architect = Architect(model, options)
    print(f"// PyTorch {torch.__version__}, {'second' if unrolled else 'first'} order")
    for step in range(epochs * batches):
        rate = 0.025 * (1 + numpy.cos(numpy.pi * (step // batches) / epochs)) / 2
        optimizer.param_groups[0]["lr"] = rate
        (x, y), (u, v) = (minibatch(part, step, count) for part in ("training", "validation"))
        architect.step(x, y, u, v, rate, optimizer, unrolled=unrolled)
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        length = torch.nn.utils.clip_grad_norm_(model.parameters(), 5)
        optimizer.step()
        alphas = torch.cat([alpha.data.flatten() for alpha in model.arch_parameters()])
        state = [architect.optimizer.state[alpha] for alpha in model.arch_parameters()]
        means = torch.cat([part["exp_avg"].flatten() for part in state])
        flat = torch.cat([parameter.data.flatten() for parameter in model.parameters()])
        momenta = torch.cat([
            optimizer.state[parameter]["momentum_buffer"].flatten()
            for parameter in model.parameters()])
        print(f"// gradient {length:.3g} long")
        print(f".init(loss: {loss.item():.9g}, alpha: {signature('alpha?', alphas)}, "
              f"mean: {signature('mean?', means)}, weights: {(flat - first).norm():.9g}, "
              f"momenta: {momenta.norm():.9g}),")


def genotypes():
    """What the authors' program makes of several tables of α; in the last, many are equal."""
    model = Network(4, 2, 5, None)
    for example in range(6):
        for name, alpha in zip(("normal", "reduce"), model.arch_parameters()):
            values = 4 * hashed(f"{name} {example}", 14 * 8).reshape(14, 8)
            alpha.data = torch.round(values) if example == 5 else values
            if example > 2:
                alpha.data[:, 0] += 2  # `none` is the largest nearly everywhere
        found = model.genotype()
        print(f"// example {example}")
        for cell in (found.normal, found.reduce):
            print("[" + ", ".join(f'("{name}", {state})' for name, state in cell) + "],")


trace(unrolled=False, count=4, scale=3.5)
trace(unrolled=True, count=32, scale=7)
genotypes()
