"""What every contestant trains: sizes, batches, rate, first weights, and how much arithmetic an epoch is."""

from dataclasses import dataclass

import numpy as np

from shared.reference.mlp import he_init


@dataclass(frozen=True)
class Recipe:
    """Plain stochastic gradient descent on a network with ReLU layers and a softmax.

    Attributes
    ----------
    name : str
    sizes : tuple of int
        Features, then the width of each layer; the last one is K.
    batch_size : int
    learning_rate : float
    goal : float
        How many times faster than eager PyTorch the reference is to be.
    """

    name: str
    sizes: tuple
    batch_size: int
    learning_rate: float
    goal: float

    @property
    def layers(self):
        """(fan_in, fan_out) of every layer."""
        return list(zip(self.sizes, self.sizes[1:], strict=False))

    def first_weights(self, rng):
        """Where training starts: zeros for softmax regression, else `he_init`, named as that names them."""
        if len(self.layers) > 1:
            return he_init(list(self.sizes), rng)
        return {"W1": np.zeros(self.sizes, np.float32), "b1": np.zeros(self.sizes[1], np.float32)}

    def flops(self, m):
        """Floating-point operations of the matrix products in an epoch of m samples and its evaluation.

        A product of (m, k) and (k, n) is 2·m·k·n. Each layer has two in training, forward and dW; each but the first
        has dA as well; and one more forward in the evaluation at the end of the epoch.

        Examples
        --------
        >>> Recipe("tiny", (3, 2, 1), 4, 0.1, 1.0).flops(10)
        520
        """
        products = [(3 if layer == 0 else 4) * fan_in * fan_out for layer, (fan_in, fan_out) in enumerate(self.layers)]
        return 2 * m * sum(products)


SOFTMAX = Recipe("softmax 784-10, batch 256, rate 0.1", (784, 10), 256, 0.1, goal=1.9)
MLP = Recipe("MLP 784-128-64-10, batch 64, rate 0.1", (784, 128, 64, 10), 64, 0.1, goal=1.4)
