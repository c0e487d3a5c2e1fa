"""Prints the values that RecurrentModelTests compare with, as Swift literals:
python3 recurrent-values.py (with PyTorch)

Losses and gradients of small language models in double precision. Every parameter is a ramp that
Swift makes too; of each gradient two projections are printed, which differ if any element does."""

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
print(f"// PyTorch {torch.__version__}")


def ramp(count, multiplier, modulus):
    return torch.tensor([i * multiplier % modulus / modulus - 0.5 for i in range(count)])


def words(count, multiplier, vocabulary):
    return torch.tensor([i * multiplier % vocabulary for i in range(count)])


def parameter(index, *sizes):
    """A parameter in our layout, rounded to single precision: matrices are [in, out]."""
    values = ramp(torch.Size(sizes).numel(), 31 + 10 * index, 101).float().double()
    return values.reshape(sizes).requires_grad_()


def report(name, losses, parameters):
    print(name)
    print("losses: [" + ", ".join(f"{loss.item():.9g}" for loss in losses) + "],")
    print("projections: [")
    for p in parameters:
        g = p.grad.flatten()
        print(f"  ({(g @ ramp(g.numel(), 13, 103)).item():.9g}, {(g @ g).item():.9g}),")
    print("],")


def lstm():
    vocabulary, hidden, steps, batch = 11, 5, 4, 3
    embed = parameter(0, vocabulary, hidden)
    layers = [[parameter(4 * k + 1, hidden, 4 * hidden), parameter(4 * k + 2, hidden, 4 * hidden),
               parameter(4 * k + 3, 4 * hidden), parameter(4 * k + 4, 4 * hidden)] for k in range(2)]
    decoder, bias = parameter(9, hidden, vocabulary), parameter(10, vocabulary)
    parameters = [embed, *sum(layers, []), decoder, bias]
    module = torch.nn.LSTM(hidden, hidden, 2)
    state, losses = (torch.zeros(2, batch, hidden), torch.zeros(2, batch, hidden)), []
    for multiplier in (7, 3):
        text = words((steps + 1) * batch, multiplier, vocabulary).reshape(steps + 1, batch)
        named = {}
        for k, (w, u, b, c) in enumerate(layers):
            named.update({f"weight_ih_l{k}": w.t(), f"weight_hh_l{k}": u.t(),
                          f"bias_ih_l{k}": b, f"bias_hh_l{k}": c})
        out, state = torch.func.functional_call(module, named, (F.embedding(text[:-1], embed), state))
        state = tuple(s.detach() for s in state)
        losses.append(F.cross_entropy(out.flatten(0, 1) @ decoder + bias, text[1:].flatten()))
    losses[-1].backward()
    report("LSTM", losses, parameters)


NAMES = ("none", "tanh", "relu", "sigmoid", "identity")
V2 = (("sigmoid", 0), ("relu", 1), ("relu", 1), ("identity", 1),
      ("tanh", 2), ("sigmoid", 5), ("tanh", 3), ("relu", 5))


def act(name, x):
    return x if name == "identity" else getattr(torch, name)(x)


def normalized(x):
    return F.batch_norm(x, None, None, training=True)


def darts(search):
    vocabulary, hidden, steps, batch = 13, 6, 3, 4
    embed, bias = parameter(0, vocabulary, hidden), parameter(1, vocabulary)
    w0 = parameter(2, 2 * hidden, 2 * hidden)
    ws = [parameter(3 + i, hidden, 2 * hidden) for i in range(8)]
    parameters = [embed, bias, w0, *ws]
    alphas = parameter(20, 36, 5)
    probs = F.softmax(alphas, dim=-1)

    def cell(x, h):
        c, new = (torch.cat([x, h], dim=1) @ w0).chunk(2, dim=1)
        states, e = [h + c.sigmoid() * (new.tanh() - h)], 0
        if search:
            states[0] = normalized(states[0])
        for i, w in enumerate(ws):
            total = 0
            for j in range(i + 1) if search else [V2[i][1]]:
                c, new = (states[j] @ w).chunk(2, dim=1)
                for k, name in enumerate(NAMES):
                    if name == "none" or not search and name != V2[i][0]:
                        continue
                    p = probs[e, k] if search else 1
                    total = total + p * (states[j] + c.sigmoid() * (act(name, new) - states[j]))
                e += 1
            states.append(normalized(total) if search else total)
        return torch.stack(states[1:]).mean(dim=0)

    h, losses = torch.zeros(batch, hidden), []
    for multiplier in (7, 3):
        text = words((steps + 1) * batch, multiplier, vocabulary).reshape(steps + 1, batch)
        x, outs, h = F.embedding(text[:-1], embed), [], h.detach()
        for t in range(steps):
            h = cell(x[t], h)
            outs.append(h)
        raw = torch.stack(outs)
        loss = F.cross_entropy(raw.flatten(0, 1) @ embed.t() + bias, text[1:].flatten())
        losses.append(loss + 0.5 * (raw[1:] - raw[:-1]).pow(2).mean())
    losses[-1].backward()
    report("supernet" if search else "found cell", losses, parameters + ([alphas] if search else []))


lstm()
darts(False)
darts(True)
