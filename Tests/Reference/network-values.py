"""Prints the values NeuralNetworksTests compare with, as Swift literals, and the checkpoints they
read, as base64: python3 network-values.py (with PyTorch)"""

import base64
import io
import textwrap

import torch

print(f"// PyTorch {torch.__version__}")
torch.set_num_threads(1)


def floats(tensor):
    return "[" + ", ".join(repr(float(f"{v:.9g}")) for v in tensor.detach().flatten().tolist()) + "]"


print("schedule")
for rate, last, epochs in [(0.1, 0.0, 8), (0.025, 0.001, 5)]:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))], lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs, eta_min=last)
    rates = []
    for _ in range(epochs + 1):
        rates.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
    print(f"(from: {rate}, to: {last}, rates: {rates}),")

print("restarts")
for rate, last, period, growth, epochs in [(0.05, 0.0005, 2, 2, 14), (0.05, 0.001, 3, 1, 8)]:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))], lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(
        optimizer, period, growth, eta_min=last)
    rates = []
    for _ in range(epochs):
        rates.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
    print(f"(from: {rate}, to: {last}, period: {period}, growth: {growth}, rates: {rates}),")


print("one cycle")
optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))], lr=1)
schedule = torch.optim.lr_scheduler.OneCycleLR(
    optimizer, 0.1, total_steps=11, pct_start=0.3, final_div_factor=0.1 / 25 / 1e-4,
    cycle_momentum=False)
rates = [schedule.get_last_lr()[0]]
for _ in range(10):
    optimizer.step()
    schedule.step()
    rates.append(schedule.get_last_lr()[0])
print(f"rates: {rates},")


def ramp(count, multiplier, modulus):
    """Values that Swift makes too: (i * multiplier % modulus) / modulus - 0.5."""
    return torch.tensor([i * multiplier % modulus / modulus - 0.5 for i in range(count)])


print("SGD")
for momentum, nesterov, decay, clip in [
    (0.0, False, 0.0, None), (0.9, False, 0.0, None), (0.9, True, 0.0, None),
    (0.9, True, 0.05, None), (0.9, False, 0.05, 0.25), (0.9, True, 5e-4, 100.0)]:
    bias = torch.nn.Parameter(ramp(2, 3, 7))
    # Our matrices are [in, out]: the ramp fills them in that order.
    weight = torch.nn.Parameter(ramp(6, 5, 11).reshape(3, 2).t().contiguous())
    inputs, labels = 2 * ramp(12, 7, 13).reshape(4, 3), torch.tensor([0, 1, 1, 0])
    optimizer = torch.optim.SGD(
        [weight, bias], lr=0.5, momentum=momentum, nesterov=nesterov, weight_decay=decay)
    losses = []
    for step in range(5):
        optimizer.param_groups[0]["lr"] = 0.5 - 0.05 * step
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(inputs @ weight.t() + bias, labels)
        loss.backward()
        if clip is not None:
            torch.nn.utils.clip_grad_norm_([weight, bias], clip)
        optimizer.step()
        losses.append(loss.item())
    values = torch.cat([weight.t().flatten(), bias])
    print(f"SGDCase(momentum: {momentum}, nesterov: {str(nesterov).lower()}, decay: {decay}, "
          f"clip: {'nil' if clip is None else clip}, lastLoss: {losses[-1]:.8g},")
    print(f"  values: {floats(values)}),")

print("averaged SGD")
for decay, begin in [(0.0, 0), (0.05, 2)]:
    bias = torch.nn.Parameter(ramp(2, 3, 7))
    weight = torch.nn.Parameter(ramp(6, 5, 11).reshape(3, 2).t().contiguous())
    inputs, labels = 2 * ramp(12, 7, 13).reshape(4, 3), torch.tensor([0, 1, 1, 0])
    optimizer = torch.optim.SGD([weight, bias], lr=0.5, weight_decay=decay)
    for step in range(7):
        if step == begin:
            optimizer = torch.optim.ASGD(
                [weight, bias], lr=0.5, lambd=0.0, t0=0, weight_decay=decay)
        rate = 0.5 - 0.05 * step
        optimizer.param_groups[0]["lr"] = rate
        # ASGD keeps its step size in its state.
        for state in optimizer.state.values():
            if "eta" in state:
                state["eta"].fill_(rate)
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(inputs @ weight.t() + bias, labels).backward()
        optimizer.step()
    averages = [optimizer.state[weight]["ax"].t().flatten(), optimizer.state[bias]["ax"]]
    print(f"AveragingCase(decay: {decay}, begin: {begin},")
    print(f"  values: {floats(torch.cat([weight.t().flatten(), bias]))},")
    print(f"  averages: {floats(torch.cat(averages))}),")

print("Adam")
for betas, epsilon, decay in [
    ((0.9, 0.999), 1e-8, 0.0), ((0.5, 0.999), 1e-8, 1e-3), ((0.0, 0.9), 1e-3, 0.05)]:
    bias = torch.nn.Parameter(ramp(2, 3, 7))
    weight = torch.nn.Parameter(ramp(6, 5, 11).reshape(3, 2).t().contiguous())
    inputs, labels = 2 * ramp(12, 7, 13).reshape(4, 3), torch.tensor([0, 1, 1, 0])
    optimizer = torch.optim.Adam(
        [weight, bias], lr=0.1, betas=betas, eps=epsilon, weight_decay=decay)
    for step in range(5):
        optimizer.param_groups[0]["lr"] = 0.1 - 0.01 * step
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(inputs @ weight.t() + bias, labels).backward()
        optimizer.step()
    values = torch.cat([weight.t().flatten(), bias])
    print(f"AdamCase(mean: {betas[0]}, square: {betas[1]}, epsilon: {epsilon}, decay: {decay},")
    print(f"  values: {floats(values)}),")

print("batch normalisation")
mean, variance = torch.tensor([0.5, -0.25, 0.0]), torch.tensor([1.0, 2.0, 0.5])
scale, shift = torch.tensor([1.5, -0.5, 1.0]), torch.tensor([0.25, 0.0, -1.0])
for multiplier in (7, 11):
    images = 3 * ramp(36, multiplier, 31).reshape(2, 3, 2, 3).permute(0, 3, 1, 2)
    output = torch.nn.functional.batch_norm(
        images, mean, variance, scale, shift, training=True, momentum=0.1, eps=1e-5)
    print("training", floats(output.permute(0, 2, 3, 1)))
    print("running", floats(mean), floats(variance))
output = torch.nn.functional.batch_norm(images, mean, variance, scale, shift, training=False)
print("inference", floats(output.permute(0, 2, 3, 1)))

# Storages are named by their addresses, so the bytes differ from run to run; their meaning does not.
print("checkpoints")


def dump(value):
    file = io.BytesIO()
    torch.save(value, file, _use_new_zipfile_serialization=False)
    print(len(file.getvalue()), "bytes")
    print("\n".join(textwrap.wrap(base64.b64encode(file.getvalue()).decode(), 94)))


network = torch.nn.Module()
network.conv1 = torch.nn.Conv2d(2, 3, (1, 2), bias=False)
network.bn1 = torch.nn.BatchNorm2d(3)
network.linear = torch.nn.Linear(3, 2)
with torch.no_grad():
    network.conv1.weight.copy_(torch.arange(12.0).reshape(3, 2, 1, 2))
    network.bn1.weight.copy_(torch.tensor([1.5, -0.5, 1.0]))
    network.bn1.running_mean.copy_(torch.tensor([0.25, 0.5, 0.75]))
    network.linear.weight.copy_(torch.arange(6.0).reshape(2, 3) / 8)
    network.linear.bias.copy_(torch.tensor([-1.0, 1.0]))
dump(network.state_dict())
# A training checkpoint of data-parallel training; a transposed slice, so offset and strides count.
view = torch.arange(12.0).reshape(3, 4)[1:, 1:3].t()
dump({"epoch": 3, "best": 91.73, "state_dict": {"module.w": view}})

# Every kind of number, in both of PyTorch's formats.
typed = {
    "module.half": torch.tensor([1.5, -0.1, 65504.0, 6e-8, float("inf")], dtype=torch.float16),
    "module.brain": torch.tensor([1.5, -0.1, 3e38], dtype=torch.bfloat16),
    "module.double": torch.tensor([0.1, -2.5], dtype=torch.float64),
    "module.bn.num_batches_tracked": torch.tensor(7),
    "module.view": view,
}
groups = [{"lr": 0.1, "nesterov": True, "params": [0, 1]}]
training = {"epoch": 3, "model": typed, "optimizer": {"state": {}, "param_groups": groups}}
dump(training)
file = io.BytesIO()
torch.save(training, file)
print("\n".join(textwrap.wrap(base64.b64encode(file.getvalue()).decode(), 94)))
