"""The tested function prints a hundred megabytes before it answers."""


def predict():
    def predict(P):
        for _ in range(100):
            print("x" * 1_000_000)
        return P.argmax(axis=1)


EARNS = 1  # right it is, at great length
