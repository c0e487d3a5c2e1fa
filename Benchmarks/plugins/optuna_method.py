"""Optuna's samplers, unchanged, as methods: `sampler` is tpe, cmaes, random or gp.

Needs `pip install optuna` (and `cmaes` for cmaes). Akiba et al., arXiv 1907.10902. TPE: Bergstra et al., NeurIPS
2011. Decisions are categorical for tpe and random; CMA-ES knows numbers only, so its decisions are integers.
"""

import optuna
from searchlight_plugin import serve

optuna.logging.set_verbosity(optuna.logging.ERROR)


class Optuna:
    def __init__(self, space, settings, seed):
        kind = settings.get("sampler", "tpe")
        seed %= 2**32
        startup = settings.get("startup-trials")
        options = {} if startup is None else {"n_startup_trials": startup}
        if kind == "tpe":
            sampler = optuna.samplers.TPESampler(
                seed=seed, multivariate=bool(settings.get("multivariate", 0)), **options)
        elif kind == "cmaes":
            sampler = optuna.samplers.CmaEsSampler(seed=seed, **options)
        elif kind == "random":
            sampler = optuna.samplers.RandomSampler(seed=seed)
        else:
            raise ValueError(f"unknown sampler '{kind}'; expected tpe, cmaes or random")
        self.study = optuna.create_study(direction="minimize", sampler=sampler)
        self.trials = {}
        if kind == "cmaes":
            self.distributions = {
                f"d{i}": optuna.distributions.IntDistribution(0, len(d.options) - 1)
                for i, d in enumerate(space.decisions)}
        else:
            self.distributions = {
                f"d{i}": optuna.distributions.CategoricalDistribution(range(len(d.options)))
                for i, d in enumerate(space.decisions)}

    def ask(self, trial, draw):
        asked = self.study.ask(self.distributions)
        self.trials[trial] = asked
        return [asked.params[name] for name in self.distributions]

    def tell(self, trial, choices, value):
        asked = self.trials.pop(trial)
        if value is None:
            self.study.tell(asked, state=optuna.trial.TrialState.FAIL)
        else:
            self.study.tell(asked, value)


serve(Optuna, name="optuna", version=optuna.__version__)
