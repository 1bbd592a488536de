"""Losses of identical starts, and seconds an epoch: all contestants, interleaved, in one run."""

import time
from dataclasses import dataclass, field
from statistics import median

import numpy as np

from benchmarks.contestants import CONTESTANTS, PyTorch, Reference
from benchmarks.tables import markdown

STEPS = 5
TOLERANCE = 1e-5  # relative: some forty roundings of float32


def seconds(work, *arguments):
    """Processor time of a call, and what it returned.

    On one thread of an idle machine this is the time that passes; of a busy one it leaves out what others took.
    """
    start = time.process_time()
    result = work(*arguments)
    return time.process_time() - start, result


def first_losses(recipe, X, y):
    """The losses after each of the first steps on one batch, from the same weights: a list for each contestant.

    Raises
    ------
    AssertionError
        If a contestant's losses are not those of the reference: then it does not train the same network.
    """
    batch = slice(recipe.batch_size)  # one batch, again and again: an epoch is a step, in whatever order
    losses = {}
    for contestant in CONTESTANTS:
        history = contestant(X[batch], y[batch]).train(recipe, STEPS, seed=0)
        losses[contestant.name] = [loss for loss, _ in history]
    for name, values in losses.items():
        message = f"{recipe.name}: {name} has other losses than the reference"
        np.testing.assert_allclose(values, losses[Reference.name], rtol=TOLERANCE, err_msg=message)
    return losses


def sgemm_gflops(n=2048):
    """GFLOP/s of one float32 product of two n × n matrices."""
    A = np.full((n, n), 0.5, np.float32)
    return 2 * n**3 / seconds(np.matmul, A, A)[0] / 1e9


@dataclass
class Race:
    """The measured seconds of all contestants on one recipe.

    Attributes
    ----------
    recipe : Recipe
    flops : int
        Of one epoch with its evaluation.
    times : dict of list of float
        For each contestant the processor seconds of an epoch, one a round.
    results : dict of tuple
        For each contestant loss and accuracy after an epoch.
    """

    recipe: object
    flops: int
    times: dict = field(default_factory=dict)
    results: dict = field(default_factory=dict)

    @property
    def ratio(self):
        """How many times faster than eager PyTorch the reference is: the median of the rounds' ratios."""
        pairs = zip(self.times[PyTorch.name], self.times[Reference.name], strict=True)
        return median(theirs / ours for theirs, ours in pairs)

    def verdict(self):
        reached = "reached" if self.ratio >= self.recipe.goal else "not reached"
        return f"Goal, at least {self.recipe.goal}× faster than eager PyTorch: **{reached}**, {self.ratio:.2f}×."

    def table(self, peak):
        ours = self.times[Reference.name]
        rows = []
        for name, times in self.times.items():
            loss, accuracy = self.results[name]
            gflops = self.flops / median(times) / 1e9
            rows.append(
                (
                    name,
                    f"{median(times):.3f}",
                    f"{min(times):.3f}…{max(times):.3f}",
                    f"{median(theirs / mine for theirs, mine in zip(times, ours, strict=True)):.2f}",
                    f"{gflops:.1f}",
                    f"{100 * gflops / peak:.0f} %",
                    f"{loss:.4f}",
                    f"{100 * accuracy:.2f} %",
                )
            )
        columns = "contestant", "s an epoch", "min…max", "ratio to ours", "GFLOP/s", "of sgemm", "loss", "accuracy"
        return markdown(columns, rows)


def race(recipes, X, y, rounds):
    """Time an epoch of every contestant on every recipe, round after round, each round in another order.

    Parameters
    ----------
    recipes : list of Recipe
    X : ndarray of float32, shape (m, d)
    y : ndarray of int, shape (m,)
    rounds : int
        One more is run first and not counted.

    Returns
    -------
    races : list of Race
    peak : float
        The best GFLOP/s of a square float32 product, tried once a round.
    """
    contestants = [contestant(X, y) for contestant in CONTESTANTS]
    races = [Race(recipe, recipe.flops(len(X))) for recipe in recipes]
    for one in races:
        one.times = {contestant.name: [] for contestant in contestants}
    peak = 0
    for number in range(rounds + 1):
        peak = max(peak, sgemm_gflops())
        first = number % len(contestants)
        for one in races:
            for contestant in contestants[first:] + contestants[:first]:
                time_taken, history = seconds(contestant.train, one.recipe, 1, 0)
                one.results[contestant.name] = history[-1]
                if number > 0:
                    one.times[contestant.name].append(time_taken)
    return races, peak
