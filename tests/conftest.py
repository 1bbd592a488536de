"""The table of misconceptions at the end of a run: which wrong answers the notebooks' tests know by name."""

from collections import defaultdict

import pytest

TABLE = "misconceptions"


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
