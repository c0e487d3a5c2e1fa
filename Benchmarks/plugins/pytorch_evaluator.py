"""Trains NAS-Bench-201's cells in PyTorch, on a GPU where there is one, and measures the seconds.

Needs PyTorch and NumPy. The networks are those of Dong & Yang (arXiv 2001.00326) with PyTorch's own
initialisation; of a recipe it takes epochs, batch size, SGD with momentum and weight decay, a cosine, crop
and flip, and refuses another optimizer or schedule.
"""

import math
import time

import numpy
import torch
from torch import nn
from torch.nn import functional

from searchlight_plugin import serve_evaluator

# What a recipe may ask for and this evaluator does not do.
UNKNOWN = [
    "auxiliary-weight", "cutout-length", "drop-path", "dropout", "gradient-clip", "label-smoothing",
    "restart-period",
]
EDGES = [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2)]


def convolution(inputs, outputs, size, stride=1):
    return nn.Sequential(
        nn.ReLU(),
        nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False),
        nn.BatchNorm2d(outputs),
    )


class Cell(nn.Module):
    """The sum of what each earlier node sends along its edge, node by node."""

    def __init__(self, operations, channels):
        super().__init__()
        self.edges = nn.ModuleDict()
        for (target, source), operation in zip(EDGES, operations):
            if operation == "skip_connect":
                edge = nn.Identity()
            elif operation == "avg_pool_3x3":
                edge = nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)
            elif operation in ("nor_conv_1x1", "nor_conv_3x3"):
                edge = convolution(channels, channels, int(operation[-1]))
            elif operation == "none":
                continue
            else:
                raise ValueError(f"unknown operation '{operation}'")
            self.edges[f"{target}{source}"] = edge

    def forward(self, x):
        nodes = [x]
        for target in (1, 2, 3):
            terms = [
                self.edges[f"{target}{source}"](nodes[source])
                for source in range(target)
                if f"{target}{source}" in self.edges
            ]
            nodes.append(sum(terms) if terms else torch.zeros_like(x))
        return nodes[3]


class Reduction(nn.Module):
    """A residual block that halves the image."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.body = nn.Sequential(convolution(inputs, outputs, 3, 2), convolution(outputs, outputs, 3))
        self.shortcut = nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(inputs, outputs, 1, bias=False))

    def forward(self, x):
        return self.body(x) + self.shortcut(x)


def network(operations, channels, cells, image_channels, classes):
    stem = [nn.Conv2d(image_channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels)]
    layers = list(stem)
    for stage in range(3):
        width = channels << stage
        if stage:
            layers.append(Reduction(width // 2, width))
        layers += [Cell(operations, width) for _ in range(cells)]
    width = channels << 2
    layers += [nn.BatchNorm2d(width), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*layers, nn.Linear(width, classes))


class Trainer:
    def __init__(self, task):
        self.task = task
        if task.space.id != "nas-bench-201":
            raise ValueError(f"found space '{task.space.id}'; expected nas-bench-201")
        for recipe in (task.training, task.final):
            if recipe["optimizer"] != "sgd" or recipe["schedule"] != "cosine":
                raise ValueError("expected optimizer sgd and schedule cosine")
            for name in UNKNOWN:
                if recipe.get(name):
                    raise ValueError(f"found {name} {recipe[name]}; expected a recipe without it")
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        if self.device.type == "cpu":
            torch.set_num_threads(int(task.settings.get("threads", 1)))
        data = task.data
        self.mean = torch.tensor(data["channel_means"], device=self.device).view(1, -1, 1, 1)
        self.deviation = torch.tensor(
            data["channel_standard_deviations"], device=self.device
        ).view(1, -1, 1, 1)
        self.images = self.load(data["training"]["images"])
        self.labels = torch.from_numpy(numpy.load(data["training"]["labels"]).astype("int64"))
        self.labels = self.labels.to(self.device)
        self.validation = self.load(data["validation"]["images"])

    def load(self, path):
        """Normalised images, N x C x H x W."""
        pixels = torch.from_numpy(numpy.load(path)).to(self.device).permute(0, 3, 1, 2)
        return ((pixels.float() / 255 - self.mean) / self.deviation).contiguous()

    def augmented(self, images, recipe, generator):
        padding, (count, _, height, width) = int(recipe["crop-padding"]), images.shape
        if padding:
            padded = functional.pad(images, (padding,) * 4)
            across, down = torch.randint(0, 2 * padding + 1, (2, count), generator=generator)
            rows = (down.view(-1, 1) + torch.arange(height)).to(self.device)
            columns = (across.view(-1, 1) + torch.arange(width)).to(self.device)
            place = torch.arange(count, device=self.device).view(-1, 1, 1)
            images = padded.permute(0, 2, 3, 1)[place, rows[:, :, None], columns[:, None, :]]
            images = images.permute(0, 3, 1, 2)
        if recipe["horizontal-flip"]:
            flips = (torch.rand(count, generator=generator) < 0.5).to(self.device)
            images = torch.where(flips.view(-1, 1, 1, 1), images.flip(3), images)
        return images

    def evaluate(self, work):
        recipe = self.task.final if work.phase == "final-training" else self.task.training
        torch.manual_seed(work.seed % (1 << 63))
        generator = torch.Generator().manual_seed((work.seed >> 64) % (1 << 63))
        operations = [
            decision.options[choice]
            for decision, choice in zip(self.task.space.decisions, work.choices)
        ]
        model = network(
            operations, recipe["channels"], recipe["cells"], self.images.shape[1],
            len(self.task.data["classes"]),
        ).to(self.device)
        start = time.perf_counter()
        diverged = self.train(model, recipe, work.epochs, generator)
        if diverged:
            return {"status": "diverged", "seconds": self.since(start)}
        result = {"status": "ok", "validation": self.classes(model, self.validation)}
        if work.test:
            result["test"] = self.classes(model, self.load(work.test["images"]))
        result["seconds"] = self.since(start)
        result["parameters"] = sum(weights.numel() for weights in model.parameters())
        return result

    def since(self, start):
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter() - start

    def train(self, model, recipe, epochs, generator):
        """Whether the loss left the numbers."""
        optimizer = torch.optim.SGD(
            model.parameters(), recipe["learning-rate"], recipe["momentum"],
            nesterov=recipe["nesterov"], weight_decay=recipe["weight-decay"],
        )
        count, batch = len(self.labels), recipe["batch-size"]
        steps = math.ceil(count / batch)
        final = recipe.get("final-learning-rate", 0)
        for epoch in range(epochs):
            order = torch.randperm(count, generator=generator)
            for step in range(steps):
                done = epoch if recipe["anneal-by-epoch"] else epoch + step / steps
                cosine = (1 + math.cos(math.pi * done / epochs)) / 2
                optimizer.param_groups[0]["lr"] = final + (recipe["learning-rate"] - final) * cosine
                chosen = order[step * batch : (step + 1) * batch].to(self.device)
                images = self.augmented(self.images[chosen], recipe, generator)
                loss = functional.cross_entropy(model(images), self.labels[chosen])
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                optimizer.step()
            if not math.isfinite(loss.item()):
                return True
        return False

    def classes(self, model, images):
        model.eval()
        with torch.no_grad():
            found = [model(part).argmax(1) for part in images.split(500)]
        model.train()
        return torch.cat(found).tolist()


serve_evaluator(Trainer, name="pytorch", version=torch.__version__)
