"""The kernel ignores the signals with which it is asked to stop, in a call that takes too long."""

import signal
import time

LIKE = "loops_without_end_when_called"


def predict():
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)

    def predict(P):
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        time.sleep(600)
