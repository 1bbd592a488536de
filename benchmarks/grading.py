"""How fast a class is graded, by stock nbgrader and by this course, in one run: ``python -m benchmarks.grading``."""

import argparse
import contextlib
import copy
import functools
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import nbformat
import psutil
from nbgrader.api import Gradebook

from benchmarks.machine import processor
from benchmarks.tables import markdown
from grading.demo_class import answered
from grading.release import released

ASSIGNMENT, NOTEBOOK = "02-softmax", "softmax"
COURSE = Path(__file__).resolve().parents[1]
PAGE = Path(__file__).with_name("GRADING.md")
GROWTH = (10, 100, 1000)
LOOK_EVERY = 0.1  # seconds

STOCK = """
c = get_config()
c.CourseDirectory.course_id = "digits-from-scratch"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
c.ClearMarkScheme.enforce_metadata = False
"""

HEAD = """# Grading a class

`make bench-grading` measures what follows and writes this page, which is never edited. All figures are from one run on
one machine: {processor}, {cores} cores; Python {python}, nbgrader {nbgrader}. Stock nbgrader runs with its own
preprocessors, in one kernel, without a sandbox. A submission is notebook 2, solved, with a comment of its own. Cells of
the story that no answer rests on do not run in ours, unless a line says so (`grading/story.py`); in stock nbgrader all
cells run.
"""

ONE = """## One submission

`python -m benchmarks.grading --only one`

`nbgrader autograde` of one submission, from the start of the command to its end, {rounds} times in turns. Ours starts a
sandbox and a second kernel for the tests, where hidden ones run when all else has.

"""

MANY = """## Submissions a minute

`python -m benchmarks.grading --only many`

{submissions} submissions, from the start of the command to its end. Each grader has {rounds} turn{plural}; the ratio
is the median of the turns' ratios. *Cold* starts a kernel for each submission, *warm* forks it from a parent that has
imported NumPy and the rest.

"""

GROWING = """## A growing class

`python -m benchmarks.grading --only growth`

With {workers} workers. The writer is the process that was called, which holds the gradebook; its memory is the most
that it used.

"""


class Course:
    """A course in a folder of its own."""

    def __init__(self, folder, stock=False):
        self.folder = folder
        shutil.copytree(COURSE / "solutions" / ASSIGNMENT, folder / "solutions" / ASSIGNMENT)
        if stock:
            (folder / "nbgrader_config.py").write_text(STOCK)
        else:
            for name in ("jupyter_config.py", "nbgrader_config.py"):
                shutil.copy(COURSE / name, folder)
        self.run("nbgrader", "generate_assignment", ASSIGNMENT)
        self.template = self.folder / "gradebook.db"
        shutil.copy(self.template, self.folder / "empty.db")

    def hand_in(self, count):
        """Let a class of this size hand in, and forget what was graded before."""
        for name in ("submitted", "autograded"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        shutil.copy(self.folder / "empty.db", self.template)
        for number in range(count):
            path = self.folder / "submitted" / f"student-{number:04d}" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
            path.parent.mkdir(parents=True)
            path.write_text(_submission(number), encoding="utf-8")

    def run(self, *command):
        """Run ``python -m command``; give the seconds that it took, and the most memory that it used, in bytes."""
        environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        began = time.perf_counter()
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                [sys.executable, "-m", *command], cwd=self.folder, env=environment, stdout=said, stderr=said
            )
            most = 0
            while process.poll() is None:
                with contextlib.suppress(psutil.Error):
                    most = max(most, psutil.Process(process.pid).memory_info().rss)
                time.sleep(LOOK_EVERY)
            seconds = time.perf_counter() - began
            if process.returncode:
                said.seek(0)
                raise RuntimeError(f"{' '.join(command)} failed: {said.read().decode(errors='replace')[-2000:]}")
        return seconds, most

    def is_graded(self, count):
        """Whether so many have got all points that no human has to give."""
        with Gradebook(f"sqlite:///{self.folder}/gradebook.db") as gradebook:
            scores = [each.score for each in gradebook.assignment_submissions(ASSIGNMENT)]
        return len(scores) == count and min(scores) == max(scores) > 0


def _submission(number):
    notebook = copy.deepcopy(_solved())
    first = next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution"))
    first.source += f"\n# student {number}"
    return nbformat.writes(notebook)


@functools.cache
def _solved():
    master = nbformat.read(COURSE / "solutions" / ASSIGNMENT / f"{NOTEBOOK}.ipynb", as_version=4)
    graded = [cell for cell in master.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    return answered(released(ASSIGNMENT, NOTEBOOK), {cell.metadata.nbgrader.grade_id: cell.source for cell in graded})


NBGRADER = ("nbgrader", "autograde", ASSIGNMENT)
OURS = ("grading", "autograde", ASSIGNMENT, "--workers")
COLD = ("--set", "StudentKernelManager.warm=False")
ALL_CELLS = ("--set", "Execute.whole_story=True")


def one(stock, ours, rounds):
    """The section about one submission."""
    seconds = {"stock nbgrader": [], "ours": []}
    for course in (stock, ours):
        course.hand_in(1)
    for _ in range(rounds):
        for name, course in (("stock nbgrader", stock), ("ours", ours)):
            seconds[name].append(course.run(*NBGRADER, "--force")[0])
    ratios = [b / a for a, b in zip(*seconds.values(), strict=True)]
    rows = [
        (name, f"{statistics.median(times):.2f}", f"{min(times):.2f}…{max(times):.2f}", ratio)
        for (name, times), ratio in zip(seconds.items(), ("1.00", f"{statistics.median(ratios):.2f}"), strict=True)
    ]
    return ONE.format(rounds=rounds) + markdown(("grader", "s", "min…max", "ratio to stock"), rows) + "\n"


def many(stock, ours, rounds, submissions):
    """The section about submissions a minute."""
    contestants = {
        "stock nbgrader": (stock, NBGRADER),
        "ours, 1 worker, cold": (ours, (*OURS, "1", *COLD)),
        "ours, 2 workers, cold": (ours, (*OURS, "2", *COLD)),
        "ours, 1 worker, warm": (ours, (*OURS, "1")),
        "ours, 2 workers, warm": (ours, (*OURS, "2")),
        "ours, 2 workers, warm, all cells": (ours, (*OURS, "2", *ALL_CELLS)),
    }
    rates = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, (course, command) in contestants.items():
            course.hand_in(submissions)
            rates[name].append(60 * submissions / course.run(*command)[0])
            if not course.is_graded(submissions):
                raise RuntimeError(f"{name} has not graded all submissions")
            print(f"    {name}: {rates[name][-1]:.1f} submissions a minute", file=sys.stderr, flush=True)
    first = rates["stock nbgrader"]
    rows = [
        (
            name,
            f"{statistics.median(each):.1f}",
            f"{min(each):.1f}…{max(each):.1f}",
            f"{statistics.median(b / a for a, b in zip(first, each, strict=True)):.2f}",
        )
        for name, each in rates.items()
    ]
    columns = ("grader", "submissions a minute", "min…max", "ratio to stock")
    return (
        MANY.format(rounds=rounds, plural="s" * (rounds > 1), submissions=submissions) + markdown(columns, rows) + "\n"
    )


def growth(ours, sizes, workers=2):
    """The section about growing classes."""
    rows = []
    for size in sizes:
        ours.hand_in(size)
        seconds, memory = ours.run(*OURS, str(workers))
        again, _ = ours.run(*OURS, str(workers))
        rows.append(
            (
                f"{size:,} submissions",
                f"{seconds:.0f}",
                f"{60 * size / seconds:.0f}",
                f"{memory / 1e6:.0f}",
                f"{ours.template.stat().st_size / 1e6:.1f}",
                f"{again:.1f}",
            )
        )
        print(f"    {rows[-1]}", file=sys.stderr, flush=True)
    columns = ("class", "s", "a minute", "writer, MB", "gradebook, MB", "s, when nothing has changed")
    return GROWING.format(workers=workers) + markdown(columns, rows) + "\n"


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grading", description=__doc__)
    parser.add_argument("--only", choices=("one", "many", "growth"), help="measure and print this, and write no page")
    parser.add_argument("--rounds", type=int, default=1, help="turns of each grader in the second part")
    parser.add_argument("--submissions", type=int, default=100, help="of the class in the second part")
    options = parser.parse_args(arguments)
    facts = {"processor": processor(), "cores": os.cpu_count(), "python": platform.python_version()}
    sections = [HEAD.format(**facts, nbgrader=version("nbgrader"))]
    os.chdir(COURSE)
    with tempfile.TemporaryDirectory() as folder:
        folders = [Path(folder, name) for name in ("stock", "ours")]
        for each in folders:
            each.mkdir()
        stock, ours = Course(folders[0], stock=True), Course(folders[1])
        make = {
            "one": lambda: one(stock, ours, 2 * options.rounds + 1),
            "many": lambda: many(stock, ours, options.rounds, options.submissions),
            "growth": lambda: growth(ours, GROWTH),
        }
        for part in make if options.only is None else [options.only]:
            sections.append(make[part]())
            print(sections[-1], flush=True)
    if options.only is None:
        PAGE.write_text("\n".join(sections), encoding="utf-8")
        print(f"written: {PAGE.parent.name}/{PAGE.name}")


if __name__ == "__main__":
    main()
