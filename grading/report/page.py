"""The report's page: one HTML file that needs no other, no network and no script."""

import os
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from grading import timing
from grading.report import drawings, flags, measures, records
from shared.plots import percent

MOST_STUDENTS = 40  # a larger class is shown by those with the lowest totals
FEW_STUDENTS = 15  # … so many of them
MOST_FLAGGED = 20  # with evidence, of each kind of flag
MOST_GROUPS = 30
MOST_NAMES = 6  # in a cell of a table
MOST_LISTED = 300  # names in a list of their own
MOST_LESSONS = 5
MOST_KEPT = 12  # flags, which stay on one sheet of paper
PARTS = (
    ("teach", "What to teach again"),
    ("totals", "Totals"),
    ("exercises", "Exercises"),
    ("students", "Students"),
    ("look", "Who needs a look"),
    ("alike", "Answers that are alike"),
    ("mistakes", "Known mistakes"),
    ("seconds", "Time"),
)


@dataclass(frozen=True)
class Findings:
    """All that the page says about an assignment.

    Attributes
    ----------
    record : records.Record
    overview : measures.Overview
    histogram : measures.Histogram or None
    exercises : list of measures.ExerciseMeasures
    met : list of measures.Met
    lessons : list of measures.Lesson
    flags : list of flags.Flag
    groups : list of grading.report.alike.Group
    times : measures.Times or None
    """

    record: records.Record
    overview: measures.Overview
    histogram: measures.Histogram | None
    exercises: list
    met: list
    lessons: list
    flags: list
    groups: list
    times: measures.Times | None


def findings(record):
    """Count and judge what is in a record."""
    exercises, met = measures.exercise_measures(record), measures.mistakes_met(record)
    totals = [each.total for each in record.measured]
    return Findings(
        record,
        overview=measures.overview(record),
        histogram=measures.distribution(totals, record.maximum) if totals else None,
        exercises=exercises,
        met=met,
        lessons=measures.lessons(exercises, met),
        flags=flags.flags(record),
        groups=flags.same_answers(record),
        times=measures.times(record),
    )


def write(assignments, target, root="."):
    """Write the report.

    Parameters
    ----------
    assignments : list of str
    target : path
        The page; folders that are not there are made. In build/ it lies beside build/html, where `make html` writes
        the notebooks as pages, to which it then links.
    root : path
        The root of the course.

    Returns
    -------
    graded : list of str
        The assignments of which something is graded.

    Raises
    ------
    FileNotFoundError
        If the course has no such assignment.
    """
    found = [findings(records.read(assignment, root)) for assignment in assignments]
    target = Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    # What students wrote may hold half a character, which has no place in a file.
    target.write_bytes(html(found, target.parent, root).encode("utf-8", "backslashreplace"))
    return [each.record.name for each in found if each.record.submissions]


def html(found, folder, root="."):
    """The page as text.

    Parameters
    ----------
    found : list of Findings
    folder : path
        Where the page will lie; its links start there.
    root : path
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(number=drawings.number, percent=percent, counted=counted, listed=listed, took=took)
    environment.filters.update(short=drawings.short, numeral=numeral, decimal=decimal)
    return environment.get_template("page.html.j2").render(
        found=found,
        measures=measures,
        looks=drawings.LOOKS,
        tints=drawings.TINTS,
        kinds=flags.KINDS,
        meanings=timing.STAGES,
        flagged=flagged,
        style=Markup((Path(__file__).parent / "page.css").read_text(encoding="utf-8")),
        distribution=lambda *arguments: Markup(drawings.distribution(*arguments)),
        endings=lambda *arguments: Markup(drawings.endings(*arguments)),
        link=partial(link, folder=Path(folder), root=Path(root)),
        in_pages=lambda record: _page(record, Path(folder)).is_file(),
        shown=shown,
        sentence=sentence,
        MOST_FLAGGED=MOST_FLAGGED,
        MOST_GROUPS=MOST_GROUPS,
        MOST_LISTED=MOST_LISTED,
        MOST_LESSONS=MOST_LESSONS,
        MOST_KEPT=MOST_KEPT,
        parts=PARTS,
    )


# What is shown


def shown(record):
    """The submissions that get a row: all of a small class, else those with the lowest totals.

    Returns
    -------
    submissions : list of Submission
        A small class in the order of the ids, of a large one the lowest totals first.
    """
    if len(record.submissions) <= MOST_STUDENTS:
        return record.submissions
    return sorted(record.measured, key=lambda each: (each.total, each.student))[:FEW_STUDENTS]


def flagged(found):
    """How many students carry a flag."""
    return len({each.student for each in found.flags})


def sentence(each):
    """How an exercise ended for the class, in a sentence.

    Parameters
    ----------
    each : measures.ExerciseMeasures
    """
    verbs = {
        measures.FULL: ("has full points", "have full points"),
        measures.PART: ("has a part of the points", "have a part of the points"),
        measures.HIDDEN_ONLY: ("passes the visible tests only", "pass the visible tests only"),
        measures.KNOWN: ("makes a known mistake", "make a known mistake"),
        measures.UNKNOWN: ("is wrong in a way unknown", "are wrong in a way unknown"),
        measures.BROKEN: ("has an answer that does not run to the end", "have one that does not run to the end"),
        measures.LEFT_OPEN: ("left it open", "left it open"),
        measures.WAITS: ("waits to be read", "wait to be read"),
    }
    parts = [f"{count} {verbs[ending][count != 1]}" for ending, count in each.endings.items() if count]
    return f"Of {counted(sum(each.endings.values()), 'student')}, {_listed(parts)}."


# Words


def counted(count, noun):
    """A number with its noun.

    >>> counted(1, "student"), counted(1000, "student")
    ('1 student', '1,000 students')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def listed(ids, names, most=MOST_NAMES):
    """Names of students, of many only the first; each is kept apart from what is around it, whatever its script.

    Parameters
    ----------
    ids : sequence of str
    names : dict of str to str
    most : int

    Returns
    -------
    html : Markup
    """
    marked = [Markup("<bdi>{}</bdi>").format(names.get(each, each)) for each in ids[:most]]
    rest = Markup(" and {} more").format(len(ids) - most) if len(ids) > most else ""
    return Markup(", ").join(marked) + rest


def _listed(parts):
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def numeral(exercise):
    """The number of an exercise in its title, or its name.

    >>> numeral(records.Exercise("predict", "Exercise 2.2 · predict", "", 1.0))
    '2.2'
    """
    found = re.match(r"\w+ ([\d.]+) · ", exercise.title)
    return found[1] if found else exercise.name


def decimal(value):
    """A correlation, with a true minus sign.

    >>> decimal(0.456), decimal(-0.1)
    ('0.46', '−0.10')
    """
    return f"{value:.2f}".replace("-", "−")


def took(seconds):
    """A time.

    >>> took(0.25), took(12.3), took(75), took(7400)
    ('0.25 s', '12.3 s', '1 min 15 s', '2 h 3 min')
    """
    if seconds < 60:
        return f"{seconds:.2f} s" if seconds < 1 else f"{seconds:.1f} s"
    whole = round(seconds)
    return f"{whole // 60} min {whole % 60} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"


# Links


def link(record, heading, folder, root):
    """Where a heading of an assignment can be read: on the page that `make html` wrote, else in the notebook.

    Parameters
    ----------
    record : records.Record
    heading : str
    folder, root : Path
        Where the report lies, and the course.

    Returns
    -------
    url : str
        Relative to the report.
    """
    anchor = quote(heading.replace(" ", "-"))
    page = _page(record, folder)
    if not page.is_file():
        notebooks = sorted((root / "notebooks" / record.name).glob("[!.]*.ipynb"))
        page = notebooks[0] if notebooks else root / "notebooks"
    return f"{quote(os.path.relpath(page, folder).replace(os.sep, '/'))}#{anchor}"


def _page(record, folder):
    return folder / "html" / f"{record.name}.html"
