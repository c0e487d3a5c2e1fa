"""Prints the logits that BaselineValuesTests compares with: python3 baseline-values.py (PyTorch)

The networks are written from their papers, with the parameter names of the Swift ones.
"""

import torch
from torch import nn
from torch.nn import functional as F


def fill(network):
    """Values that only depend on a value's place in its tensor."""
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            if name.endswith("num_batches_tracked"):
                continue
            count = tensor.numel()
            ramp = ((torch.arange(count) * 37 + 11) % 101 - 50).double() / 50
            kind = name.split(".")[-1]
            if tensor.dim() > 1:
                ramp = ramp * (2.0 / tensor[0].numel()) ** 0.5
            elif kind == "running_var":
                ramp = 1 + ramp / 4
            elif kind == "weight":
                ramp = 1 + ramp / 10
            else:
                ramp = ramp / 10
            tensor.copy_(ramp.reshape(tensor.shape))
    return network.eval()


def images():
    """Two images; the ramp runs through height, width and channels of the first, then the other."""
    ramp = ((torch.arange(2 * 32 * 32 * 3) * 53 + 7) % 211 - 105).double() / 60
    return ramp.float().reshape(2, 32, 32, 3).permute(0, 3, 1, 2)


def show(name, network):
    with torch.no_grad():
        logits = fill(network)(images())
    print(f'("{name}", [' + ", ".join(f"{v:.7g}" for v in logits.flatten().tolist()) + "]),")


class ResNet(nn.Module):
    def __init__(self, depth, projected=False, last=1.0):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        n, channels, number = (depth - 2) // 6, 16, 0
        self.survivals = []
        for stage, width in enumerate((16, 32, 64)):
            blocks = nn.ModuleList()
            for index in range(n):
                stride = 2 if stage and not index else 1
                block = nn.Module()
                block.conv1 = nn.Conv2d(channels, width, 3, stride, 1, bias=False)
                block.bn1 = nn.BatchNorm2d(width)
                block.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
                block.bn2 = nn.BatchNorm2d(width)
                block.stride = stride
                if projected and width != channels:
                    block.shortcut = nn.Sequential(
                        nn.Conv2d(channels, width, 1, stride, bias=False), nn.BatchNorm2d(width))
                blocks.append(block)
                channels = width
                number += 1
                self.survivals.append(1 - number / (3 * n) * (1 - last))
            setattr(self, f"layer{stage + 1}", blocks)
        self.linear = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        blocks = [b for s in (self.layer1, self.layer2, self.layer3) for b in s]
        for block, survival in zip(blocks, self.survivals):
            y = block.bn2(block.conv2(F.relu(block.bn1(block.conv1(x)))))
            if hasattr(block, "shortcut"):
                x = block.shortcut(x)
            elif y.shape[1] != x.shape[1]:
                extra = (y.shape[1] - x.shape[1]) // 2
                x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, extra, extra))
            x = F.relu(x + survival * y)
        return self.linear(x.mean((2, 3)))


class Preactivation(nn.Module):
    def __init__(self, depth, bottleneck, widening=1):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        n, channels = ((depth - 2) // 9 if bottleneck else (depth - 4) // 6), 16
        for stage, narrow in enumerate((16, 32, 64)):
            width = narrow * widening
            group = nn.Module()
            group.layer = nn.ModuleList()
            for index in range(n):
                stride = 2 if stage and not index else 1
                shapes = [(width, 1, 1), (width, 3, stride), (4 * width, 1, 1)] if bottleneck else [
                    (width, 3, stride), (width, 3, 1)]
                block, current = nn.Module(), channels
                for number, (out, kernel, step) in enumerate(shapes, 1):
                    setattr(block, f"bn{number}", nn.BatchNorm2d(current))
                    setattr(block, f"conv{number}",
                            nn.Conv2d(current, out, kernel, step, kernel // 2, bias=False))
                    current = out
                if current != channels:
                    block.convShortcut = nn.Conv2d(channels, current, 1, stride, bias=False)
                group.layer.append(block)
                channels = current
            setattr(self, f"block{stage + 1}", group)
        self.bn1 = nn.BatchNorm2d(channels)
        self.fc = nn.Linear(channels, 10)

    def forward(self, x):
        x = self.conv1(x)
        for group in (self.block1, self.block2, self.block3):
            for block in group.layer:
                y = F.relu(block.bn1(x))
                shortcut = block.convShortcut(y) if hasattr(block, "convShortcut") else x
                y = block.conv2(F.relu(block.bn2(block.conv1(y))))
                if hasattr(block, "conv3"):
                    y = block.conv3(F.relu(block.bn3(y)))
                x = shortcut + y
        return self.fc(F.relu(self.bn1(x)).mean((2, 3)))


class DenseNet(nn.Module):
    def __init__(self, depth, growth, compact):
        super().__init__()
        channels = 2 * growth if compact else 16
        self.conv1 = nn.Conv2d(3, channels, 3, padding=1, bias=False)
        for number in (1, 2, 3):
            block = nn.Module()
            block.layer = nn.ModuleList()
            for _ in range((depth - 4) // (6 if compact else 3)):
                layer = nn.Module()
                layer.bn1 = nn.BatchNorm2d(channels)
                if compact:
                    layer.conv1 = nn.Conv2d(channels, 4 * growth, 1, bias=False)
                    layer.bn2 = nn.BatchNorm2d(4 * growth)
                    layer.conv2 = nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False)
                else:
                    layer.conv1 = nn.Conv2d(channels, growth, 3, padding=1, bias=False)
                block.layer.append(layer)
                channels += growth
            setattr(self, f"block{number}", block)
            if number < 3:
                transition, kept = nn.Module(), channels // 2 if compact else channels
                transition.bn1 = nn.BatchNorm2d(channels)
                transition.conv1 = nn.Conv2d(channels, kept, 1, bias=False)
                setattr(self, f"trans{number}", transition)
                channels = kept
        self.bn1 = nn.BatchNorm2d(channels)
        self.fc = nn.Linear(channels, 10)

    def forward(self, x):
        x = self.conv1(x)
        for number in (1, 2, 3):
            for layer in getattr(self, f"block{number}").layer:
                y = layer.conv1(F.relu(layer.bn1(x)))
                if hasattr(layer, "conv2"):
                    y = layer.conv2(F.relu(layer.bn2(y)))
                x = torch.cat([x, y], 1)
            if number < 3:
                transition = getattr(self, f"trans{number}")
                x = F.avg_pool2d(transition.conv1(F.relu(transition.bn1(x))), 2)
        return self.fc(F.relu(self.bn1(x)).mean((2, 3)))


class FractalNet(nn.Module):
    """Recursive, as the paper defines it: f1 is a convolution, fc the mean of fc-1 twice and f1."""

    def __init__(self):
        super().__init__()
        channels = 3
        for number, width in enumerate((64, 128, 256, 512, 512), 1):
            block = nn.Module()
            for column in (1, 2, 3):
                layers = nn.ModuleList()
                for index in range(2 ** (3 - column)):
                    layer = nn.Module()
                    inputs = channels if index == 0 else width
                    layer.conv = nn.Conv2d(inputs, width, 3, padding=1, bias=False)
                    layer.bn = nn.BatchNorm2d(width)
                    layers.append(layer)
                setattr(block, f"column{column}", layers)
            setattr(self, f"block{number}", block)
            channels = width
        self.linear = nn.Linear(512, 10)

    def forward(self, x):
        def run(layer, x):
            return F.relu(layer.bn(layer.conv(x)))

        for number in range(1, 6):
            block = getattr(self, f"block{number}")

            def ends(columns, place, x):
                """What the deepest columns say before their mean, from the deepest."""
                layer = getattr(block, f"column{columns}")[place]
                if columns == 1:
                    return [run(layer, x)]
                first = ends(columns - 1, 2 * place, x)
                second = ends(columns - 1, 2 * place + 1, sum(first) / len(first))
                return second + [run(layer, x)]

            found = ends(3, 0, x)
            x = F.max_pool2d(sum(found) / len(found), 2)
        return self.linear(x.mean((2, 3)))


class Plain(nn.Module):
    def __init__(self, layers, last):
        super().__init__()
        self.features = nn.ModuleDict()
        self.layers, channels = layers, 3
        for index, layer in enumerate(layers):
            if layer[0] == "conv":
                _, out, kernel, stride, padding = layer
                self.features[str(index)] = nn.Conv2d(channels, out, kernel, stride, padding)
                channels = out
        self.classifier = nn.Conv2d(last, 10, 1)

    def forward(self, x):
        for index, layer in enumerate(self.layers):
            if layer[0] == "conv":
                x = F.relu(self.features[str(index)](x))
            elif layer[0] == "max":
                x = F.max_pool2d(x, 3, 2, 1)
            elif layer[0] == "mean":
                x = F.avg_pool2d(x, 3, 2, 1, count_include_pad=False)
        return F.relu(self.classifier(x)).mean((2, 3))


show("resnet", ResNet(14))
show("resnet-b", ResNet(14, projected=True))
show("stochastic-depth", ResNet(14, last=0.5))
show("wide-resnet", Preactivation(16, False, 2))
show("preactivation-resnet", Preactivation(20, True))
show("densenet", DenseNet(13, 6, False))
show("densenet-bc", DenseNet(16, 6, True))
show("fractalnet", FractalNet())
nothing = ("dropout",)
show("network-in-network", Plain([
    ("conv", 192, 5, 1, 2), ("conv", 160, 1, 1, 0), ("conv", 96, 1, 1, 0), ("max",), nothing,
    ("conv", 192, 5, 1, 2), ("conv", 192, 1, 1, 0), ("conv", 192, 1, 1, 0), ("mean",), nothing,
    ("conv", 192, 3, 1, 1), ("conv", 192, 1, 1, 0)], 192))
show("all-cnn", Plain([
    nothing, ("conv", 96, 3, 1, 1), ("conv", 96, 3, 1, 1), ("conv", 96, 3, 2, 1), nothing,
    ("conv", 192, 3, 1, 1), ("conv", 192, 3, 1, 1), ("conv", 192, 3, 2, 1), nothing,
    ("conv", 192, 3, 1, 0), ("conv", 192, 1, 1, 0)], 192))
