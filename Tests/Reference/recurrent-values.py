"""Prints the values that RecurrentModelTests compare with, as Swift literals:
python3 recurrent-values.py RNN (with PyTorch), where RNN is the folder of that name in a copy of
https://github.com/quark0/darts.

Losses and gradients of small language models in double precision: torch.nn.LSTM, and the cells of
DARTS' released code itself; TensorFlow's NASCell as it is written. Every parameter is a ramp that
Swift makes too; of each gradient two projections are printed, which differ if any element does.
The gradients of DARTS' architecture are those of its released `Architect`, without dropout."""

import sys
import torch
import torch.nn.functional as F

sys.path.insert(0, sys.argv[1])
torch.set_default_dtype(torch.float64)
print(f"// PyTorch {torch.__version__}")


def ramp(count, multiplier, modulus):
    return torch.tensor([i * multiplier % modulus / modulus - 0.5 for i in range(count)])


def words(count, multiplier, vocabulary):
    return torch.tensor([i * multiplier % vocabulary for i in range(count)])


def values(index, *sizes):
    """A parameter in our layout, rounded to single precision: matrices are [in, out]."""
    return ramp(torch.Size(sizes).numel(), 31 + 10 * index, 101).float().double().reshape(sizes)


def parameter(index, *sizes):
    return values(index, *sizes).requires_grad_()


def report(name, losses, parameters):
    print(name)
    print("losses: [" + ", ".join(f"{loss.item():.9g}" for loss in losses) + "],")
    print("projections: [")
    for p in parameters:
        g = p.grad.flatten()
        print(f"  ({(g @ ramp(g.numel(), 13, 103)).item():.9g}, {(g @ g).item():.9g}),")
    print("],")


def penalties(states, alpha, beta):
    return alpha * states.pow(2).mean() + beta * (states[1:] - states[:-1]).pow(2).mean()


def lstm(name, widths, tied, sums, alpha, beta):
    """Layers of widths[1:] on embedded words of widths[0]."""
    vocabulary, steps, batch = 11, 4, 3
    embed, layers = parameter(0, vocabulary, widths[0]), []
    for k, (inputs, hidden) in enumerate(zip(widths, widths[1:])):
        layers.append([parameter(4 * k + 1, inputs, 4 * hidden),
                       parameter(4 * k + 2, hidden, 4 * hidden),
                       parameter(4 * k + 3, 4 * hidden), parameter(4 * k + 4, 4 * hidden)])
    last = 4 * len(layers) + 1
    decoder = [] if tied else [parameter(last, widths[-1], vocabulary)]
    bias = parameter(last + len(decoder), vocabulary)
    parameters = [embed, *sum(layers, []), *decoder, bias]
    modules = [torch.nn.LSTM(i, h) for i, h in zip(widths, widths[1:])]
    states = [(torch.zeros(1, batch, h), torch.zeros(1, batch, h)) for h in widths[1:]]
    losses = []
    for multiplier in (7, 3):
        text = words((steps + 1) * batch, multiplier, vocabulary).reshape(steps + 1, batch)
        out = F.embedding(text[:-1], embed)
        for k, (w, u, b, c) in enumerate(layers):
            named = {"weight_ih_l0": w.t(), "weight_hh_l0": u.t(), "bias_ih_l0": b, "bias_hh_l0": c}
            out, state = torch.func.functional_call(modules[k], named, (out, states[k]))
            states[k] = tuple(s.detach() for s in state)
        scores = out.flatten(0, 1) @ (embed.t() if tied else decoder[0]) + bias
        loss = F.cross_entropy(scores, text[1:].flatten())
        losses.append(loss * (steps if sums else 1) + penalties(out, alpha, beta))
    losses[-1].backward()
    report(name, losses, parameters)


def darts(name, genotype):
    """The released classes; `None` for the supernet."""
    torch.Tensor.cuda = lambda self: self
    import model
    import model_search
    import utils
    model.embedded_dropout = lambda embed, words, dropout: F.embedding(words, embed.weight)
    model.mask2d = lambda *sizes, keep_prob: utils.mask2d(*sizes, keep_prob=keep_prob, cuda=False)
    vocabulary, hidden, steps, batch = 13, 6, 3, 4
    sizes = (vocabulary, hidden, hidden, hidden, 0, 0, 0, 0, 0)
    net = (model.RNNModel(*sizes, genotype=genotype) if genotype
           else model_search.RNNModelSearch(*sizes))
    cell = net.rnns[0]
    parameters = [net.encoder.weight, cell._W0, *cell._Ws, net.decoder.bias]
    if not genotype:
        parameters += net.arch_parameters()
    for index, p in enumerate(parameters):
        index = 20 if p.shape[-1] == 5 else index
        p.data.copy_(values(index, *p.shape))
    state, losses = net.init_hidden(batch), []
    for multiplier in (7, 3):
        text = words((steps + 1) * batch, multiplier, vocabulary).reshape(steps + 1, batch)
        scores, state, raw, dropped = net(text[:-1], [s.detach() for s in state], return_h=True)
        loss = F.nll_loss(scores.flatten(0, 1), text[1:].flatten())
        losses.append(loss + penalties(raw[-1], 0.25, 0.5))
    for p in parameters:
        p.grad = None
    losses[-1].backward()
    report(name, losses, parameters)


def scaled(method):
    """PyTorch's old signature: a factor, then the tensor that it scales."""
    def call(self, *xs, **named):
        return method(self, xs[1], alpha=xs[0]) if len(xs) > 1 else method(self, *xs, **named)
    return call


def architect(name, clip, unrolled):
    """What a step of the released `Architect` leaves in the gradient of the architecture."""
    import types
    import architect as released
    import model_search
    vocabulary, hidden, steps, batch = 13, 6, 3, 4
    net = model_search.RNNModelSearch(vocabulary, hidden, hidden, hidden, 0, 0, 0, 0, 0)
    cell = net.rnns[0]
    for index, p in enumerate([net.encoder.weight, cell._W0, *cell._Ws, net.decoder.bias]):
        p.data.copy_(values(index, *p.shape))
    alphas, = net.arch_parameters()
    alphas.data.copy_(values(20, *alphas.shape))
    args = types.SimpleNamespace(wdecay=0.01, clip=clip, arch_lr=0.0, arch_wdecay=0.0)
    made = released.Architect(net, args)

    def stepped(theta):
        """The released function loads the decoder's old values over the embedding, to which it is
        tied, so that the embedding does not step; the paper's step is of all weights."""
        new, offset = net.new(), 0
        for p in new.parameters():
            p.data.copy_(theta[offset:offset + p.numel()].view(p.shape))
            offset += p.numel()
        return new

    made._construct_model_from_theta = stepped
    texts = [words((steps + 1) * batch, k, vocabulary).reshape(steps + 1, batch) for k in (7, 3)]
    (x, y), (u, v) = [(t[:-1], t[1:].flatten()) for t in texts]
    optimizer = types.SimpleNamespace(param_groups=[{"lr": 0.5}])
    made.step(net.init_hidden(batch), x, y, net.init_hidden(batch), u, v, optimizer, unrolled)
    gradient = alphas.grad.flatten()
    ramped = (gradient @ ramp(gradient.numel(), 13, 103)).item()
    print(f'("{name}", {ramped:.9g}, {(gradient @ gradient).item():.9g}),')


def nas():
    """TensorFlow's NASCell (contrib/rnn, later addons), line by line; two layers, tied embeddings."""
    vocabulary, hidden, steps, batch = 13, 6, 3, 4
    sigmoid, tanh, relu = torch.sigmoid, torch.tanh, torch.relu
    embed = parameter(0, vocabulary, hidden)
    layers = [[parameter(2 * k + 1, hidden, 8 * hidden), parameter(2 * k + 2, hidden, 8 * hidden)]
              for k in range(2)]
    bias = parameter(5, vocabulary)

    def cell(inputs, c_prev, m_prev, kernel, recurrent_kernel):
        x, m = (inputs @ kernel).chunk(8, 1), (m_prev @ recurrent_kernel).chunk(8, 1)
        first = [sigmoid(x[0] + m[0]), relu(x[1] + m[1]), sigmoid(x[2] + m[2]),
                 relu(x[3] * m[3]), tanh(x[4] + m[4]), sigmoid(x[5] + m[5]),
                 tanh(x[6] + m[6]), sigmoid(x[7] + m[7])]
        second = [tanh(first[0] * first[1]), tanh(first[2] + first[3]),
                  tanh(first[4] * first[5]), sigmoid(first[6] + first[7])]
        second[0] = tanh(second[0] + c_prev)
        new_c = second[0] * second[1]
        return new_c, tanh(new_c * tanh(second[2] + second[3]))

    states = [(torch.zeros(batch, hidden), torch.zeros(batch, hidden)) for _ in layers]
    losses = []
    for multiplier in (7, 3):
        text = words((steps + 1) * batch, multiplier, vocabulary).reshape(steps + 1, batch)
        outs, states = [], [(c.detach(), m.detach()) for c, m in states]
        for x in F.embedding(text[:-1], embed):
            for k, weights in enumerate(layers):
                states[k] = cell(x, *states[k], *weights)
                x = states[k][1]
            outs.append(x)
        scores = torch.stack(outs).flatten(0, 1) @ embed.t() + bias
        losses.append(F.cross_entropy(scores, text[1:].flatten()))
    losses[-1].backward()
    report("NASCell", losses, [embed, *sum(layers, []), bias])


lstm("LSTM", (5, 5, 5), tied=False, sums=False, alpha=0, beta=0)
lstm("AWD-LSTM", (4, 5, 4), tied=True, sums=True, alpha=2, beta=1)
import genotypes
darts("found cell", genotypes.DARTS_V2)
darts("supernet", None)
darts("ENAS", genotypes.ENAS)
for method in ("add_", "sub_", "sub"):
    setattr(torch.Tensor, method, scaled(getattr(torch.Tensor, method)))
architect("first order", 0.25, False)
architect("second order, clipped", 0.25, True)
architect("second order, not clipped", 2, True)
nas()
