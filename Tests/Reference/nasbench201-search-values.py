"""Prints what NASBench201TraceTests compares with, as Swift literals:
python3 nasbench201-search-values.py FOLDER (with PyTorch), where FOLDER is a clone of
github.com/D-X-Y/AutoDL-Projects at f46486e.

The networks, the schedule, and the epochs of DARTS-V1, DARTS-V2 and GDAS are the authors' programs,
which run here unchanged but for `.cuda()`, `.view()` and the old order of arguments of `add_` and
`sub_`. Weights, α, noise and images are formulas of names and indices, which Swift evaluates too.
Double precision. The authors' convolutions have biases where their normalisations are not affine;
normalisation takes them away, and they are left at zero and out of all sums."""

import ast
import collections
import copy
import functools
import importlib.util
import sys
import time

import numpy
import torch

sys.path.insert(0, sys.argv[1])

MASK = numpy.uint64(0xFFFFFFFF)
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def scaled_first(method):
    """PyTorch 1.0 took a factor before the tensor."""
    def call(self, *values, **named):
        if len(values) == 2:
            return method(self, values[1], alpha=float(values[0]))
        return method(self, *values, **named)
    return call


for name in ("add_", "sub_", "sub"):
    setattr(torch.Tensor, name, scaled_first(getattr(torch.Tensor, name)))
torch.Tensor.view = torch.Tensor.reshape  # memory is laid out differently now
torch.Tensor.cuda = lambda self, *_, **__: self

from xautodl.log_utils import AverageMeter, time_string  # noqa: E402
from xautodl.models.cell_operations import SearchSpaceNames  # noqa: E402
from xautodl.models.cell_searchs.search_model_darts import TinyNetworkDarts  # noqa: E402
from xautodl.models.cell_searchs.search_model_gdas import TinyNetworkGDAS  # noqa: E402


def alone(path):
    """A file of theirs without its package, which imports what is not needed here."""
    spec = importlib.util.spec_from_file_location("alone", f"{sys.argv[1]}/xautodl/{path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


get_optim_scheduler = alone("procedures/optimizers.py").get_optim_scheduler
obtain_accuracy = alone("utils/evaluation_utils.py").obtain_accuracy


def functions(path):
    """The functions of a program of theirs, without running it."""
    tree = ast.parse(open(f"{sys.argv[1]}/exps/NAS-Bench-201-algos/{path}").read())
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    found = {"torch": torch, "np": numpy, "time": time, "AverageMeter": AverageMeter,
             "time_string": time_string, "obtain_accuracy": obtain_accuracy, "deepcopy": copy.deepcopy}
    exec(compile(tree, path, "exec"), found)
    return found


def hashed(name, count):
    """Numbers from -0.5 to 0.5 without pattern, as single-precision values."""
    seed = sum((i + 1) * byte for i, byte in enumerate(name.encode()))
    h = (numpy.arange(1, count + 1, dtype=numpy.uint64) * 2654435761 + seed * 40503) & MASK
    h ^= h >> numpy.uint64(15)
    h = h * 2246822519 & MASK
    h ^= h >> numpy.uint64(13)
    return torch.tensor((h.astype(numpy.float64) / 2**32 - 0.5).astype(numpy.float32).astype(float))


def weights(index, shape, is_scale):
    """The first values of the weights that are declared at a place: filters of ours are
    [height, width, inputs, outputs], and matrices [inputs, outputs]."""
    ours = [shape[2], shape[3], shape[1], shape[0]] if len(shape) == 4 else list(shape)[::-1]
    value = hashed(f"weight {index}", numpy.prod(ours)).reshape(ours)
    if len(ours) > 1:
        value = value * 3.5 / numpy.prod(ours[:-1])**0.5
    elif is_scale:
        value = 1 + 0.5 * value
    value = value.float().double()
    return value.permute(3, 2, 0, 1) if len(ours) == 4 else value.t() if len(ours) == 2 else value


def minibatch(kind, index, count):
    """Images of 8x8 pixels, and their classes."""
    images = 4 * hashed(f"{kind} {index}", count * 8 * 8 * 3).reshape(count, 8, 8, 3)
    return images.permute(0, 3, 1, 2), torch.arange(count) % 5


def signature(name, tensor):
    """A projection and the norm."""
    numbers = hashed(name, tensor.numel())
    return f"({(tensor.flatten() * numbers).sum():.9g}, {tensor.norm():.9g})"


def ours(model):
    """Their weights that are ours too, in our order, and whether each is a normalisation's scale."""
    owners = {id(module.bias) for module in model.modules()
              if isinstance(module, torch.nn.Conv2d) and module.bias is not None}
    scales = {id(module.weight) for module in model.modules()
              if isinstance(module, torch.nn.BatchNorm2d) and module.affine}
    for parameter in model.get_weights():
        if id(parameter) in owners:
            parameter.data.zero_()
        else:
            yield parameter, id(parameter) in scales


def trace(program, network, first_temperature=None, epochs=2, batches=3, count=10):
    space = SearchSpaceNames["nas-bench-201"]
    model = network(4, 1, 4, 5, space, False, True)
    mine = list(ours(model))
    for index, (parameter, is_scale) in enumerate(mine):
        parameter.data = weights(index, parameter.shape, is_scale).contiguous()
    mine = [parameter for parameter, _ in mine]
    alpha = model.arch_parameters
    alpha.data = hashed("alpha", 6 * 5).reshape(6, 5)
    first = torch.cat([parameter.data.flatten() for parameter in mine])
    config = dict(scheduler="cos", LR=0.025, eta_min=0.001, epochs=epochs, warmup=0, optim="SGD",
                  decay=0.0005, momentum=0.9, nesterov=True, criterion="Softmax")
    config = collections.namedtuple("Config", config)(**config)
    optimizer, scheduler, criterion = get_optim_scheduler(model.get_weights(), config)
    alphas = torch.optim.Adam([alpha], lr=0.0003, betas=(0.5, 0.999), weight_decay=0.001)
    draws = iter(range(1000))

    def exponential(tensor):
        numbers = hashed(f"noise {next(draws)}", tensor.numel()).reshape(tensor.shape)
        return tensor.copy_(-(numbers + 0.5).log())

    torch.Tensor.exponential_ = exponential
    # PyTorch 1.0 kept gradients and cleared them, so that weights off a path decay. Here they do so
    # from the first step, as if each had been on a path before.
    for parameter in model.get_weights():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.zero_grad = functools.partial(optimizer.zero_grad, set_to_none=False)
    done = []

    def tell(step):
        """After the later of the two steps."""
        def call(*_, **__):
            step()
            done.append(None)
            if len(done) % 2:
                return
            flat = torch.cat([parameter.data.flatten() for parameter in mine])
            momenta = torch.cat(
                [optimizer.state[parameter]["momentum_buffer"].flatten() for parameter in mine])
            print(f".init(alpha: {signature('alpha?', alpha.data)}, "
                  f"mean: {signature('mean?', alphas.state[alpha]['exp_avg'])}, "
                  f"weights: {(flat - first).norm():.9g}, momenta: {momenta.norm():.9g}),")
        return call

    optimizer.step, alphas.step = tell(optimizer.step), tell(alphas.step)
    known = functions(program)
    lengths = []
    clip = torch.nn.utils.clip_grad_norm_

    def measured(parameters, norm):
        lengths.append(float(clip(list(parameters), norm)))
        return lengths[-1]

    torch.nn.utils.clip_grad_norm_ = measured
    print(f"// PyTorch {torch.__version__}, {program}")
    logger = type("Logger", (), {"log": staticmethod(lambda text: None)})
    losses = []
    for epoch in range(epochs):
        scheduler.update(epoch, 0.0)
        if first_temperature is not None:
            model.set_tau(first_temperature - (first_temperature - 0.1) * epoch / (epochs - 1))
        loader = [minibatch("training", step, count) + minibatch("validation", step, count)
                  for step in range(batches * epoch, batches * (epoch + 1))]
        extra = (5,) if program == "DARTS-V1.py" else ()
        found = known["search_func"](
            loader, torch.nn.DataParallel(model), criterion, scheduler, optimizer, alphas, "", 1000,
            logger, *extra)
        losses.append(found[0])
    torch.nn.utils.clip_grad_norm_ = clip
    print("// losses", [f"{loss:.9g}" for loss in losses], "lengths",
          [f"{length:.3g}" for length in lengths])
    print(f"// {model.genotype().tostr()}, {sum(map(torch.numel, mine))} weights")


trace("DARTS-V1.py", TinyNetworkDarts)
trace("DARTS-V2.py", TinyNetworkDarts)
trace("GDAS.py", TinyNetworkGDAS, first_temperature=10)
