"""What is registered for the end of the kernel takes its time, and starts a process that stays."""

import atexit
import subprocess
import time


def linear_forward():
    def stay():
        subprocess.Popen(["sleep", "600"], start_new_session=True)
        time.sleep(600)

    atexit.register(stay)
