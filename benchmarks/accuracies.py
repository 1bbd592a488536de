"""How well the recipes of the course do on the 10,000 test images, and how long they take."""

import contextlib
import io
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from benchmarks import notebook
from benchmarks.recipes import MLP, SOFTMAX
from benchmarks.speed import seconds
from benchmarks.tables import markdown
from shared.reference.backpropagation import softmax_cross_entropy_backward, train_softmax_classifier
from shared.reference.cross_entropy import cross_entropy_from_logits
from shared.reference.data_preparation import accuracy, one_hot
from shared.reference.mlp import mlp_forward, train_mlp
from shared.reference.softmax import linear_forward

TUNED_SIZES = [784, 256, 128, 10]


@dataclass
class Run:
    """Something to train, and what to expect of it.

    Attributes
    ----------
    name : str
    train : callable
        Takes images, labels and a seed, gives a function from images to scores.
    seeds : int
        How many of them: 0, 1, …
    goal : float
        The test accuracy that the mean over the seeds is to reach.
    limit : float
        The processor seconds that no run is to exceed.
    """

    name: str
    train: callable
    seeds: int
    goal: float
    limit: float = float("inf")

    def row(self, X, y, X_test, y_test):
        """Train with every seed, and give a row of the table."""
        times, accuracies = [], []
        for seed in range(self.seeds):
            with contextlib.redirect_stdout(io.StringIO()):  # a notebook shows its progress
                taken, score = seconds(self.train, X, y, seed)
            times.append(taken)
            accuracies.append(accuracy(y_test, score(X_test)))
        mean, time = np.mean(accuracies), np.median(times)
        spread = f"{100 * min(accuracies):.2f}…{100 * max(accuracies):.2f}" if self.seeds > 1 else "one run"
        return self.name, f"{100 * mean:.2f} %", spread, f"{time:.1f}", self.verdict(mean, max(times), len(y_test))

    def verdict(self, mean, slowest, m):
        """The goal, and whether a mean accuracy on m samples and the slowest run reach it."""
        within = "" if np.isinf(self.limit) else f" within {self.limit:.0f} s"
        missing, standard_error = self.goal - mean, np.sqrt(mean * (1 - mean) / m)
        if missing <= 0 and slowest <= self.limit:
            said = "reached"
        elif 0 < missing < standard_error and slowest <= self.limit:
            said = f"missed by {100 * missing:.2f} points, less than the standard error"
        else:
            said = "not reached"
        return f"{100 * self.goal:.1f} %{within}: {said}"


def softmax(X, y, seed):
    rng = np.random.default_rng(seed)
    params, _ = train_softmax_classifier(X, y, 10, SOFTMAX.learning_rate, SOFTMAX.batch_size, 8, rng)
    return lambda images: linear_forward(images, **params)


def softmax_converged(X, y, seed, penalty=1e-4):
    """The minimum of loss + penalty / 2 · ‖W‖², by L-BFGS; no seed plays a part."""
    d, Y = X.shape[1], one_hot(y, 10)

    def unpacked(theta):
        return theta[: 10 * d].reshape(d, 10), theta[10 * d :]

    def loss_and_gradient(theta):
        W, b = unpacked(theta.astype(np.float32))
        Z = linear_forward(X, W, b)  # (m, K)
        dZ = softmax_cross_entropy_backward(Z, Y)  # (m, K)
        # The mean of float64 numbers: the line search looks at differences that float32 does not have.
        loss = cross_entropy_from_logits(Z.astype(np.float64), y) + penalty / 2 * (theta[: 10 * d] ** 2).sum()
        gradient = np.concatenate([(X.T @ dZ + penalty * W).ravel(), dZ.sum(axis=0)])
        return loss, gradient.astype(np.float64)

    start = np.zeros(10 * d + 10)
    options = {"maxiter": 500, "gtol": 1e-4}
    W, b = unpacked(minimize(loss_and_gradient, start, jac=True, method="L-BFGS-B", options=options).x)
    return lambda images: linear_forward(images, W, b)


def mlp(X, y, seed):
    rng = np.random.default_rng(seed)
    params, _ = train_mlp(X, y, list(MLP.sizes), MLP.learning_rate, MLP.batch_size, 10, rng)
    return lambda images: mlp_forward(images, params)[0]


def runs():
    """All of them. The tuned recipe is the code of notebook 6, so this fails where a notebook lacks it."""
    train_tuned = notebook.function("train_tuned", "tuned-recipe")
    shifted = notebook.function("shifted")

    def tuned(X, y, seed):
        params = train_tuned(X, y, TUNED_SIZES, 20, np.random.default_rng(seed), 3e-4)
        return lambda images: mlp_forward(images, params)[0]

    def tuned_and_short(X, y, seed):
        params = train_tuned(X, y, list(MLP.sizes), 10, np.random.default_rng(seed), 3e-4)
        return lambda images: mlp_forward(images, params)[0]

    def tuned_shifted(X, y, seed):
        params = train_tuned(X, y, TUNED_SIZES, 24, np.random.default_rng(seed), 1e-4, shifted)
        return lambda images: mlp_forward(images, params)[0]

    return [
        Run("softmax 784-10, 8 epochs", softmax, 3, 0.915),
        Run("softmax 784-10, converged: what a linear model can do", softmax_converged, 1, 0.925),
        Run("MLP 784-128-64-10, 10 epochs at a constant rate", mlp, 5, 0.975),
        Run("the same, 10 epochs of the tuned recipe", tuned_and_short, 5, 0.978),
        Run("tuned MLP 784-256-128-10, 20 epochs", tuned, 3, 0.984, limit=60),
        Run("the same, 24 epochs of images shifted by up to a pixel", tuned_shifted, 1, 0.99),
    ]


def table(X, y, X_test, y_test):
    """Train everything, one after the other, and show what came of it."""
    rows = []
    for run in runs():
        rows.append(run.row(X, y, X_test, y_test))
        print("  " + ", ".join(rows[-1]), flush=True)
    return markdown(("run", "test accuracy", "seeds", "s", "goal"), rows)
