"""What shares a worker of pytest-xdist, and the table of misconceptions at the end of a run."""

import os
from collections import defaultdict

import pytest
from xdist.scheduler import LoadFileScheduling

# As in the course's kernel: the threads of NumPy's library, two in each of many workers, mostly wait for one another,
# which takes as much time of the processor again. Set before anything imports NumPy; the workers inherit it.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(variable, "1")

TABLE = "misconceptions"  # which wrong answers the notebooks' tests know by name


class Scheduling(LoadFileScheduling):
    """A file to a worker, except that each demo class, which takes minutes to grade, may have a worker of its own."""

    def _split_scope(self, nodeid):
        file = super()._split_scope(nodeid)
        return nodeid.partition("[")[2] or file if file.endswith("test_demo_class.py") else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return Scheduling(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture
def row(record_property):
    """Enter a row of the table: exercise, misconception, and who said its name."""
    return lambda exercise, misconception, named_by: record_property(TABLE, (exercise, misconception, named_by))


def pytest_terminal_summary(terminalreporter):
    rows = {
        tuple(value)
        for reports in terminalreporter.stats.values()
        for report in reports
        for key, value in getattr(report, "user_properties", [])
        if key == TABLE
    }
    if not rows:
        return
    table = defaultdict(list)
    for exercise, misconception, named_by in sorted(rows):
        table[exercise].append(f"{misconception} [{named_by}]")
    terminalreporter.section("exercise × misconception: named by the visible [v] or a hidden [h] test")
    for exercise, entries in table.items():
        terminalreporter.line(f"{exercise} ({len(entries)})")
        for entry in entries:
            terminalreporter.line(f"    {entry}")
