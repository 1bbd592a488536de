"""Measurements for `make bench`: the reference functions against PyTorch, scikit-learn and plain NumPy, on one thread.

The command line is in `benchmarks.__main__`. Importing this package gives every library of linear algebra one thread,
which works only before NumPy is imported: so nothing is imported before.
"""

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[variable] = "1"
