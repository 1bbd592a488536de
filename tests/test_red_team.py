"""No attack of the red team gains a point, harms another submission, reaches anything, or leaves anything behind."""

import ast
import csv
from html.parser import HTMLParser
from types import SimpleNamespace

import course
import pytest
from graded_course import ASSIGNMENT, table
from red_team import arena, attack

from grading import lending, statuses

ATTACKS = [each for each in attack.every() if not each.like]
# What nbgrader's page needs of a browser is text, tables and pictures.
ACTIVE = {"script", "iframe", "object", "embed", "applet", "form", "base", "frame", "link"}
ADDRESSES = {"href", "src", "srcset", "srcdoc", "action", "formaction", "data", "xlink:href", "poster", "background"}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class of attackers and of three honest students, graded in one run."""
    folder = arena.build(tmp_path_factory.mktemp("class"))
    arena.make_gradebook(folder)
    with arena.Listener() as listener, arena.adopted() as survivors, arena.Memory() as memory:
        for each in ATTACKS:
            each.hand_in(folder / "submitted", listener.port)
        before = arena.fingerprint(folder)
        commands = arena.grade(folder)
        altered = arena.altered(folder, before)
    return SimpleNamespace(folder=folder, commands=commands, survivors=survivors, altered=altered, memory=memory)


def functions_of(source):
    return [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]


class ActiveParts(HTMLParser):
    """Collects what would act in a page: elements that do by themselves, handlers of events, addresses of scripts."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        if tag in ACTIVE:
            self.found.append(f"<{tag}>")
        for name, value in attributes:
            address = "".join((value or "").split()).lower()
            acts = name in ADDRESSES and address.startswith(("javascript:", "vbscript:", "data:text", "data:image/svg"))
            is_picture = tag == "img" and address.startswith("data:image/svg")  # in a picture no script runs
            if name.startswith("on") or name == "srcdoc" or (acts and not is_picture):
                self.found.append(f"<{tag} {name}>")


def test_what_would_act_in_a_page_is_found():
    page = "<p onclick=x>a</p><a href='java\nscript:x'>b</a><img src='data:image/svg+xml,x'><svg><script>1</script>"
    assert ActiveParts(page).found == ["<p onclick>", "<a href>", "<script>"]


def test_what_stands_for_another_attack_is_tried():
    assert {each.like for each in attack.every() if each.like} <= {each.name for each in ATTACKS}


@pytest.mark.parametrize("master", course.MASTERS, ids=course.name)
def test_what_is_lent_holds_no_later_answer(master):
    """A function that is lent to a student's kernel brings along what it calls: never an answer not graded yet."""
    cells = [cell for cell in course.cells(course.read(master), "solution") if cell.cell_type == "code"]
    names = [functions_of(cell.source) for cell in cells]
    for place, lent in enumerate(names):
        later = {name for each in names[place + 1 :] for name in each}
        for name in lent:
            source = lending.source_of(name) or ""
            assert not later & set(functions_of(source)), name


def test_no_attack_stops_the_run(graded):
    for command in graded.commands:
        assert command.returncode == 0, command.stderr[-3000:]


def test_honest_students_have_exactly_their_points(graded):
    outcomes = {student: arena.outcome(graded.folder, student) for student in arena.HONEST}
    assert {student: outcome.points for student, outcome in outcomes.items()} == arena.HONEST
    assert all(outcome.feedback for outcome in outcomes.values())


def test_everybody_has_exactly_one_row(graded):
    students = {*arena.HONEST, *(each.student for each in ATTACKS)}
    assert len(students) == len(ATTACKS) + len(arena.HONEST)
    assert set(table(graded.folder)) - {"(maximum)"} == students


def test_no_process_is_left_behind(graded):
    assert graded.survivors == []


def test_nothing_of_others_is_altered(graded):
    assert graded.altered == []


def test_grader_needs_little_memory(graded):
    assert graded.memory.most < 800 << 20


def test_no_cell_of_the_exported_scores_is_a_formula(graded):
    with open(graded.folder / "grades.csv", newline="", encoding="utf-8") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "@", "-")) and not cell[1:2].isdigit()]


def test_nobody_commands_the_terminal_of_the_grader(graded):
    for command in graded.commands:
        told = command.stdout + command.stderr
        assert not [sign for sign in "\x1b\x07\x9b" if sign in told]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda each: each.name)
def test_attack_gains_nothing_and_reaches_nothing(graded, attack):
    outcome = arena.outcome(graded.folder, attack.student)
    assert outcome.points == attack.earns, f"{attack.sentence} It deserves {attack.earns} points."
    assert not outcome.reached, attack.sentence
    assert outcome.feedback, "there is no page of feedback"
    assert not ActiveParts(outcome.feedback).found
    assert not attack.shows or attack.shows in outcome.shown
    assert not attack.never_shows or attack.never_shows not in outcome.shown
    if attack.mark:
        assert statuses.status(graded.folder, ASSIGNMENT, attack.student, waits=False).word == attack.mark
