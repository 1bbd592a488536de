"""The instructor's report: what it reads, what it counts, whom it points out, and the page."""

import math
import os
import random
import re
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

import course
import numpy as np
import pytest
import recounted
import synthetic_class
from bs4 import BeautifulSoup
from synthetic_class import ASSIGNMENT, HandedIn

from grading import __main__, hidden, statuses
from grading.report import alike, flags, measures, page, records, verdicts
from grading.report.records import Exercise, Record, Submission
from grading.report.verdicts import Known, Verdict
from shared import checks, misconceptions, reference

EVIL = "<script>alert('x')</script>"


@pytest.fixture(scope="module", autouse=True)
def alembic():
    """nbgrader runs alembic as a command to make a gradebook; without `make` it is not found."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        yield


# What test cells say


def said_by_checks():
    """Every function of the course with each of its mistakes, and what the checks say to it, with the word hidden."""
    for module in reference.MODULES[:2]:
        path = f"shared.reference.{module}"
        names = [name for name in vars(sys.modules[path]) if reference.find(name) is getattr(sys.modules[path], name)]
        for name in names:
            for known in misconceptions.about(reference.find(name)):
                for message in synthetic_class.complaints(reference.find(name), known):
                    yield name, known, message
                    break


def test_mistakes_are_found_in_what_the_checks_really_say():
    reference.find("relu")  # imports every module
    found = named = 0
    for name, known, message in said_by_checks():
        verdict = verdicts.verdict([synthetic_class.error("AssertionError", message)], verdicts.known_mistakes([name]))
        flat = " ".join(message.split())
        explained = {each.name for each in misconceptions.about(reference.find(name)) if f"({each.name})." in flat}
        explained -= {words for words in explained if words in flat.partition("Other mistakes look the same")[2]}
        assert {each.name for each in verdict.mistakes} == explained, f"{name}, {known.name}: {message}"
        assert verdict.sure == (len(explained) == 1 and "Other mistakes look the same" not in flat)
        found += known.name in explained
        named += f"({known.name})" in flat
    assert named > 100, "the checks name most mistakes, so this test looked at too few messages"
    assert found > 0.9 * named


def test_a_mistake_is_found_in_what_a_hidden_test_says():
    (known,) = [each for each in misconceptions.about(reference.find("softmax")) if each.name == "no shift"]
    with pytest.raises(AssertionError) as refused:
        checks.matches(known.answer, reference.find("softmax"), np.array([[1000.0, 0.0], [0.0, -1000.0]]))
    told = hidden.told_of(refused.value, "softmax")
    assert hidden.ADVICE[:40] in str(told)
    outputs = [{"output_type": "stream", "text": "softmax: visible tests passed\n"}]
    outputs += [synthetic_class.error("AssertionError", str(told))]
    verdict = verdicts.verdict(outputs, verdicts.known_mistakes(["predict", "softmax"]))
    assert verdict == Verdict("wrong", True, (Known("softmax", "no shift", known.why, known.hint),), True)


def test_an_endless_loop_does_not_run_to_the_end():
    def endless(Z):
        while True:
            pass

    with pytest.raises(AssertionError) as refused:
        checks.matches(endless, reference.find("softmax"), np.zeros((2, 3)), seconds=0.1)
    for error in refused.value, hidden.told_of(refused.value, "softmax"):
        outputs = [synthetic_class.error("AssertionError", str(error))]
        assert verdicts.verdict(outputs, verdicts.known_mistakes(["softmax"])).kind == "broken"


@pytest.mark.parametrize(
    ("name", "message", "kind"),
    [
        ("NotImplementedError", "softmax is still waiting for your answer", "open"),
        ("AssertionError", "softmax(Z) gives wrong values for P.", "wrong"),
        ("NameError", "name 'softmax' is not defined", "broken"),
        ("KernelStopped", "The kernel was stopped: it ended.", "stopped"),
    ],
)
def test_verdicts(name, message, kind):
    assert verdicts.verdict([synthetic_class.error(name, message)]).kind == kind


def test_two_functions_that_share_a_mistake_word_by_word_are_told_apart():
    known = (Known("relu", "copied", "it is copied", "?"), Known("relu_backward", "copied", "it is copied", "?"))
    said = "relu_backward(dA, Z) gives wrong values for dZ. You get exactly this when it is copied (copied)."
    assert [each.function for each in verdicts.mistakes_in(said, known)] == ["relu_backward"]


# What is counted: small examples, worked out by hand

SOFT = Exercise("soft", "Exercise 9.1 · soft", "9.1 Soft", 4.0)
HARD = Exercise("hard", "Exercise 9.2 · hard", "9.2 Hard", 2.0)
ESSAY = Exercise("essay", "Question 9.3 · Why", "9.3 Why", 2.0, written=True)
NO_SHIFT = Known("soft", "no shift", "nothing is subtracted", "how large?")
WRONG_AXIS = Known("soft", "wrong axis", "the axis is wrong", "which?")


def handed_in(student, soft=4.0, hard=2.0, essay=0.0, waiting=(), **rest):
    rest.setdefault("status", statuses.GRADED)
    return Submission(student, {"soft": soft, "hard": hard, "essay": essay}, set(waiting), **rest)


def record_of(*submissions, absent=()):
    return Record("09", "9 · Nine", [SOFT, HARD, ESSAY], list(submissions), list(absent))


def test_overview_by_hand():
    record = record_of(
        handed_in("a", waiting=["essay"]),  # 6
        handed_in("b", soft=2.0, hard=0.0),  # 2
        handed_in("c", essay=2.0, penalty=1.0),  # 8 - 1 = 7
        handed_in("d", soft=0.0, hard=1.0, penalty=9.0),  # 1 - 9, but not below 0
        handed_in("e", soft=0.0, hard=0.0, status=statuses.NO_NOTEBOOK),
        handed_in("f", status=statuses.FAILED),
        absent=["g", "h"],
    )
    assert measures.overview(record) == measures.Overview(
        enrolled=8, handed_in=6, absent=2, not_notebooks=1, not_graded=1, unread=1, unread_students=1, measured=4,
        mean=15 / 4, median=4.0, lower=1.5, upper=6.25,
    )  # fmt: skip


def test_overview_of_nobody():
    found = measures.overview(record_of(handed_in("a", status=statuses.FAILED)))
    assert (found.measured, found.mean, found.median) == (0, None, None)


@pytest.mark.parametrize("share", [0, 0.1, 0.25, 0.5, 0.9, 1])
def test_quantiles_are_numpys(share):
    values = [3, 1, 4, 1, 5, 9, 2, 6]
    assert measures.quantile(values, share) == pytest.approx(np.quantile(values, share))


def test_distribution_by_hand():
    assert measures.distribution([0, 0.5, 4, 4], 4) == measures.Histogram(1, (2, 0, 0, 0, 2))
    assert measures.distribution([0, 1.9, 2, 60], 60) == measures.Histogram(5, (3, *[0] * 11, 1))
    assert measures.distribution([5], 4).counts == (0, 0, 0, 0, 0, 1), "extra credit has a place too"


CELLS = {
    "all pass": ["passed", "passed"],
    "open": ["open", "open"],
    "one open": ["passed", "open"],
    "wrong": ["passed", "wrong"],
    "broken": ["broken", "open"],
    "stopped": ["stopped", "stopped"],
}


@pytest.mark.parametrize(
    ("cells", "points", "expected"),
    [
        ("all pass", 4.0, measures.FULL),
        ("open", 0.0, measures.LEFT_OPEN),
        ("one open", 2.0, measures.PART),
        ("wrong", 2.0, measures.UNKNOWN),
        ("broken", 0.0, measures.BROKEN),
        ("stopped", 0.0, measures.BROKEN),
        ("wrong", 4.0, measures.FULL),  # a human gave the points
    ],
)
def test_how_an_exercise_ends(cells, points, expected):
    verdicts_ = {f"soft-test-{i}": Verdict(kind) for i, kind in enumerate(CELLS[cells], start=1)}
    assert measures.ending(handed_in("a", soft=points, verdicts=verdicts_), SOFT) == expected


def test_how_an_exercise_ends_when_more_is_known():
    named = Verdict("wrong", visible=True, mistakes=(NO_SHIFT,), sure=True)
    blind = Verdict("wrong", visible=True)
    one, two = "soft-test-1", "soft-test-2"
    assert measures.ending(handed_in("a", soft=0.0, verdicts={one: named, two: blind}), SOFT) == measures.KNOWN
    assert measures.ending(handed_in("a", soft=0.0, verdicts={one: blind, two: blind}), SOFT) == measures.HIDDEN_ONLY
    assert (
        measures.ending(handed_in("a", soft=2.0, verdicts={one: blind, "x-test-1": named}), SOFT)
        == measures.HIDDEN_ONLY
    )
    assert measures.ending(handed_in("a", waiting=["essay"]), ESSAY) == measures.WAITS
    assert measures.ending(handed_in("a", essay=1.0), ESSAY) == measures.PART
    assert measures.ending(handed_in("a", essay=0.0), ESSAY) == measures.LEFT_OPEN


def test_difficulty_and_lost_points_by_hand():
    record = record_of(
        handed_in("a", soft=4.0, hard=0.0, waiting=["essay"]),
        handed_in("b", soft=1.0, hard=0.0, essay=1.0),
        handed_in("c", soft=1.0, hard=2.0, waiting=["essay"]),
        handed_in("d", soft=0.0, hard=0.0, status=statuses.NO_NOTEBOOK),
    )
    soft, hard, essay = measures.exercise_measures(record)
    assert (soft.n, soft.difficulty, soft.lost) == (3, 6 / 12, 6.0)
    assert (hard.n, hard.difficulty, hard.lost) == (3, 2 / 6, 4.0)
    assert (essay.n, essay.difficulty, essay.lost) == (1, 1 / 2, 1.0), "what waits has no points yet"
    assert (soft.waiting, essay.waiting, essay.endings[measures.WAITS]) == (0, 2, 2)
    first, second, third = measures.lessons([soft, hard, essay], [])
    assert [each.measures.exercise.name for each in (first, second, third)] == ["soft", "hard", "essay"]
    assert (first.share, second.share, third.share) == (6 / 11, 4 / 11, 1 / 11)


def test_discrimination_leaves_the_exercise_out_of_the_rest_and_what_waits_too():
    record = record_of(
        handed_in("a", soft=4.0, hard=2.0, essay=2.0, waiting=["essay"]),
        handed_in("b", soft=3.0, hard=2.0),
        handed_in("c", soft=1.0, hard=0.0),
        handed_in("d", soft=0.0, hard=0.0),
    )
    soft, hard, essay = measures.exercise_measures(record, fewest=3)
    # (4, 3, 1, 0) with (2, 2, 0, 0): means 2 and 1, products 2 + 1 + 1 + 2 = 6, squares 10 and 4.
    assert soft.discrimination.r == pytest.approx(6 / math.sqrt(40))
    assert hard.discrimination.r == pytest.approx(soft.discrimination.r)
    # Three are read; the rest of their points is (5, 1, 0), and they all have 0.
    assert (essay.discrimination.n, essay.discrimination.reason) == (3, "all have the same points")
    assert measures.exercise_measures(record)[0].discrimination == measures.Correlation(4, reason="too few students")


def test_correlation_and_its_interval():
    rng = np.random.default_rng(0)
    x = rng.normal(size=40)
    y = x + rng.normal(size=40)
    found = measures.correlation(list(x), list(y))
    assert found.r == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert math.atanh(found.high) - math.atanh(found.low) == pytest.approx(2 * 1.959964 / math.sqrt(37))
    assert measures.correlation([0, 1] * 10, [0, 2] * 10).r == 1
    # What the page says of too few students: the interval around 0 is wider than 0.44 to either side.
    assert math.tanh(1.959964 / math.sqrt(measures.FEWEST - 1 - 3)) > 0.44


def test_mistakes_met_by_hand():
    exercise = Exercise("soft", "Exercise 9.1 · soft", "", 4.0)
    exercise.__dict__["known"] = (NO_SHIFT, WRONG_AXIS)  # instead of the catalogue's

    def wrong(*mistakes):
        return Verdict("wrong", mistakes=mistakes, sure=len(mistakes) == 1)

    record = record_of(
        handed_in("a", verdicts={"soft-test-1": wrong(NO_SHIFT, WRONG_AXIS), "soft-test-2": wrong(WRONG_AXIS)}),
        handed_in("b", verdicts={"soft-test-1": wrong(WRONG_AXIS), "hard-test-1": wrong(NO_SHIFT)}),
        handed_in("c", verdicts={"soft-test-1": wrong(NO_SHIFT)}, status=statuses.FAILED),
    )
    record.exercises = [exercise]
    met = measures.mistakes_met(record)
    assert [(each.known.name, each.students, each.perhaps) for each in met] == [
        ("wrong axis", ("a", "b"), ()),
        ("no shift", (), ("a",)),
    ]
    lost = measures.ExerciseMeasures(exercise, 2, 0.5, 0, 4.0, {}, None)
    (lesson,) = measures.lessons([lost], met)
    assert (lesson.top, lesson.alone, lesson.met, lesson.share) == (met[0], True, 2, 1.0)


def test_times_by_hand():
    """A stage that a submission did not come to took it no time; unknown stages come last."""
    times = ({"x": 1.0, "own cells": 10.0}, {"kernels": 2.0, "own cells": 20.0}, {"kernels": 7.0}, {})
    found = measures.times(record_of(*(handed_in(name, seconds=s) for name, s in zip("abcd", times, strict=True))))
    assert found.n == 3
    assert found.stages == [
        measures.Stage("kernels", 9.0, 9 / 40, 2.0, 6.0, 7.0, "c"),
        measures.Stage("own cells", 30.0, 30 / 40, 10.0, 18.0, 20.0, "b"),
        measures.Stage("x", 1.0, 1 / 40, 0.0, 0.8, 1.0, "a"),
    ]
    assert found.whole == measures.Stage("all stages", 40.0, 1.0, 11.0, 19.8, 22.0, "b")
    assert measures.times(record_of(handed_in("a"))) is None


# Who needs a look


@pytest.mark.parametrize(
    "source",
    [
        "import shared.reference.softmax",
        "from shared.reference.softmax import softmax as mine",
        "from shared import reference",
        "from shared import checks, misconceptions",
        "import shared\nshared.reference.softmax.softmax(Z)",
        "from importlib import import_module\nimport_module('shared.reference.softmax')",
        "__import__('shared.misconceptions')",
        "open('../../shared/reference/softmax.py').read()",
        "import sys\nsys.modules['shared.reference.softmax']",
    ],
)
def test_imports_of_the_reference_are_seen(source):
    assert len(flags.withheld_in(source)) == 1
    assert flags.withheld_in(f"def softmax(Z):\n    pass\n{source}")[0].startswith("line ")


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np",
        "from shared import checks, plots",
        "# shared.reference is not used here",
        "def softmax(Z):\n    '''As in shared/reference/softmax.py.'''\n    return Z",
        "reference = 3",
        "this is no Python: shared.reference",
    ],
)
def test_innocent_sources_are_not_taken_for_imports_of_the_reference(source):
    assert flags.withheld_in(source) == []


@pytest.mark.parametrize("path", course.MASTERS, ids=course.name)
def test_model_answers_reach_for_nothing_withheld(path):
    for cell in course.cells(course.read(path), "solution"):
        assert flags.withheld_in(cell.source) == [], course.grade_id(cell)


def test_a_gap_between_visible_and_hidden_tests():
    record = record_of()
    record.tests = {"soft-test-1": 2.0, "soft-test-2": 2.0, "hard-test-1": 2.0, "tiny-test-1": 1.0}
    blind, named = Verdict("wrong", visible=True), Verdict("wrong", visible=True, mistakes=(NO_SHIFT,))
    gap = flags.visible_only(handed_in("a", verdicts={"soft-test-1": blind, "hard-test-1": named}), record)
    assert gap == ["2 of 7 points: soft-test-1"]
    assert flags.visible_only(handed_in("a", verdicts={"tiny-test-1": blind}), record) == [], "1 of 7 is no big gap"
    assert flags.visible_only(handed_in("a", verdicts={"soft-test-1": named}), record) == []


def test_flags_come_with_their_evidence():
    record = record_of(
        handed_in("a", repairs=["The cell 'x' was missing."], status=statuses.REPAIRED),
        handed_in("b", repairs=["The file is not a notebook."], status=statuses.NO_NOTEBOOK),
        handed_in("c", status=statuses.FAILED),
        handed_in("d", stops=["In the cell 'x': it ended."], status=statuses.STOPPED),
        handed_in(
            "e", answers={"soft": "from shared.reference import softmax"}, added=["import shared.misconceptions"]
        ),
        handed_in("f"),
    )
    assert [(each.student, each.kind, each.evidence) for each in flags.flags(record)] == [
        ("a", statuses.REPAIRED, ("The cell 'x' was missing.",)),
        ("b", statuses.NO_NOTEBOOK, ("The file is not a notebook.",)),
        ("c", statuses.FAILED, ("Its status is “failed”.",)),
        ("d", statuses.STOPPED, ("In the cell 'x': it ended.",)),
        (
            "e",
            flags.WITHHELD,
            (
                "In the answer 'soft': line 1, shared.reference",
                "In a cell of one's own: line 1, shared.misconceptions",
            ),
        ),
    ]
    assert {each.kind for each in flags.flags(record)} <= set(flags.KINDS)


# Answers that are alike


def alike_in(answers, given=()):
    return alike.groups({student: {"softmax": source} for student, source in answers.items()}, list(given))


def test_copies_are_found_whatever_their_names_and_comments():
    source = synthetic_class.own_words("original")
    disguised = re.sub(r"\bt(\d+)\b", r"value_\1", source).replace("\n", "  # mine\n")
    disguised = disguised.replace("value_3", "summand")  # a word of the comments that the course gives
    given = ["Z = X  # value_1 of each summand", '"""The summand."""']
    (group,) = alike_in({"ada": source, "bob": disguised, "cyd": synthetic_class.own_words("other")}, given)
    assert (group.students, group.similarity, group.cells) == (("ada", "bob"), 1.0, ("softmax",))


def test_nearly_copies_are_found_with_their_similarity():
    source = synthetic_class.own_words("original", lines=20)
    lines = source.splitlines()
    lines[8] = "    t7 = np.clip(Z, 3, 4) + np.max(Z)"
    (group,) = alike_in({"ada": source, "bob": "\n".join(lines)})
    mine, theirs = (alike.passages(each, set()) for each in (source, "\n".join(lines)))
    assert group.similarity == pytest.approx(len(mine & theirs) / len(mine | theirs))
    assert 0.8 <= group.similarity < 1 and group.cells == ()
    lines[4:12] = synthetic_class.own_words("another").splitlines()[1:9]
    assert alike_in({"ada": source, "bob": "\n".join(lines)}) == []


def test_what_the_course_gives_and_what_is_short_are_not_alike():
    model = synthetic_class.own_words("model answer")
    assert alike_in({"ada": model, "bob": model}, given=[model]) == []
    assert alike_in({"ada": "return np.exp(Z) / 3", "bob": "return np.exp(Z) / 3"}) == []


def test_essays_are_compared_word_by_word():
    rng = random.Random(0)
    words = [f"word{i}" for i in range(200)]
    essays = {name: " ".join(rng.choices(words, k=60)) for name in ("ada", "bob", "cyd")}
    essays["dan"] = f"{essays['ada']} And some more."
    answers = {name: {"proof": text} for name, text in essays.items()}
    (group,) = alike.groups(answers, [], essays={"proof"})
    assert group.students == ("ada", "dan")


@pytest.mark.parametrize("path", course.MASTERS, ids=course.name)
def test_two_model_students_are_not_alike(path):
    """Nor two who have the same known mistake."""
    sources = {course.grade_id(cell): cell.source for cell in course.cells(course.read(path), "solution", "manual")}
    answers = {name: dict(sources) for name in ("ada", "bob", "cyd")}
    record = Record("x", "x", [], [Submission(n, answers=a, status=statuses.GRADED) for n, a in answers.items()])
    record.course = records.Course(answers=sources)
    assert flags.same_answers(record) == []


def test_the_usual_way_is_not_alike_but_a_large_group_of_copies_is():
    common = synthetic_class.own_words("usual", lines=8).removesuffix("\n")
    answers = {f"s{i:03d}": f"{common}\n{synthetic_class.own_words(i, lines=3)}" for i in range(100)}
    assert alike_in(answers) == [], "what everyone writes is the usual way"
    copied = synthetic_class.own_words("ring")
    answers = {f"s{i:03d}": synthetic_class.own_words(i) for i in range(100)}
    answers |= {f"s{i:03d}": copied for i in range(0, 100, 2)}
    (group,) = alike_in(answers)
    assert len(group.students) == 50 and group.similarity == 1


# The page

SECOND = "03-cross-entropy"
SCALE = {"elsewhere": 0.05, "kernels": 0.25, "own cells": 12.5}
RING = synthetic_class.own_words("ring")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The root of a course: a class in which everything happens, and a second assignment that few handed in."""
    students = synthetic_class.large(20)
    notes = ["The cell 'predict' was missing and is back."]
    tests = ["linear-forward-test-1", "predict-test-1", "softmax-temperature-test-1"]
    special = {
        "evil": HandedIn(first_name=EVIL, last_name="& Co", sources={"softmax": RING}, repairs=[f"A cell {EVIL}."]),
        "copy": HandedIn(sources={"softmax": RING.replace("t1", "one") + "\n# mine"}),
        "torn": HandedIn(no_notebook="it is a PDF document", repairs=[f"The file is not a notebook ({EVIL})."]),
        "lost": HandedIn(graded=False),
        "slow": HandedIn({"softmax-test-1": "stopped"}, stops=["In the cell 'softmax': it ended."], seconds=SCALE),
        "sly": HandedIn(sources={"softmax": "from shared.reference.softmax import softmax"}, read={PROOF: 1.0}),
        "constant": HandedIn(dict.fromkeys(tests, "hidden"), read={PROOF: 0.0}, penalty=2.0, repairs=notes),
        "unsure": HandedIn({"softmax-temperature-test-1": "temperature ignored"}),
        "\u05d0\u05d1": HandedIn({"softmax-test-1": "unknown", "softmax-test-2": "open"}, read={PROOF: 2.0}),
    }
    root = tmp_path_factory.mktemp("class")
    synthetic_class.make(root, students | special, absent=["zoe", "yan"], newest=datetime(2026, 3, 5, 23, 59))
    few = {"evil": HandedIn({"cross-entropy-test-1": "unknown"}), "copy": HandedIn(dict.fromkeys(LOSSES, "open"))}
    return synthetic_class.make(root, few, SECOND)


PROOF = "shift-invariance-proof"
LOSSES = ["entropy-test-1", "entropy-test-2"]


@pytest.fixture(scope="module")
def text(folder):
    target = folder / "build" / "report.html"
    assert page.write([ASSIGNMENT, SECOND], target, folder) == [ASSIGNMENT, SECOND]
    return target.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def soup(text):
    return BeautifulSoup(text, "html.parser")


def test_every_number_on_the_page_is_what_it_is_when_counted_again(text, folder):
    recounted.compare(text, folder, ASSIGNMENT, SECOND)


@pytest.mark.parametrize(
    "pattern",
    [
        r"<dd>(\d+) <small>of",
        r"(\d+) points lost,",
        r"Of (\d+) students,",
        r"<td class=\"right\">(\d+) %</td>",
        r"<td class=\"cell\"[^>]*>(\d+)<span",
        r"(\d+) flags on",
        r"Median (\d+)",
        r"<td class=\"right\">(\d+)\.\d s</td>",
        r"over (\d+) submissions",
        r"(\d+) unread</span>",
        r"of (\d+) known mistakes here",
        r"<td class=\"right\">100 %</td>\n<td class=\"right\">(\d+)</td>\n<td class=\"words\">",  # of answers alike
        r"is of 2026-03-0(\d+)\.",
        r"<bdi>(\d+) of \d+ points: ",
        r"In the answer .{1,40}: line (\d+),",
    ],
)
def test_counting_again_notices_a_wrong_number(pattern, text, folder):
    found = re.search(pattern, text)
    wrong = text[: found.start(1)] + str(int(found[1]) + 1) + text[found.end(1) :]
    with pytest.raises(AssertionError):
        recounted.compare(wrong, folder, ASSIGNMENT, SECOND)


def test_everything_that_happened_is_on_the_page(soup):
    look = soup.find(id=f"{ASSIGNMENT}-look").find_next("table").text
    for kind in flags.KINDS:
        if kind != statuses.NOT_GRADED:
            assert kind in look
    alike_table = soup.find(id=f"{ASSIGNMENT}-alike").find_next("table").text
    assert "copy" in alike_table and EVIL in alike_table and "100 %" in alike_table
    students = soup.find(id=f"{ASSIGNMENT}-students").find_next("table").text
    assert all(student in students for student in ("torn", "lost", "slow", "\u05d0\u05d1"))
    assert "The newest submission is of 2026-03-05." in soup.text


def test_what_students_wrote_is_text_and_never_markup(text, soup):
    assert EVIL not in text and soup.find("script") is None
    assert soup.text.count("alert('x')") >= 5
    for name in soup.find_all(string=re.compile("alert")):
        assert name.find_parent("bdi"), "names and evidence are kept apart from the text around"


def test_the_page_needs_nothing_else(text, soup):
    assert soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"].startswith(
        "default-src 'none'"
    )
    assert not soup(["script", "link", "img", "iframe", "object", "form"])
    for attribute in re.findall(r"(?:src|href|action|data)=\"([^\"]*)\"", text):
        assert not re.match(r"[a-z]+:|//", attribute), attribute
    assert not re.search(r"url\((?!#)|@import", text)
    # Names of formats, which nobody fetches.
    addresses = set(re.findall(r"https?://[^\s\"'<]+", text))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_tables_and_figures_can_be_read_aloud(soup):
    assert soup.html["lang"] == "en" and len(soup("h1")) == 1
    levels = [int(head.name[1]) for head in soup(re.compile("^h[1-6]$"))]
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    for table in soup("table"):
        assert table.caption and table.caption.text.strip()
        assert all(head.get("scope") in ("col", "row", "rowgroup") for head in table("th"))
        assert all(row.find("th") for row in table("tr"))
    for figure in soup("figure"):
        assert figure.svg["role"] == "img" and len(figure.svg["aria-label"]) > 60
    for mark in soup(class_="mark"):
        assert mark.find_next_sibling(class_="unseen").text.strip() in measures.ENDINGS


def test_ids_are_unique_and_links_lead_somewhere(soup, folder):
    ids = [each["id"] for each in soup(id=True)]
    assert len(ids) == len(set(ids))
    for link in soup("a", href=True):
        path, _, anchor = unquote(link["href"]).partition("#")
        if not path:
            assert anchor in ids
    inner = re.findall(r"url\(#([^)]+)\)|xlink:href=\"#([^\"]+)\"", str(soup))
    assert inner and {one or other for one, other in inner} <= set(ids)


def test_links_lead_to_the_section_of_a_notebook_or_of_its_page(folder, tmp_path):
    record = records.read(ASSIGNMENT, folder)
    exercise = next(each for each in record.exercises if each.name == "softmax")
    assert (exercise.title, exercise.section) == ("Exercise 2.4 · softmax", "2.3 From scores to probabilities")
    to_notebook = page.link(record, exercise.section, course.ROOT / "build" / "x", course.ROOT)
    path, _, anchor = unquote(to_notebook).partition("#")
    assert (course.ROOT / "build" / "x" / path).resolve() == course.ROOT / "notebooks" / ASSIGNMENT / "softmax.ipynb"
    assert anchor == "2.3-From-scores-to-probabilities"
    exported = tmp_path / "html" / f"{ASSIGNMENT}.html"
    exported.parent.mkdir()
    exported.touch()
    assert unquote(page.link(record, exercise.title, tmp_path, course.ROOT)) == (
        f"html/{ASSIGNMENT}.html#Exercise-2.4-·-softmax"
    )


@pytest.mark.parametrize("path", course.MASTERS, ids=course.name)
def test_every_exercise_has_its_heading_and_its_section(path):
    maxima = {}
    for cell in course.cells(course.read(path), "test", "manual"):
        name = records.exercise(course.grade_id(cell))
        maxima[name] = maxima.get(name, 0) + cell.metadata.nbgrader.points
    found = records._exercises(records._cells(path), maxima)
    assert [each.name for each in found] == list(maxima)
    number = path.parent.name.split("-")[0].lstrip("0")
    for i, each in enumerate(found, start=1):
        assert re.match(rf"(Exercise|Question) {number}\.{i} · ", each.title), each
        assert each.section.startswith(f"{number}."), each
        assert each.written == each.title.startswith("Question")
    for text in (each.title for each in found):
        assert "`" not in text


def test_the_same_gradebook_gives_the_same_bytes(text, folder):
    script = "import sys; from grading.report import page; page.write(sys.argv[3:], sys.argv[1], sys.argv[2])"
    target = folder / "build" / "elsewhere.html"
    environment = os.environ | {"PYTHONHASHSEED": "7"}
    command = [sys.executable, "-c", script, str(target), str(folder), ASSIGNMENT, SECOND]
    subprocess.run(command, env=environment, cwd=course.ROOT, check=True, timeout=120)
    assert target.read_text(encoding="utf-8") == text


def test_one_student(tmp_path):
    synthetic_class.make(tmp_path, {"ada": HandedIn({"softmax-test-1": "no shift"})})
    target = tmp_path / "report.html"
    page.write([ASSIGNMENT], target, tmp_path)
    text = target.read_text(encoding="utf-8")
    recounted.compare(text, tmp_path, ASSIGNMENT)
    assert "One student, with 13 of 17 points" in text and "too few students" in text


def test_all_perfect(tmp_path):
    synthetic_class.make(tmp_path, {name: HandedIn(read={PROOF: 2.0}) for name in ("ada", "bob")})
    page.write([ASSIGNMENT], tmp_path / "report.html", tmp_path)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    recounted.compare(text, tmp_path, ASSIGNMENT)
    assert text.count("Nobody lost a point") == 3 and "No two students wrote alike" in text


def test_nobody_could_be_graded(tmp_path):
    synthetic_class.make(tmp_path, {"ada": HandedIn(graded=False)})
    (tmp_path / "submitted" / "bob" / ASSIGNMENT).mkdir(parents=True)
    page.write([ASSIGNMENT], tmp_path / "report.html", tmp_path)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "None of these submissions could be graded" in text
    look = BeautifulSoup(text, "html.parser").find(id=f"{ASSIGNMENT}-look").find_next("table").text
    assert "ada" in look and statuses.FAILED in look and "bob" in look and statuses.NOT_GRADED in look


def test_a_thousand_students(tmp_path):
    students = synthetic_class.large(1000)
    victim, thief = students["student-0123"], students["student-0777"]
    thief.sources["softmax"] = victim.sources["softmax"].replace("t3", "three") + "\n# my own work"
    synthetic_class.make(tmp_path, students, absent=[f"absent-{i:03d}" for i in range(50)])
    begin = time.process_time()
    page.write([ASSIGNMENT], tmp_path / "report.html", tmp_path)
    assert time.process_time() - begin < 20, "it takes three seconds on an idle machine"
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert len(text) < 500_000
    soup = BeautifulSoup(text, "html.parser")
    (alike_row,) = soup.find(id=f"{ASSIGNMENT}-alike").find_next("tbody")("tr")
    assert alike_row.th.text == "student-0123, student-0777"
    grid = soup.find(id=f"{ASSIGNMENT}-students").find_next("table")
    assert len(grid.tbody("tr")) == page.FEW_STUDENTS
    found = recounted.Class(tmp_path, ASSIGNMENT)
    totals = sorted((found.total(student), student) for student in found.ok)
    assert [row.th.text for row in grid.tbody("tr")] == [student for _, student in totals[: page.FEW_STUDENTS]]
    recounted._numbers(soup.find(id=ASSIGNMENT).find_parent("section"), found, set())
    recounted._exercises(soup.find(id=ASSIGNMENT).find_parent("section"), found)
    recounted._mistakes(soup.find(id=ASSIGNMENT).find_parent("section"), found)


@pytest.fixture
def bare_course(tmp_path, monkeypatch):
    """The root of a course in which nobody has handed in anything."""
    path = synthetic_class.master()
    (tmp_path / "solutions" / ASSIGNMENT).mkdir(parents=True)
    (tmp_path / "solutions" / ASSIGNMENT / path.name).write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_nothing_graded_is_said_and_makes_no_gradebook(bare_course, capsys):
    __main__.main(["report"])
    assert capsys.readouterr().out == "build/report.html: nothing is graded yet\n"
    assert "Nothing is graded yet" in (bare_course / "build" / "report.html").read_text(encoding="utf-8")
    assert not (bare_course / "gradebook.db").exists()


def test_an_unknown_assignment_is_refused(bare_course):
    with pytest.raises(
        SystemExit, match=f"expected an assignment of this course, got '02-softmix'; there are: {ASSIGNMENT}"
    ):
        __main__.main(["report", "02-softmix"])


def test_half_a_character_in_a_note_is_no_obstacle(tmp_path):
    synthetic_class.make(tmp_path, {"ada": HandedIn(repairs=["A cell with the unknown id '\ud800' is not graded."])})
    page.write([ASSIGNMENT], tmp_path / "report.html", tmp_path)
    assert "\\ud800" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_notebook_that_is_damaged_after_grading_breaks_nothing(tmp_path):
    synthetic_class.make(tmp_path, {name: HandedIn() for name in ("ada", "bob")})
    (tmp_path / "autograded" / "ada" / ASSIGNMENT / synthetic_class.master().name).write_text("{", encoding="utf-8")
    record = records.read(ASSIGNMENT, tmp_path)
    assert [each.status for each in record.submissions] == [statuses.FAILED, statuses.WAITS]
