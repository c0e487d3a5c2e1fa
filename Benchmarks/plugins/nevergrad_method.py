"""Nevergrad's optimizers, unchanged, as methods: `optimizer` is a name of its registry.

Needs `pip install nevergrad`. Rapin & Teytaud, https://github.com/facebookresearch/nevergrad.
"""

import nevergrad
import numpy
from searchlight_plugin import serve


class Nevergrad:
    def __init__(self, space, settings, seed):
        name = settings.get("optimizer", "DiscreteOnePlusOne")
        choices = [nevergrad.p.Choice(range(len(d.options))) for d in space.decisions]
        parameters = nevergrad.p.Tuple(*choices)
        parameters.random_state = numpy.random.RandomState(seed % 2**32)
        # Some optimizers plan by how many trials they will have.
        self.optimizer = nevergrad.optimizers.registry[name](
            parametrization=parameters, budget=int(settings.get("trials", 100)))
        self.trials = {}

    def ask(self, trial, draw):
        self.trials[trial] = self.optimizer.ask()
        return list(self.trials[trial].value)

    def tell(self, trial, choices, value):
        candidate = self.trials.pop(trial)
        if value is not None:
            self.optimizer.tell(candidate, value)


serve(Nevergrad, name="nevergrad", version=nevergrad.__version__)
