"""The tested function loops without end, and neither alarm nor interrupt changes anything."""

MARK = "stopped"


def predict():
    def predict(P):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                continue
