"""The result is looped over by code that never ends and catches whatever would end it."""

MARK = "stopped"
LIKE = "loops_without_end_when_called"


def predict():
    class Endless:
        def __iter__(self):
            while True:
                try:
                    while True:
                        pass
                except BaseException:
                    continue

    def predict(P):
        return Endless()
