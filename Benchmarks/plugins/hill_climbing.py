"""Hill climbing from a random architecture: the smallest method that learns."""

from searchlight_plugin import serve


class HillClimbing:
    def __init__(self, space, settings, seed):
        self.space, self.best = space, None
        self.restart = settings.get("restart", 0)

    def ask(self, trial, draw):
        if self.best is None or draw.random() < self.restart:
            return self.space.sample(draw)
        return self.space.mutate(self.best[1], draw)

    def tell(self, trial, choices, value):
        if value is not None and (self.best is None or value <= self.best[0]):
            self.best = value, choices


serve(HillClimbing, name="hill-climbing")
