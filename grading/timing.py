"""How long each stage of grading took: measured while a submission is graded, kept for the instructor's report.

Seconds are never twice the same, so they are kept apart from all that is: not in an autograded notebook, nor in the
gradebook or the feedback, but in ``autograded/.seconds/ASSIGNMENT.jsonl``, a line for each notebook that is graded.
Nothing else reads the file, and it may be deleted. nbgrader's patterns for students do not match a name that begins
with a dot.
"""

import contextlib
import json
import math
import os
import time
from pathlib import Path

from nbgrader.preprocessors import NbGraderPreprocessor

KERNELS, CELLS, VISIBLE, HIDDEN, SAVING = "kernels", "own cells", "visible tests", "hidden tests", "saving"
# What happens in each, in the order of a submission's way.
STAGES = {
    KERNELS: "both start and end, the first of a worker more slowly; after one that stopped, what had run runs again",
    CELLS: "answers and story, in the student's kernel",
    VISIBLE: "test cells where they stand, without their hidden tests",
    HIDDEN: "the parts of test cells that students do not see, at the end, and second chances",
    SAVING: "the points go into the gradebook",
}

FOLDER = Path("autograded", ".seconds")
SINCE = "saving_since"  # in nbgrader's resources: when saving has begun, by `time.perf_counter`


class Stopwatch:
    """Seconds by stage. A stage that begins within another interrupts it, so no second counts twice.

    Parameters
    ----------
    clock : callable, optional
        Gives the time in seconds.

    Examples
    --------
    >>> ticks = iter([0.0, 1.0, 3.0, 3.5])
    >>> watch = Stopwatch(lambda: next(ticks))
    >>> with watch.measure("cells"):
    ...     with watch.measure("kernels"):
    ...         pass
    >>> watch.seconds
    {'cells': 1.5, 'kernels': 2.0}
    """

    def __init__(self, clock=time.perf_counter):
        self._clock = clock
        self._stage, self._since = None, 0.0
        self._seconds = {}

    @contextlib.contextmanager
    def measure(self, stage):
        """Count what happens in here for a stage."""
        before = self._stage
        self._go_over_to(stage)
        try:
            yield
        finally:
            self._go_over_to(before)

    def _go_over_to(self, stage):
        now = self._clock()
        if self._stage is not None:
            self._seconds[self._stage] += now - self._since
        if stage is not None:
            self._seconds.setdefault(stage, 0.0)
        self._stage, self._since = stage, now

    @property
    def seconds(self):
        """A dict from stage to seconds, of the stages that have ended."""
        return {stage: round(seconds, 4) for stage, seconds in self._seconds.items()}


class KeepSeconds(NbGraderPreprocessor):
    """The last step of grading: keeps how long the others took, as far as somebody has measured it.

    ``resources["nbgrader"]["seconds"]`` has the seconds by stage. Saving has begun at `SINCE`, and ends here.
    """

    def preprocess(self, nb, resources):
        names = resources["nbgrader"]
        seconds = dict(names.get("seconds", {}))
        if SINCE in names:
            seconds[SAVING] = round(time.perf_counter() - names[SINCE], 4)
        if seconds:
            try:
                keep(names, seconds)
            except OSError as error:  # no reason to fail anybody
                self.log.warning("How long grading took is not kept: %s", error)
        return nb, resources


def keep(names, seconds, root="."):
    """Keep how long the grading of a notebook took.

    Parameters
    ----------
    names : dict
        Of the ``student``, the ``assignment`` and the ``notebook``.
    seconds : dict of str to float
        By stage.
    root : path
        The root of the course.
    """
    path = _file(names["assignment"], root)
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"student": names["student"], "notebook": names["notebook"], "seconds": seconds})
    # A line break before a line instead of after it: what a writer that died has left unfinished harms no other line.
    with open(path, "ab") as file:
        file.write(b"\n" * (os.fstat(file.fileno()).st_size > 0) + line.encode())


def read(assignment, root="."):
    """How long grading took.

    Parameters
    ----------
    assignment : str
    root : path
        The root of the course.

    Returns
    -------
    seconds : dict of str to dict
        From student to a dict from stage to seconds: of the latest grading of each notebook, all notebooks together.
        Empty where nothing was kept.
    """
    try:
        lines = _file(assignment, root).read_bytes().split(b"\n")
    except FileNotFoundError:
        return {}
    latest = {}
    for line in lines:
        if entry := _entry(line):
            latest[entry["student"], entry["notebook"]] = entry["seconds"]
    found = {}
    for (student, _), seconds in latest.items():
        mine = found.setdefault(student, {})
        for stage, value in seconds.items():
            mine[stage] = mine.get(stage, 0.0) + value
    return found


def _file(assignment, root):
    return Path(root, FOLDER, f"{assignment}.jsonl")


def _entry(line):
    """A line as a dict, or None if it was not finished, or is of another kind."""
    try:
        entry = json.loads(line)
        texts = [entry["student"], entry["notebook"], *entry["seconds"]]
        values = [*entry["seconds"].values()]
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    good = all(isinstance(each, str) for each in texts)
    good &= all(isinstance(each, int | float) and math.isfinite(each) and each >= 0 for each in values)
    return entry if good else None
