"""Memory is taken and used until there is no more."""

import numpy as np


def predict():
    def predict(P):
        kept = []
        while len(kept) < 200:
            kept.append(np.ones(8_000_000))  # 64 MB
