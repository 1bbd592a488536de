"""Right answers that warn, overflow on the way and talk on stderr: an honest mishap."""

HONEST = True
EARNS = 15


def predict():
    import sys
    import warnings

    import numpy as np

    def predict(P):
        warnings.warn("this is fine", DeprecationWarning, stacklevel=1)
        print("a word", file=sys.stderr)
        np.exp(np.array([1e6]))
        return P.argmax(axis=1)
