"""A cell loops without end, and an interrupt changes nothing."""

MARK = "stopped"


def predict():
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue
