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
        For each contestant the processor seconds of an epoch with its evaluation, one a round.
    evaluations : dict of list of float
        For each contestant the processor seconds of the evaluation alone, one a round.
    results : dict of tuple
        For each contestant loss and accuracy after an epoch.
    """

    recipe: object
    flops: int
    times: dict = field(default_factory=dict)
    evaluations: dict = field(default_factory=dict)
    results: dict = field(default_factory=dict)

    def steps(self, name):
        """The processor seconds of a contestant's steps alone, one a round."""
        return [epoch - alone for epoch, alone in zip(self.times[name], self.evaluations[name], strict=True)]

    def verdict(self):
        """Whether the reference is as much faster than eager PyTorch as it is to be."""
        training = ratio(self.steps(PyTorch.name), self.steps(Reference.name))
        everything = ratio(self.times[PyTorch.name], self.times[Reference.name])
        reached = "reached" if training >= self.recipe.goal else "not reached"
        return (
            f"Goal, to train at least {self.recipe.goal}× faster than eager PyTorch: **{reached}**, {training:.2f}× "
            f"({everything:.2f}× with the evaluation)."
        )

    def table(self, peak):
        rows = []
        for name, times in self.times.items():
            loss, accuracy = self.results[name]
            steps = self.steps(name)
            gflops = self.flops / median(times) / 1e9
            rows.append(
                (
                    name,
                    f"{median(steps):.3f}",
                    f"{min(steps):.3f}…{max(steps):.3f}",
                    f"{ratio(steps, self.steps(Reference.name)):.2f}",
                    f"{median(self.evaluations[name]):.3f}",
                    f"{ratio(times, self.times[Reference.name]):.2f}",
                    f"{gflops:.1f}",
                    f"{100 * gflops / peak:.0f} %",
                    f"{loss:.4f}",
                    f"{100 * accuracy:.2f} %",
                )
            )
        columns = (
            "contestant",
            "s, steps",
            "min…max",
            "ratio to ours",
            "s, evaluation",
            "ratio, both",
            "GFLOP/s",
            "of sgemm",
            "loss",
            "accuracy",
        )
        return markdown(columns, rows)


def ratio(theirs, ours):
    """The median of the rounds' ratios.

    >>> ratio([2.0, 3.0, 8.0], [1.0, 1.0, 2.0])
    3.0
    """
    return median(their / our for their, our in zip(theirs, ours, strict=True))


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
        one.evaluations = {contestant.name: [] for contestant in contestants}
    peak = 0
    for number in range(rounds + 1):
        peak = max(peak, sgemm_gflops())
        first = number % len(contestants)
        for one in races:
            for contestant in contestants[first:] + contestants[:first]:
                time_taken, history = seconds(contestant.train, one.recipe, 1, 0)
                one.results[contestant.name] = history[-1]
                alone, _ = seconds(contestant.evaluation(one.recipe))
                if number > 0:
                    one.times[contestant.name].append(time_taken)
                    one.evaluations[contestant.name].append(alone)
    return races, peak
