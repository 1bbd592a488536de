"""Time stands still and the alarm is switched off, so that an answer may take for ever."""

import signal
import time

LIKE = "loops_without_end_when_called"


def predict():
    def predict(P):
        signal.setitimer = lambda *args: None
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        time.monotonic = time.perf_counter = time.time = lambda: 0.0
        while True:
            pass
