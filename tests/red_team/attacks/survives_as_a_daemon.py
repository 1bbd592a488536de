"""A process forks twice, takes a session of its own, and stays."""

import os
import sys


def linear_forward():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(600)", "red team"])
        os._exit(0)
