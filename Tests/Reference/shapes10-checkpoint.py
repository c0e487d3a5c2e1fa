"""Trains the weights that the project ships, and counts their wrong images.

python3 shapes10-checkpoint.py OUTPUT.pt (PyTorch): ResNet-8 on the embedded shapes10, by PyTorch
alone, kept in half precision. Another version of PyTorch may train other weights; the count is of
those that it writes.
"""

import hashlib
import pathlib
import sys
import tarfile

import torch
from torch.nn import functional as F

FOLDER = pathlib.Path(__file__).resolve().parent


def network():
    """The residual network of baseline-values.py, of 8 layers."""
    scope = {}
    source = (FOLDER / "baseline-values.py").read_text().split('\nshow("')[0]
    exec(source, scope)
    return scope["ResNet"](8)


def images(archive, kind):
    """Pixels from 0 to 1 and classes of the binary files whose names begin so."""
    pixels, classes = [], []
    with tarfile.open(archive) as tar:
        for member in sorted(tar.getmembers(), key=lambda member: member.name):
            if pathlib.Path(member.name).name.startswith(kind):
                raw = torch.frombuffer(bytearray(tar.extractfile(member).read()), dtype=torch.uint8)
                rows = raw.reshape(-1, 3073)
                classes.append(rows[:, 0].long())
                pixels.append(rows[:, 1:].reshape(-1, 3, 32, 32).float() / 255)
    return torch.cat(pixels), torch.cat(classes)


def wrong(model, pixels, classes):
    model.eval()
    with torch.no_grad():
        found = torch.cat([model(batch).argmax(1) for batch in pixels.split(500)])
    return int((found != classes).sum())


def train(model, pixels, classes, epochs=6, batch=64):
    steps = epochs * (len(pixels) // batch)
    optimizer = torch.optim.SGD(
        model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4, nesterov=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=steps)
    for _ in range(epochs):
        model.train()
        order = torch.randperm(len(pixels))
        for start in range(0, len(pixels) - batch + 1, batch):
            rows = order[start:start + batch]
            optimizer.zero_grad()
            F.cross_entropy(model(pixels[rows]), classes[rows]).backward()
            optimizer.step()
            schedule.step()


def main(output):
    torch.manual_seed(16)
    archive = FOLDER.parent.parent / "datasets" / "shapes10-binary.tar.xz"
    training, training_classes = images(archive, "data_batch")
    test, test_classes = images(archive, "test_batch")
    mean = training.mean((0, 2, 3)).view(1, 3, 1, 1)
    deviation = training.std((0, 2, 3), correction=0).view(1, 3, 1, 1)
    model = network()
    train(model, (training - mean) / deviation, training_classes)
    halves = {
        name: value.half() if value.is_floating_point() else value
        for name, value in model.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    torch.save(halves, output)
    model.load_state_dict(
        {name: value.float() for name, value in halves.items()}, strict=False)
    print("PyTorch", torch.__version__)
    print("wrong", wrong(model, (test - mean) / deviation, test_classes), "of", len(test))
    print("sha256", hashlib.sha256(pathlib.Path(output).read_bytes()).hexdigest())


if __name__ == "__main__":
    main(sys.argv[1])
