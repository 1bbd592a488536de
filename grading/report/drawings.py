"""The figures of the report as SVG: the same numbers stand in tables beside them."""

import html
import itertools
import re

import matplotlib as mpl
import matplotlib.pyplot as plt

from grading.report import measures
from shared import plots

# Colours that differ for the colour-blind and in brightness, and a mark for those who see or print none.
FEW = 8  # students; of fewer a half is no finding
GREY, WHITE = "#d9d9d9", "#ffffff"
LOOKS = {
    measures.FULL: (plots.BLUE, "✓"),
    measures.PART: (plots.SKY, "◐"),
    measures.HIDDEN_ONLY: (plots.YELLOW, "v"),
    measures.KNOWN: (plots.ORANGE, "k"),
    measures.UNKNOWN: (plots.VERMILION, "×"),
    measures.BROKEN: (plots.PURPLE, "!"),
    measures.LEFT_OPEN: (GREY, "–"),
    measures.WAITS: (WHITE, "?"),
}
# Behind the numbers of a table: what is right stays in the background.
TINTS = {ending: colour for ending, (colour, _) in LOOKS.items()} | {measures.FULL: "#d6e6f2"}
STYLE = plots.STYLE | {
    "svg.fonttype": "none",  # text stays text: it can be searched, and takes less space
    "svg.hashsalt": "class report",  # equal figures are equal bytes
    "font.family": ["DejaVu Sans"],  # a wide one: with another of the reader's, no text grows out of its place
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "hatch.linewidth": 0.6,
}


def distribution(overview, histogram, maximum, name):
    """How the totals are distributed.

    Parameters
    ----------
    overview : measures.Overview
    histogram : measures.Histogram
    maximum : float
        Points.
    name : str
        Unique on the page, for the ids in the figure.

    Returns
    -------
    svg : str
    """
    width, counts = histogram.width, histogram.counts
    bins = [(place, count) for place, count in enumerate(counts) if count]
    lower, median, upper = map(number, (overview.lower, overview.median, overview.upper))
    if overview.measured == 1:
        title = f"One student, with {median} of {number(maximum)} points"
    elif overview.measured < FEW:
        title = f"{overview.measured} students, the median is {median} of {number(maximum)} points"
    elif overview.lower == overview.upper:
        title = f"Half of the class or more has {median} of {number(maximum)} points"
    else:
        title = f"Half of the class has between {lower} and {upper} of {number(maximum)} points"
    listed = ", ".join(f"{in_bin(place, width)}: {count}" for place, count in bins)
    alt = f"{title}. Median {median}. Number of students by total in points: {listed}."
    with mpl.rc_context(STYLE):
        figure, ax = plt.subplots(figsize=(7.2, 2.5))
        places = [place * width for place in range(len(counts))]
        ax.axvspan(overview.lower, overview.upper, color="0.92", zorder=0, label="middle half")
        ax.bar(places, counts, width=0.86 * width, align="edge" if width > 1 else "center", color=plots.BLUE)
        ax.axvline(overview.median, color=plots.VERMILION, linewidth=2, label=f"median {median}")
        ax.set(xlabel=f"total in points, of {number(maximum)}", ylabel="students")
        ax.set_xlim(-0.8 * width if width == 1 else 0, (len(counts) - 0.2) * width)
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(mpl.ticker.MaxNLocator(integer=True, nbins=10 if axis is ax.xaxis else 4))
        ax.set_title(title)
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=9)
        return _svg(figure, alt, name)


def endings(found, name):
    """How the exercises ended, a bar each.

    Parameters
    ----------
    found : list of measures.ExerciseMeasures
    name : str
        Unique on the page.

    Returns
    -------
    svg : str
    """
    students = sum(found[0].endings.values())
    present = [ending for ending in measures.ENDINGS if any(each.endings[ending] for each in found)]
    hardest = min(found, key=lambda each: each.endings[measures.FULL] + each.endings[measures.WAITS])
    right = hardest.endings[measures.FULL]
    title = f"{short(hardest.exercise)} is the hurdle: {right:,} of {students:,} have its full points"
    if right + hardest.endings[measures.WAITS] == students:
        title = "Nobody lost a point"
    told = [
        f"{each.exercise.title}: "
        + ", ".join(f"{each.endings[ending]} {ending}" for ending in present if each.endings[ending])
        for each in found
    ]
    with mpl.rc_context(STYLE):
        figure, ax = plt.subplots(figsize=(7.2, 0.95 + 0.33 * len(found)))
        labels = [short(each.exercise, most=26) for each in found]
        left = [0] * len(found)
        for ending in present:
            counts = [each.endings[ending] for each in found]
            colour, mark = LOOKS[ending]
            look = {"hatch": "///", "edgecolor": "0.6"} if ending == measures.WAITS else {"edgecolor": "white"}
            ax.barh(range(len(found)), counts, left=left, color=colour, label=f"{mark} {ending}", height=0.78, **look)
            for row, (start, count) in enumerate(zip(left, counts, strict=True)):
                if count >= 0.04 * students:
                    ink = "white" if colour == plots.BLUE else "black"
                    box = {"boxstyle": "square,pad=0.15", "fc": "white", "ec": "none"} if colour == WHITE else None
                    where = {"ha": "center", "va": "center_baseline", "fontsize": 9}
                    ax.text(start + count / 2, row, str(count), color=ink, bbox=box, **where)
            left = [start + count for start, count in zip(left, counts, strict=True)]
        ax.set_yticks(range(len(found)), labels)
        ax.tick_params(axis="y", length=0)
        ax.invert_yaxis()
        ax.set(xlabel="students", xlim=(0, students))
        ax.xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True))
        ax.set_title(title)
        figure.legend(loc="outside lower center", ncols=3, fontsize=9)
        return _svg(figure, f"{title}. Students by how an exercise ended. {'. '.join(told)}.", name)


def short(exercise, most=None):
    """What an exercise is called where space is scarce: its number and what it is about.

    Parameters
    ----------
    exercise : records.Exercise
    most : int, optional
        Characters; what is longer is cut.

    Examples
    --------
    >>> from grading.report.records import Exercise
    >>> short(Exercise("log-softmax", "Exercise 2.6 · log_softmax", "", 3.0))
    '2.6 log_softmax'
    >>> short(Exercise("log-softmax", "Exercise 2.6 · log_softmax", "", 3.0), most=7)
    '2.6 lo…'
    """
    text = re.sub(r"^(Exercise|Question) ([\d.]+) · ", r"\2 ", exercise.title)
    return text if most is None or len(text) <= most else f"{text[: most - 1].rstrip()}…"


def in_bin(place, width):
    """The totals of a bin of a histogram, in words.

    >>> in_bin(3, 1), in_bin(3, 5)
    ('3', '15 to 20')
    """
    return f"{place * width:g}" if width == 1 else f"{place * width:g} to {(place + 1) * width:g}"


def number(value):
    """A number of points, with at most one decimal place.

    >>> number(3.0), number(3.25), number(1234.0)
    ('3', '3.2', '1,234')
    """
    return f"{value:,.1f}".removesuffix(".0")


def _svg(figure, alt, name):
    """The figure as text; its ids become the page's own, where several figures stand on one page."""
    picture = plots.svg(figure, html.escape(alt))
    numbers = itertools.count(1)
    renamed = {found: f"{name}-{next(numbers)}" for found in dict.fromkeys(re.findall(r'\bid="([^"]+)"', picture))}
    picture = re.sub(r'\bid="([^"]+)"', lambda found: f'id="{renamed[found[1]]}"', picture)
    picture = re.sub(r"url\(#([^)]+)\)", lambda found: f"url(#{renamed[found[1]]})", picture)
    picture = re.sub(r'href="#([^"]+)"', lambda found: f'href="#{renamed[found[1]]}"', picture)
    picture = re.sub(r"<metadata>.*?</metadata>\s*", "", picture, flags=re.DOTALL)
    picture = picture.replace("'DejaVu Sans'", "'DejaVu Sans', Verdana, sans-serif")
    # The size on the page is the page's business; the shape is the view box's.
    picture = re.sub(r'(<svg\b[^>]*?) width="[\d.]+pt" height="[\d.]+pt"', r"\1", picture, count=1)
    return picture.strip()
