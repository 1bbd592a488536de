"""What was measured on: the processor and the versions that matter, and nothing that names a person or a host."""

import os
import platform
import subprocess
from pathlib import Path

import numpy as np


def describe():
    """Lines of Markdown, one a fact."""
    import sklearn  # not needed where only the grader is measured
    import torch

    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    torch_blas = "MKL" if torch.backends.mkl.is_available() else "its own BLAS"
    return "\n".join(
        [
            f"- processor: {processor()}, {os.cpu_count()} cores, {platform.machine()}; one thread was used",
            f"- Python {platform.python_version()}, {platform.system()}",
            f"- NumPy {np.__version__} with {blas['name']} {blas['version']}",
            f"- PyTorch {torch.__version__} with {torch_blas}, scikit-learn {sklearn.__version__}",
        ]
    )


def processor():
    """The processor's model, as the operating system calls it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    if platform.system() == "Darwin":
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return platform.processor() or "unknown"
