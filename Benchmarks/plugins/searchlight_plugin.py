"""Search methods and evaluators for Searchlight in Python: one file without dependencies.

Copy it beside your method. A whole method:

    from searchlight_plugin import serve

    class HillClimbing:
        def __init__(self, space, settings, seed):
            self.space, self.best = space, None

        def ask(self, trial, draw):
            if self.best is None:
                return self.space.sample(draw)
            return self.space.mutate(self.best[1], draw)

        def tell(self, trial, choices, value):
            if value is not None and (self.best is None or value <= self.best[0]):
                self.best = value, choices

    serve(HillClimbing, name="hill-climbing", version="1")

`ask` returns one choice a decision, a list of indices into its options, or `None` to end the search;
or a dictionary with `choices` and `epochs`. `draw` is a `random.Random` made for this trial alone: a
method that draws from nothing else is the same after any kill. `value` is what the task measures on
its validation split, turned so that less is better, or `None` if the trial failed.

An evaluator trains architectures and says what class each image is of:

    from searchlight_plugin import serve_evaluator

    class Trainer:
        def __init__(self, task): ...
        def evaluate(self, work): return {"status": "ok", "seconds": 12.5, "validation": [3, 0, ...]}

    serve_evaluator(Trainer, name="trainer")

`task` has `space`, `settings`, `data` (paths of NumPy files and what is in them), `training` and `final` (the
recipes' numbers by name). `work` has `architecture`, `choices`, `epochs`, `seed`, `phase` ("search" or
"final-training") and, with the final training alone, `test`, the images whose classes it wants under
"test". `seconds` are those of the device, validation included. Other statuses are "diverged",
"out-of-memory" and "failed".
"""

import inspect
import json
import os
import random
import sys

PROTOCOL = "1.0"


class Decision:
    """A name and the names of its options."""

    def __init__(self, name, options):
        self.name, self.options = name, options


class Space:
    """The decisions that make up an architecture: `space.decisions`, and `space.id`."""

    def __init__(self, message):
        self.id = message["id"]
        self.decisions = [Decision(d["name"], d["options"]) for d in message["decisions"]]

    def sample(self, draw):
        """Every choice uniformly."""
        return [draw.randrange(len(decision.options)) for decision in self.decisions]

    def mutate(self, choices, draw):
        """Another choice for one decision, both uniformly."""
        open_decisions = [i for i, d in enumerate(self.decisions) if len(d.options) > 1]
        place = draw.choice(open_decisions)
        others = [o for o in range(len(self.decisions[place].options)) if o != choices[place]]
        changed = list(choices)
        changed[place] = draw.choice(others)
        return changed


def serve(method, name, version="1", max_in_flight=1, minimum_trials=1):
    """Answers requests until standard input ends.

    `method(space, settings, seed)` begins a search; one with a parameter `context` is given the whole
    message too (run, objective, budget).
    """
    search = None

    def initialize(parameters):
        nonlocal search
        search = _begin(method, parameters)
        return {"max_in_flight": max_in_flight, "minimum_trials": minimum_trials}

    def ask(parameters):
        draw = random.Random(int(parameters["draw"], 16))
        return _proposal(search.ask(parameters["trial"], draw))

    def tell(parameters):
        search.tell(parameters["trial"], parameters["choices"], parameters.get("value"))
        return {}

    _answer({"initialize": initialize, "ask": ask, "tell": tell}, name, version)


class Task:
    """What an evaluator is for; see the top of this file."""

    def __init__(self, message):
        self.space = Space(message["space"])
        self.data, self.settings = message["data"], message.get("settings", {})
        self.training, self.final = message["training"], message["final"]


class Work:
    """One training; see the top of this file."""

    def __init__(self, message):
        self.phase, self.architecture = message["phase"], message["architecture"]
        self.choices, self.epochs = message["choices"], message["epochs"]
        self.seed, self.test = int(message["seed"], 16), message.get("test")


def serve_evaluator(evaluator, name, version="1"):
    """Answers requests for trainings until standard input ends."""
    trainer = None

    def initialize(parameters):
        nonlocal trainer
        trainer = evaluator(Task(parameters))
        return {}

    handlers = {
        "initialize": initialize,
        "evaluate": lambda parameters: trainer.evaluate(Work(parameters)),
    }
    _answer(handlers, name, version)


def _answer(handlers, name, version):
    # The protocol has standard output to itself; what anybody prints goes to standard error.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        kind, error, result = request["method"], None, {}
        if kind not in handlers:
            error = {"code": -32601, "message": f"unknown method '{kind}'"}
        else:
            try:
                result = handlers[kind](request.get("params", {}))
                if kind == "initialize":
                    result["protocol"] = PROTOCOL
                    result["plugin"] = {"name": name, "version": str(version)}
            except Exception as problem:  # The run ends with one line that says what went wrong.
                import traceback

                traceback.print_exc()
                error = {"code": -32000, "message": f"{type(problem).__name__}: {problem}"}
        answer = {"jsonrpc": "2.0", "id": request.get("id")}
        answer.update({"error": error} if error else {"result": result})
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _begin(method, parameters):
    arguments = [Space(parameters["space"]), parameters.get("settings", {}), parameters["seed"]]
    arguments[2] = int(arguments[2], 16)
    if "context" in inspect.signature(method).parameters:
        return method(*arguments, context=parameters)
    return method(*arguments)


def _proposal(found):
    if found is None:
        return {"done": "nothing more to propose"}
    if not isinstance(found, dict):
        found = {"choices": found}
    found["choices"] = [int(choice) for choice in found["choices"]]
    return found
