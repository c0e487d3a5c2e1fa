"""Search methods for Searchlight in Python: one file without dependencies.

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
    # The protocol has standard output to itself; what anybody prints goes to standard error.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    search = None
    for line in sys.stdin:
        request = json.loads(line)
        kind, parameters = request["method"], request.get("params", {})
        error = None
        result = {}
        try:
            if kind == "initialize":
                search = _begin(method, parameters)
                result = {
                    "protocol": PROTOCOL,
                    "plugin": {"name": name, "version": str(version)},
                    "max_in_flight": max_in_flight,
                    "minimum_trials": minimum_trials,
                }
            elif kind == "ask":
                draw = random.Random(int(parameters["draw"], 16))
                result = _proposal(search.ask(parameters["trial"], draw))
            elif kind == "tell":
                search.tell(parameters["trial"], parameters["choices"], parameters.get("value"))
            else:
                error = {"code": -32601, "message": f"unknown method '{kind}'"}
        except Exception as problem:  # The search ends with one line that says what went wrong.
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
