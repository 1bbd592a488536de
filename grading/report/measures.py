"""The numbers of the report: pure functions from records to plain data.

Who handed in something that is no notebook, or could not be graded, says nothing about an exercise, and is counted in
`overview` alone. An answer that waits to be read has no points yet, so it counts for no mean.

Sources
-------
Difficulty as the mean share of the points, and the correlation of an item with the total: L. Crocker, J. Algina,
"Introduction to classical and modern test theory", 1986, chapter 14. That the item has to be taken out of the total
first: S. Henrysson, "Correction of item-total correlations in item analysis", Psychometrika 28, 1963. The interval is
the one of R. A. Fisher, "On the probable error of a coefficient of correlation", Metron 1, 1921.
"""

import math
import statistics
from collections import Counter
from dataclasses import dataclass

from grading import statuses, timing
from grading.report import verdicts

# Below that many students the interval of a correlation near 0 is wider than from -0.44 to 0.44: it says nothing.
FEWEST = 20
NORMAL = 1.959964  # standard deviations to either side that hold 95 % of a normal distribution

WHOLE = "all stages"

# How an exercise ended for a student, from good to bad; what is still open comes last.
FULL = "full points"
PART = "part of the points"
HIDDEN_ONLY = "passes the visible tests only"
KNOWN = "a known mistake"
UNKNOWN = "wrong in a way unknown"
BROKEN = "does not run to the end"
LEFT_OPEN = "left open"
WAITS = "waits to be read"
ENDINGS = (FULL, PART, HIDDEN_ONLY, KNOWN, UNKNOWN, BROKEN, LEFT_OPEN, WAITS)


@dataclass(frozen=True)
class Overview:
    """An assignment in a few numbers; totals are in points, None where there are none.

    Attributes
    ----------
    enrolled, handed_in, absent : int
        Students.
    not_notebooks, not_graded : int
        Of those who handed in.
    unread : int
        Answers that wait for a human.
    unread_students : int
        Whose totals will rise when they are read.
    measured : int
        Students whose totals the rest is about.
    mean, median, lower, upper : float or None
        Of the totals; lower and upper are the quartiles.
    """

    enrolled: int
    handed_in: int
    absent: int
    not_notebooks: int
    not_graded: int
    unread: int
    unread_students: int
    measured: int
    mean: float | None
    median: float | None
    lower: float | None
    upper: float | None


def overview(record):
    totals = [each.total for each in record.measured]
    lower, median, upper = quartiles(totals) if totals else (None, None, None)
    return Overview(
        enrolled=len(record.submissions) + len(record.absent),
        handed_in=len(record.submissions),
        absent=len(record.absent),
        not_notebooks=sum(each.status == statuses.NO_NOTEBOOK for each in record.submissions),
        not_graded=sum(each.status in (statuses.FAILED, statuses.NOT_GRADED) for each in record.submissions),
        unread=sum(len(each.waiting) for each in record.measured),
        unread_students=sum(bool(each.waiting) for each in record.measured),
        measured=len(totals),
        mean=statistics.fmean(totals) if totals else None,
        median=median,
        lower=lower,
        upper=upper,
    )


def quartiles(values):
    """The lower quartile, the median and the upper quartile, with linear interpolation as NumPy's ``quantile``.

    Examples
    --------
    >>> quartiles([1, 2, 3, 4])
    (1.75, 2.5, 3.25)
    >>> quartiles([7])
    (7.0, 7.0, 7.0)
    """
    return tuple(quantile(values, share) for share in (0.25, 0.5, 0.75))


def quantile(values, share):
    """The value below which a share of the values lies.

    Examples
    --------
    >>> quantile([10, 20], 0.9)
    19.0
    """
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return float(ordered[below] + (place - below) * (ordered[above] - ordered[below]))


@dataclass(frozen=True)
class Histogram:
    """How often totals occur: ``counts[i]`` of them in [i * width, (i + 1) * width), in points."""

    width: float
    counts: tuple[int, ...]


def distribution(totals, maximum):
    """The distribution of totals, in at most 26 bins of a round width; the maximum has its place in the last one.

    Parameters
    ----------
    totals : list of float
    maximum : float
        Points; totals may exceed it where there was extra credit.

    Returns
    -------
    histogram : Histogram

    Examples
    --------
    >>> distribution([0, 1, 1.5, 3], 3)
    Histogram(width=1, counts=(1, 2, 0, 1))
    """
    most = max([maximum, *totals])
    width = next(width for exponent in range(9) for width in _round(exponent) if most / width <= 25)
    counts = [0] * (math.floor(most / width) + 1)
    for total in totals:
        counts[math.floor(total / width)] += 1
    return Histogram(width, tuple(counts))


def _round(exponent):
    return (10**exponent, 2 * 10**exponent, 5 * 10**exponent)


def ending(submission, exercise):
    """How an exercise ended for a student; one of `ENDINGS`.

    Parameters
    ----------
    submission : Submission
    exercise : Exercise
    """
    cells = _verdicts(submission, exercise.name)
    if exercise.name in submission.waiting:
        return WAITS
    if submission.points[exercise.name] >= exercise.maximum:
        return FULL
    if not cells:  # read by a human
        return PART if submission.points[exercise.name] > 0 else LEFT_OPEN
    failed = [each for each in cells if each.kind != verdicts.PASSED]
    if any(each.mistakes for each in failed):
        return KNOWN
    if any(each.kind in (verdicts.BROKEN, verdicts.STOPPED) for each in failed):
        return BROKEN
    if failed and all(each.visible for each in failed):
        return HIDDEN_ONLY
    if failed and all(each.kind == verdicts.OPEN for each in failed):
        return LEFT_OPEN if len(failed) == len(cells) else PART
    return UNKNOWN if failed else PART


def _verdicts(submission, exercise):
    return [
        each
        for name, each in submission.verdicts.items()
        if name.startswith(f"{exercise}-test-") and name.removeprefix(f"{exercise}-test-").isdigit()
    ]


@dataclass(frozen=True)
class Correlation:
    """A correlation with its 95 % interval.

    Attributes
    ----------
    n : int
        Students.
    r, low, high : float or None
        None where there are too few students, or all have the same.
    reason : str
        Why there is no number; empty where there is one.
    """

    n: int
    r: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""


def correlation(x, y, fewest=FEWEST):
    """Pearson's correlation; for a column of zeros and ones the same as the point-biserial one.

    Parameters
    ----------
    x, y : list of float
        Of the same length.
    fewest : int
        Below that no number is given.

    Returns
    -------
    correlation : Correlation

    Examples
    --------
    >>> round(correlation([0, 0, 1, 1], [1, 2, 2, 3], fewest=4).r, 4)
    0.7071
    >>> correlation([0, 1], [0, 1]).reason
    'too few students'
    """
    n = len(x)
    if n < fewest:
        return Correlation(n, reason="too few students")
    if len(set(x)) == 1 or len(set(y)) == 1:
        return Correlation(n, reason="all have the same points")
    r = max(-1.0, min(1.0, statistics.correlation(x, y)))
    if abs(r) == 1 or n < 4:
        return Correlation(n, r, r, r)
    middle, room = math.atanh(r), NORMAL / math.sqrt(n - 3)
    return Correlation(n, r, math.tanh(middle - room), math.tanh(middle + room))


@dataclass(frozen=True)
class ExerciseMeasures:
    """What the class made of an exercise.

    Attributes
    ----------
    exercise : Exercise
    n : int
        Students whose answers are graded, and read where they have to be.
    difficulty : float or None
        The mean share of the points, from 0 to 1: the higher, the easier.
    waiting : int
        Students whose answer waits to be read.
    lost : float
        Points that the class lost, all together.
    endings : dict of str to int
        Students, by how the exercise ended for them; every one of `ENDINGS`.
    discrimination : Correlation
        Of the points of this exercise with those of all others.
    """

    exercise: object
    n: int
    difficulty: float | None
    waiting: int
    lost: float
    endings: dict
    discrimination: Correlation


def exercise_measures(record, fewest=FEWEST):
    """The measures of each exercise, in the order of the notebook; a list of ExerciseMeasures.

    The rest of the points, with which an exercise is correlated, is that of the exercises of which nothing waits to be
    read: else it would compare students whose answers were read with others.
    """
    submissions = record.measured
    complete = [
        each for each in record.exercises if not any(each.name in submission.waiting for submission in submissions)
    ]
    found = []
    for exercise in record.exercises:
        read = [each for each in submissions if exercise.name not in each.waiting]
        points = [each.points[exercise.name] for each in read]
        rest = [sum(each.points[other.name] for other in complete if other.name != exercise.name) for each in read]
        counts = Counter(ending(each, exercise) for each in submissions)
        found.append(
            ExerciseMeasures(
                exercise,
                n=len(read),
                difficulty=statistics.fmean(points) / exercise.maximum if read and exercise.maximum else None,
                waiting=len(submissions) - len(read),
                lost=sum(max(0.0, exercise.maximum - each) for each in points),
                endings={name: counts[name] for name in ENDINGS},
                discrimination=correlation(points, rest, fewest),
            )
        )
    return found


@dataclass(frozen=True)
class Met:
    """A known mistake that the class made.

    Attributes
    ----------
    exercise : Exercise
    known : Known
    students : tuple of str
        Whose tests named it, and no other mistake beside it.
    perhaps : tuple of str
        Whose tests named it as one of several.
    """

    exercise: object
    known: verdicts.Known
    students: tuple[str, ...]
    perhaps: tuple[str, ...]


def mistakes_met(record):
    """The known mistakes that the class made, by exercise in the order of the notebook, the most frequent first.

    Returns
    -------
    met : list of Met
        Ties are in the order of the catalogue.
    """
    found = []
    for exercise in record.exercises:
        sure, perhaps = {}, {}
        for submission in record.measured:
            for each in _verdicts(submission, exercise.name):
                for known in each.mistakes:
                    (sure if each.sure else perhaps).setdefault(_key(known), set()).add(submission.student)
        first = {}
        for known in exercise.known:
            first.setdefault(_key(known), known)
        met = [
            Met(exercise, known, tuple(sorted(certain)), tuple(sorted(perhaps.get(key, set()) - certain)))
            for key, known in first.items()
            if (certain := sure.get(key, set())) or key in perhaps
        ]
        found += sorted(met, key=_often, reverse=True)
    return found


def _often(met):
    return len(met.students), len(met.perhaps)


def _key(known):
    return known.function, known.name


@dataclass(frozen=True)
class Lesson:
    """An exercise that is worth teaching again.

    Attributes
    ----------
    measures : ExerciseMeasures
    share : float
        Of all points that the class lost, those it lost here.
    top : Met or None
        The most frequent known mistake.
    alone : bool
        Whether no other known mistake is as frequent.
    met : int
        How many different known mistakes were made.
    """

    measures: ExerciseMeasures
    share: float
    top: Met | None
    alone: bool
    met: int


def lessons(measures, met):
    """The exercises by the points that the class lost in them, those first where most were lost.

    Parameters
    ----------
    measures : list of ExerciseMeasures
    met : list of Met

    Returns
    -------
    lessons : list of Lesson
        Without those where nobody lost a point; ties are in the order of the notebook.
    """
    lost = sum(each.lost for each in measures)
    found = []
    for each in sorted(measures, key=lambda each: -each.lost):
        if each.lost > 0:
            mistakes = [one for one in met if one.exercise.name == each.exercise.name]
            top, others = (mistakes[0], mistakes[1:]) if mistakes else (None, [])
            alone = top is not None and all(_often(one) < _often(top) for one in others)
            found.append(Lesson(each, each.lost / lost, top, alone, len(mistakes)))
    return found


@dataclass(frozen=True)
class Stage:
    """How long a stage of grading took, in seconds.

    Attributes
    ----------
    name : str
    total : float
        Of all submissions of which times are known.
    share : float
        Of the total of all stages, from 0 to 1.
    median, late, longest : float
        Of a submission; late is what nine of ten stay below.
    slowest : str
        The student whose submission took longest.
    """

    name: str
    total: float
    share: float
    median: float
    late: float
    longest: float
    slowest: str


@dataclass(frozen=True)
class Times:
    """How long grading took.

    Attributes
    ----------
    n : int
        Submissions of which it is known; a stage that one did not come to took it no time.
    stages : list of Stage
        In the order of a submission's way.
    whole : Stage
        All stages of a submission together.
    """

    n: int
    stages: list
    whole: Stage


def times(record):
    """How long grading took, as `Times`; None where nobody measured it."""
    timed = [each for each in record.submissions if each.seconds]
    met = dict.fromkeys(stage for each in timed for stage in each.seconds)
    names = [name for name in timing.STAGES if name in met] + [name for name in met if name not in timing.STAGES]
    everything = sum(sum(each.seconds.values()) for each in timed)

    def stage(name, seconds_of):
        taken = [(seconds_of(each), each.student) for each in timed]
        values = [value for value, _ in taken]
        longest, slowest = max(taken)
        share = sum(values) / everything if everything else 0.0
        return Stage(name, sum(values), share, quantile(values, 0.5), quantile(values, 0.9), longest, slowest)

    if not timed:
        return None
    return Times(
        len(timed),
        stages=[stage(name, lambda each, name=name: each.seconds.get(name, 0.0)) for name in names],
        whole=stage(WHOLE, lambda each: sum(each.seconds.values())),
    )
