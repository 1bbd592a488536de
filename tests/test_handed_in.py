"""Whatever is handed in: a row and a status each, the same scores after an interruption, and nothing honest is lost."""

import contextlib
import json
import os
import random
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import course
import nbformat
import pytest
from graded_course import new_course, run
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import CsvExportPlugin
from sqlalchemy import event
from sqlalchemy.engine import Engine

from grading import handed_in, reading, scores, statuses
from grading.release import released
from grading.repair import TolerantExporter, repair

ASSIGNMENT = "07-tiny"
ANSWER = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
TEST = "assert double(2) == 4\n### BEGIN HIDDEN TESTS\nassert double(3) == 6\n### END HIDDEN TESTS"


def role(grade_id, **kind):
    plain = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return {"nbgrader": plain | {"grade_id": grade_id} | kind}


def master():
    """A notebook with one exercise and one written question, which is graded in a second."""
    cells = [
        new_code_cell("import math", id="imports"),
        new_code_cell(ANSWER, id="double", metadata=role("double", solution=True)),
        new_code_cell(TEST, id="test", metadata=role("double-test-1", grade=True, locked=True, points=2)),
        new_markdown_cell("Why?", id="question", metadata=role("why", locked=True)),
        new_markdown_cell("Because.", id="why", metadata=role("why-answer", grade=True, solution=True, points=3)),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


@pytest.fixture(scope="module")
def course_folder(tmp_path_factory):
    """A course with this one assignment."""
    folder = new_course(tmp_path_factory.mktemp("course"))
    (folder / "solutions" / ASSIGNMENT).mkdir()
    nbformat.write(master(), folder / "solutions" / ASSIGNMENT / "tiny.ipynb")
    return folder


@pytest.fixture(scope="module")
def release(course_folder):
    with contextlib.chdir(course_folder):
        return released(ASSIGNMENT, "tiny")


def cell_of(notebook, grade_id):
    return next(cell for cell in notebook.cells if course.grade_id(cell) == grade_id)


def answered(release, source="def double(x):\n    return x + x", written=None):
    notebook = nbformat.from_dict(release)
    cell_of(notebook, "double").source = source
    if written:
        cell_of(notebook, "why-answer").source = written
    return notebook


# A class


def put(folder, content, name="tiny.ipynb"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    content = content if isinstance(content, str | bytes) else nbformat.writes(content)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def a_class(release):
    """Twenty submissions: a function that hands in, the points they deserve, and their status."""
    right = answered(release)

    def put_also(*others):
        def hand_in(folder):
            put(folder, right)
            for name, content in others:
                put(folder, content, name)

        return hand_in

    def link(folder):
        put(folder, "for the next student", "notes.txt")
        (folder / "tiny.ipynb").symlink_to("/etc/hostname")

    def linked_folder(folder):
        folder.parent.mkdir(parents=True)
        folder.symlink_to(f"../s-00/{ASSIGNMENT}")

    def pipe(folder):
        put(folder, right)
        os.mkfifo(folder / "pipe")

    def stray_link(folder):
        put(folder, right)
        (folder / "grades").symlink_to("../../../gradebook.db")
        (folder / "everything").symlink_to("../../..")

    def without_tests(folder):
        put(folder, new_notebook(cells=right.cells[:2]))

    def beside_the_stub(folder):
        put(folder, new_notebook(cells=[new_code_cell("def double(x): return 2 * x"), *release.cells]))

    def broken_loop(folder):
        put(folder, answered(release, "import os\nos._exit(1)"))

    return [
        (lambda folder: put(folder, right), "2", statuses.GRADED),
        (lambda folder: put(folder, answered(release, "double = (2).__mul__")), "2", statuses.GRADED),
        (lambda folder: put(folder, answered(release, written="As it is even.")), "2", statuses.WAITS),
        (lambda folder: put(folder, release), "0", statuses.GRADED),
        (lambda folder: put(folder, answered(release, "def double(x): return 4")), "0", statuses.GRADED),
        (lambda folder: put(folder, answered(release, "def double(x: return")), "0", statuses.GRADED),
        (lambda folder: put(folder, ""), "0", statuses.NO_NOTEBOOK),
        (lambda folder: put(folder, nbformat.writes(right)[:300]), "0", statuses.NO_NOTEBOOK),
        (lambda folder: put(folder, "An essay.", "essay.txt"), "0", statuses.NO_NOTEBOOK),
        (lambda folder: put(folder, right, "tiny/tiny.ipynb"), "2", statuses.GRADED),
        (lambda folder: put(folder, right, "Tiny (1).ipynb.txt"), "2", statuses.GRADED),
        (lambda folder: put(folder, nbformat.writes(right).encode("utf-16")), "2", statuses.GRADED),
        (put_also(("timestamp.txt", "yesterday")), "2", statuses.GRADED),
        (link, "0", statuses.NO_NOTEBOOK),
        (linked_folder, "0", statuses.NO_NOTEBOOK),
        (pipe, "2", statuses.GRADED),
        (stray_link, "2", statuses.GRADED),
        (without_tests, "2", statuses.REPAIRED),
        (beside_the_stub, "2", statuses.REPAIRED),
        (broken_loop, "0", statuses.STOPPED),
    ]


def hand_in_class(folder, release):
    """Hand in for all of them, in an order that is random and always the same; a dict from student to what is due."""
    submissions = a_class(release)
    random.Random(7).shuffle(submissions)
    due = {}
    for number, (hand_in, points, word) in enumerate(submissions):
        student = "s [2]" if number == 2 else f"s-{number:02d}"
        hand_in(folder / "submitted" / student / ASSIGNMENT)
        due[student] = points, word
    made = run(folder, "nbgrader", "generate_assignment", ASSIGNMENT, "--force")
    assert made.returncode == 0, made.stderr
    return due


def autograde(folder, *options):
    result = run(folder, "nbgrader", "autograde", ASSIGNMENT, *options)
    assert result.returncode == 0, result.stderr
    return result.stderr


def rows(folder):
    """The table as a dict from student to exercises, total and status."""
    _, _, *found = scores.table(f"sqlite:///{folder}/gradebook.db", ASSIGNMENT)
    assert len({row[0] for row in found}) == len(found), "a student has two rows"
    return {row[0]: tuple(row[1:]) for row in found}


def kill_when(folder, condition):
    """Begin to grade, and kill the grader once a condition holds."""
    command = [sys.executable, "-m", "nbgrader", "autograde", ASSIGNMENT]
    with open(folder / "interrupted.log", "w+") as log:
        grader = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            while not condition():
                assert grader.poll() is None, f"grading was over before it could be interrupted: {log.read()}"
                time.sleep(0.01)
        finally:
            grader.kill()
            grader.wait()


def autograded(folder):
    return sorted((folder / "autograded").glob(f"*/{ASSIGNMENT}/tiny.ipynb"))


@pytest.fixture(scope="module")
def interrupted(course_folder, release):
    """The class, graded with an interruption: what was due, and the tables after it and at the end."""
    due = hand_in_class(course_folder, release)

    def fifth_half_done():
        return len(found := autograded(course_folder)) == 5 and None in map(statuses.finished, found)

    kill_when(course_folder, fifth_half_done)
    half_done = [path.parts[-3] for path in autograded(course_folder) if statuses.finished(path) is None]
    after_kill = rows(course_folder)
    log = autograde(course_folder)
    return SimpleNamespace(
        folder=course_folder, due=due, half_done=half_done, after_kill=after_kill, log=log, end=rows(course_folder)
    )


def test_everyone_has_one_row_with_the_points_and_the_status_deserved(interrupted):
    assert len(interrupted.end) == 20
    assert {student: row[-2:] for student, row in interrupted.end.items()} == interrupted.due


def test_interrupted_run_takes_nothing_half_done_for_graded(interrupted):
    (student,) = interrupted.half_done
    assert interrupted.after_kill[student] == ("-", "-", "-", statuses.FAILED)
    words = [row[-1] for row in interrupted.after_kill.values()]
    assert len(words) == 20 and words.count(statuses.FAILED) == 1 and words.count(statuses.NOT_GRADED) == 15
    assert f"{student}/{ASSIGNMENT} was not finished, and is graded again" in interrupted.log


def test_truncated_autograded_notebook_is_graded_again_and_nothing_else(interrupted):
    student = sorted(interrupted.end)[0]
    path = interrupted.folder / "autograded" / student / ASSIGNMENT / "tiny.ipynb"
    before = {path: path.stat().st_mtime_ns for path in autograded(interrupted.folder)}
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-100])
    assert rows(interrupted.folder)[student][-1] == statuses.FAILED
    autograde(interrupted.folder)
    assert rows(interrupted.folder) == interrupted.end
    after = {path: path.stat().st_mtime_ns for path in autograded(interrupted.folder)}
    assert [each for each in before if before[each] != after[each]] == [path]


def test_run_with_force_gives_the_same_and_a_resubmission_a_status_of_its_own(interrupted):
    """Nothing is left of the submission before: neither a score nor a word."""
    student = next(name for name, (_, word) in interrupted.due.items() if word == statuses.WAITS)
    put(interrupted.folder / "submitted" / student / ASSIGNMENT, "%PDF-1.7")
    tens = student[2]
    autograde(interrupted.folder, f"--student=s-{tens}[0{student[3]}]", "--force")
    again = rows(interrupted.folder)
    assert again.pop(student)[-2:] == ("0", statuses.NO_NOTEBOOK)
    assert again == {name: row for name, row in interrupted.end.items() if name != student}
    found = statuses.status(interrupted.folder, ASSIGNMENT, student, waits=False)
    assert found.notes == ["The file is not a notebook (it is a PDF document), so there is nothing to grade in it."]


def test_nothing_behind_a_link_is_copied(interrupted):
    for path in (interrupted.folder / "autograded").rglob("*"):
        assert not path.is_symlink() and path.suffix != ".db"
    files = [path for path in (interrupted.folder / "submitted").rglob("*") if path.is_file()]
    texts = [path.read_text() for path in files if path.name in ("grades", "everything")]
    assert len(texts) == 2 and all(text.startswith(reading.PLACEHOLDER) for text in texts)
    assert any("/gradebook.db" in text for text in texts)


def test_what_is_left_out_is_kept(interrupted):
    assert [path.read_text() for path in (interrupted.folder / "left_out").rglob("timestamp.txt")] == ["yesterday"]


def test_export_has_everyone_once(interrupted):
    path = interrupted.folder / "grades.csv"
    with Gradebook(f"sqlite:///{interrupted.folder}/gradebook.db") as gradebook:
        CsvExportPlugin(to=str(path), assignment=[ASSIGNMENT]).export(gradebook)
    lines = path.read_text().splitlines()
    assert sorted(line.split(",")[3] for line in lines[1:]) == sorted(interrupted.end)


def test_table_asks_the_gradebook_as_often_for_many_as_for_one(interrupted):
    """With a question a student, a class of a thousand waits for seconds; it takes a fifth of one."""
    asked = []
    event.listen(Engine, "before_cursor_execute", count := lambda *arguments: asked.append(arguments[2]))
    try:
        rows(interrupted.folder)
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    assert len([statement for statement in asked if "SELECT" in statement]) < len(interrupted.end)


def test_submission_that_cannot_be_looked_through_fails_alone(interrupted, release, monkeypatch):
    """And what was graded before it does not stand for it."""
    students = sorted(interrupted.end)[:2]
    prepare = handed_in.prepare

    def breaks(folder, *rest):
        if folder.parent.name == students[0]:
            raise PermissionError("not yours")
        return prepare(folder, *rest)

    monkeypatch.setattr(handed_in, "prepare", breaks)
    course_directory = CourseDirectory(
        root=str(interrupted.folder), source_directory="solutions", assignment_id=ASSIGNMENT
    )
    converter = SimpleNamespace(coursedir=course_directory, assignments={})
    handed_in.look_through(converter)
    assert [Path(folder).parent.name for folder in sorted(converter.assignments)] == sorted(interrupted.end)[1:]
    assert [rows(interrupted.folder)[student][-1] for student in students] == [
        statuses.FAILED,
        interrupted.end[students[1]][-1],
    ]


# What is in a file


def as_json(release, change):
    """A right answer as a file, after a change to what JSON makes of it."""
    content = json.loads(nbformat.writes(answered(release)))
    change(content)
    return json.dumps(content).encode()


def nested(depth):
    return json.loads("[" * depth + "]" * depth)


def split_sources(content):
    for cell in content["cells"]:
        cell["source"] = "".join(cell["source"]).splitlines(keepends=True)


HARMLESS = {
    "sources in lines": split_sources,
    "infinities in metadata": lambda content: content["metadata"].update(a=float("nan"), b=float("inf")),
    "another language": lambda content: content["metadata"].update(
        kernelspec={"name": "ir", "display_name": "R", "language": "R"}, language_info={"name": 7, "version": []}
    ),
    "metadata that are lists": lambda content: [cell.update(metadata=[]) for cell in content["cells"][:1]],
    "metadata nested deep": lambda content: content["cells"][1]["metadata"].update(deep=nested(300)),
    "a role nested deep": lambda content: content["cells"][0]["metadata"].update(nbgrader={"grade_id": nested(300)}),
    "ids that are the same": lambda content: [cell.update(id="same") for cell in content["cells"]],
    "an id that is a number": lambda content: content["cells"][1].update(id=10**4000),
    "attachments that are none": lambda content: content["cells"][3].update(attachments={"a.png": ["image/png"]}),
    "a cell of no known type": lambda content: content["cells"].append({"cell_type": "heading", "source": "End"}),
    "a cell without a type": lambda content: content["cells"].append({"source": "End"}),
    "outputs that are none": lambda content: content["cells"][0].update(outputs={"a": 1}, execution_count="x"),
    "half a surrogate pair": lambda content: content["cells"].append({"cell_type": "code", "source": "'\ud800'"}),
    "empty cells": lambda content: content["cells"].extend({"cell_type": "code", "source": ""} for _ in range(9)),
    "a format of the future": lambda content: content.update(nbformat=5, nbformat_minor=0),
    "no format": lambda content: [content.pop(key) for key in ("nbformat", "nbformat_minor", "metadata")],
    "notes of our own": lambda content: content["metadata"].update(digits_repairs="x", digits_graded=True),
}


@pytest.fixture
def graded_as(course_folder, tmp_path, monkeypatch):
    """What nbgrader's first pass makes of a file: its notebook, written and read as in between."""
    monkeypatch.chdir(course_folder)

    def read(content):
        put(tmp_path, content)
        names = {"assignment": ASSIGNMENT, "notebook": "tiny", "student": "ada"}
        exporter = TolerantExporter()
        exporter.register_preprocessor(lambda nb, resources: (repaired(nb), resources), enabled=True)
        text, _ = exporter.from_filename(str(tmp_path / "tiny.ipynb"), resources={"nbgrader": names})
        return nbformat.reads(text.encode().decode(), as_version=4)

    def repaired(notebook):
        repair(notebook, released(ASSIGNMENT, "tiny"))
        return notebook

    return read


@pytest.mark.parametrize("kind", HARMLESS)
def test_answers_survive_a_strange_file(graded_as, release, kind):
    notebook = graded_as(as_json(release, HARMLESS[kind]))
    assert cell_of(notebook, "double").source == "def double(x):\n    return x + x"
    assert statuses.BLANK not in notebook.metadata and statuses.FINISHED not in notebook.metadata
    assert isinstance(notebook.metadata.get(statuses.REPAIRS, []), list)


def encodings(release):
    text = nbformat.writes(answered(release, "def double(x):  # n\u00e4mlich\n    return x + x"))
    return {
        "utf-8 with a mark": ("\ufeff" + text).encode(),
        "utf-16": text.encode("utf-16"),
        "latin-1": text.encode("latin-1"),
        "lines of Windows": text.replace("\\n", "\\r\\n").encode(),
        "version 3": nbformat.writes(nbformat.convert(nbformat.reads(text, 4), 3), version=3).encode(),
    }


@pytest.mark.parametrize("kind", ["utf-8 with a mark", "utf-16", "latin-1", "lines of Windows", "version 3"])
def test_answers_survive_a_strange_encoding(graded_as, release, kind):
    source = cell_of(graded_as(encodings(release)[kind]), "double").source
    assert source.endswith("\n    return x + x")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "JSONDecodeError"),
        (b"\0" * 1000, "JSONDecodeError"),
        (b"[]", "it holds a list"),
        (b"7", "it holds a int"),
        (b"{}", "it has no list of cells"),
        (b'{"cells": 7, "nbformat": 4}', "it has no list of cells"),
        (b'{"cells": [], "n": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "RecursionError"),
        (b'{"cells": [], "n": ' + b"1" * 5000 + b"}", "ValueError"),
        (json.dumps({"cells": [{"source": ""}] * 100_000}).encode(), "it has 100000 cells"),
        (b" " * (reading.MOST_BYTES + 1), "it is larger than 50 MB"),
        (b"\x1f\x8b\x08\x00", "it is compressed with gzip"),
        (b"PK\x03\x04rest", "it is a zip archive"),
        (b"<!DOCTYPE html>", "it is a web page"),
        (b'{"nbformat": 3, "worksheets": 7}', ""),
    ],
    ids=lambda value: None if isinstance(value, str) else value[:20].decode("latin-1"),
)
def test_what_is_no_notebook_becomes_the_blank_release(graded_as, release, content, why):
    notebook = graded_as(content)
    assert notebook.metadata[statuses.BLANK].startswith(why)
    assert cell_of(notebook, "double").source == cell_of(release, "double").source


def test_cell_without_text_is_left_out_and_told(release):
    content = as_json(release, lambda content: content["cells"].insert(0, {"cell_type": "code", "source": [7]}))
    notebook, notes = reading.read(content)
    assert len(notebook.cells) == len(release.cells) and notes == [
        "Cell 1 has no text that could be read; it is left out."
    ]


def test_pictures_in_a_written_answer_are_kept(release):
    def paste(content):
        content["cells"][-1]["attachments"] = {"a.png": {"image/png": "iVBORw0KGgo=", "text/html": "<script>"}}

    notebook, _ = reading.read(as_json(release, paste))
    repair(notebook, release)
    assert notebook.cells[-1].attachments == {"a.png": {"image/png": "iVBORw0KGgo="}}


# Answers beside the cell that waits for them


def run_cells(notebook):
    """What running the code cells from top to bottom makes of `double`; errors in a cell end that cell alone."""
    names = {}
    for cell in notebook.cells:
        if cell.cell_type == "code" and not course.grade_id(cell).endswith("test-1"):
            with contextlib.suppress(Exception):
                exec("".join(line for line in cell.source.splitlines(True) if line[0] not in "%!"), names)
    return names["double"]


def with_cells(release, index, *cells):
    notebook = nbformat.from_dict(release)
    notebook.cells[index:index] = cells
    return notebook


RIGHT = "def double(x):\n    return 2 * x"


@pytest.mark.parametrize(
    "change",
    [
        lambda release: with_cells(release, 0, new_code_cell(RIGHT)),
        lambda release: with_cells(release, 2, new_code_cell(RIGHT)),
        lambda release: with_cells(release, len(release.cells), new_code_cell(f"%matplotlib inline\n{RIGHT}\n!ls")),
        lambda release: with_cells(release, 2, new_code_cell("def double(x): return 1"), new_code_cell(RIGHT)),
        lambda release: with_cells(release, 0, new_code_cell(RIGHT, metadata=role("double-test-1", locked=True))),
        lambda release: new_notebook(cells=[new_code_cell(RIGHT)]),
        lambda release: with_cells(release, 2, new_code_cell(RIGHT), new_code_cell(release.cells[1].source)),
    ],
    ids=["above", "below", "at the end", "two tries", "as a test cell", "alone", "above a stub without a role"],
)
def test_function_written_into_another_cell_counts(release, change):
    notebook = change(release)
    notes = repair(notebook, release)
    home = cell_of(notebook, "double")
    before_its_test = notebook.cells[: notebook.cells.index(cell_of(notebook, "double-test-1"))]
    assert home in before_its_test and run_cells(new_notebook(cells=before_its_test))(4) == 8
    assert run_cells(notebook)(4) == 8
    assert any("stood in another cell" in note for note in notes)


def test_answer_at_home_is_not_replaced(release):
    notebook = with_cells(answered(release, "def double(x): return 0"), 0, new_code_cell(RIGHT))
    assert repair(notebook, release) == [] and run_cells(notebook)(4) == 0


def test_nothing_is_brought_home_from_the_story(release):
    for source in (
        "double = checks.yours_or_reference(double)",
        "double(3)",
        "def double(x): raise NotImplementedError()",
    ):
        notebook = with_cells(release, 0, new_code_cell(source))
        assert repair(notebook, release) == []
        assert cell_of(notebook, "double").source == cell_of(release, "double").source


def test_value_comes_home_to_the_lines_that_are_given():
    stub = "scale = 3\n# x = ...\nx = None\n# YOUR CODE HERE\nraise NotImplementedError()"
    release = new_notebook(cells=[new_code_cell(stub, metadata=role("x", solution=True))])
    notebook = with_cells(release, 0, new_code_cell("x = scale * 2"))
    repair(notebook, release)
    names = {}
    exec(cell_of(notebook, "x").source, names)
    assert names["x"] == 6 and "def" not in names


def test_of_two_functions_the_open_one_comes_home():
    stub = "def f():\n    raise NotImplementedError()\n\n\ndef g():\n    raise NotImplementedError()"
    release = new_notebook(cells=[new_code_cell(stub, metadata=role("f", solution=True))])
    notebook = with_cells(release, 0, new_code_cell("def g(): return 2"))
    cell_of(notebook, "f").source = stub.replace("raise NotImplementedError()", "return 1", 1)
    repair(notebook, release)
    names = {}
    exec(cell_of(notebook, "f").source, names)
    assert names["f"]() == 1 and names["g"]() == 2


def test_essay_below_the_cell_for_it_is_read(release):
    notebook = with_cells(release, len(release.cells), new_markdown_cell("It is even."), new_markdown_cell("So there."))
    assert any("'why-answer' stood in another cell" in note for note in repair(notebook, release))
    assert cell_of(notebook, "why-answer").source == "It is even.\n\nSo there."


def test_essay_written_into_the_question_is_read(release):
    notebook = nbformat.from_dict(release)
    cell_of(notebook, "why").source = "Why? It is even."
    repair(notebook, release)
    assert cell_of(notebook, "why-answer").source == "Why? It is even."


def test_essay_far_from_the_cell_for_it_is_not_guessed(release):
    notebook = with_cells(release, 0, new_markdown_cell("My notes."))
    assert repair(notebook, release) == []


def test_cell_with_the_id_of_another_exercise_finds_its_own():
    def stub(name):
        return new_code_cell(f"def {name}():\n    raise NotImplementedError()", metadata=role(name, solution=True))

    release = new_notebook(cells=[stub("f"), stub("g")])
    notebook = nbformat.from_dict(release)
    notebook.cells[0].source, notebook.cells[1].source = "def f(): return 1", "def g(): return 2"
    notebook.cells[1].metadata.nbgrader.grade_id = "f"
    repair(notebook, release)
    names = {}
    for cell in notebook.cells:
        exec(cell.source, names)
    assert (names["f"](), names["g"]()) == (1, 2)
    assert "return 1" in cell_of(notebook, "f").source and "return 2" in cell_of(notebook, "g").source


def test_hostile_source_is_not_parsed_to_death(release):
    for source in (
        "-" * 100_000 + "1",
        "(" * 100_000,
        "a" + ".a" * 50_000,
        "%x\n" * 50_000,
        "f(" * 90 + "\0",
        "x" * 10**6,
    ):
        begin = time.monotonic()
        repair(with_cells(release, 0, new_code_cell(source), new_code_cell(RIGHT)), release)
        assert time.monotonic() - begin < 2


def test_many_cells_are_repaired_in_time(release):
    cells = [new_code_cell("x = 1")] * 10 + [new_code_cell("raise NotImplementedError()")] * 10
    notebook = new_notebook()
    notebook.cells = [nbformat.from_dict(cell) for cell in cells * (reading.MOST_CELLS // 20)]
    begin = time.monotonic()
    repair(notebook, release)
    assert time.monotonic() - begin < 3


# What is in a folder


@pytest.fixture
def prepared(course_folder, tmp_path, monkeypatch):
    """A folder of a submission, and a function that prepares it and gives the file to grade."""
    monkeypatch.chdir(course_folder)
    folder = tmp_path / "submitted" / "ada" / ASSIGNMENT
    folder.mkdir(parents=True)

    def prepare():
        (path,) = handed_in.prepare(folder, ASSIGNMENT, ["tiny"], tmp_path / "left_out")
        assert path == folder / "tiny.ipynb" and stat.S_ISREG(path.lstat().st_mode)
        return path.read_text(encoding="utf-8")

    return folder, prepare


def test_blank_release_gives_way_to_its_answered_copy(prepared, release):
    folder, prepare = prepared
    put(folder, release)
    put(folder, answered(release), "tiny-Copy1.ipynb")
    assert "return x + x" in prepare()
    assert "NotImplementedError" in (folder.parents[2] / "left_out" / "tiny.ipynb").read_text()


def test_answered_notebook_does_not_give_way(prepared, release):
    folder, prepare = prepared
    put(folder, answered(release))
    put(folder, answered(release, RIGHT), "tiny-Copy1.ipynb")
    assert "return x + x" in prepare()


def test_newest_of_several_names_is_graded_also_on_the_second_look(prepared, release):
    folder, prepare = prepared
    put(folder, answered(release), "tiny (1).ipynb")
    assert "return x + x" in prepare()
    put(folder, answered(release, RIGHT), "tiny (2).ipynb")
    os.utime(folder / "tiny (1).ipynb", (0, 0))
    assert "return 2 * x" in prepare() and "return 2 * x" in prepare()
    assert "return x + x" in (folder / "tiny (1).ipynb").read_text()


def test_checkpoints_are_not_handed_in(prepared, release):
    folder, prepare = prepared
    put(folder, answered(release), ".ipynb_checkpoints/tiny-checkpoint.ipynb")
    assert prepare().startswith(reading.PLACEHOLDER)
    put(folder, answered(release), "late.ipynb")
    assert "return x + x" in prepare()


def test_folder_called_like_a_notebook(prepared, release):
    folder, prepare = prepared
    put(folder, answered(release), "tiny.ipynb/tiny.ipynb")
    assert "return x + x" in prepare()


def test_file_in_the_place_of_the_folder(prepared):
    folder, prepare = prepared
    folder.rmdir()
    folder.write_text("{}")
    assert prepare().startswith(reading.PLACEHOLDER) and (folder / ASSIGNMENT).read_text() == "{}"


def test_pipe_in_the_place_of_the_notebook(prepared):
    folder, prepare = prepared
    os.mkfifo(folder / "tiny.ipynb")
    with socket.socket(socket.AF_UNIX) as server, contextlib.chdir(folder):
        server.bind("door")
    assert "a pipe" in prepare() and (folder / "door").is_file()


def test_files_that_must_not_be_read_are_made_readable(prepared, release):
    folder, prepare = prepared
    put(folder, answered(release), "inner/tiny.ipynb")
    (folder / "inner" / "tiny.ipynb").chmod(0)
    (folder / "inner").chmod(0)
    assert "return x + x" in prepare()
    assert [stat.S_IMODE(path.stat().st_mode) for path in (folder / "inner", folder / "inner" / "tiny.ipynb")] == [
        0o700,
        0o600,
    ]


def test_broken_times_are_mended(prepared, release):
    folder, prepare = prepared
    put(folder, answered(release))
    os.utime(folder / "tiny.ipynb", (1e11, 1e11))
    prepare()
    assert (folder / "tiny.ipynb").stat().st_mtime < 4e9


@pytest.mark.parametrize(
    "name", ["with 'quotes' and \"more\"", "two\nlines", "=1+1", "n" * 255, "e\u0301", os.fsdecode(b"\xff")]
)
def test_names_of_files_do_no_harm(prepared, release, name):
    folder, prepare = prepared
    put(folder, answered(release))
    put(folder, "x", name)
    assert "return x + x" in prepare() and (folder / name).read_text() == "x"


def test_too_many_files_are_left_out_the_small_ones_last(prepared, release, monkeypatch):
    folder, prepare = prepared
    monkeypatch.setattr(handed_in, "MOST_STRAY_BYTES", 1000)
    put(folder, answered(release))
    put(folder, "x", "module.py")
    put(folder, "x" * 2000, "data.bin")
    prepare()
    assert sorted(path.name for path in folder.iterdir()) == ["module.py", "tiny.ipynb"]
    assert (folder.parents[2] / "left_out" / "data.bin").stat().st_size == 2000
    monkeypatch.setattr(handed_in, "MOST_FILES", 3)
    for number in range(5):
        put(folder, "x", f"venv/{number}")
    for number in range(2):
        put(folder, "xx", f"{number}.py")
    prepare()
    assert sorted(path.name for path in folder.iterdir()) == ["0.py", "1.py", "module.py", "tiny.ipynb"]
    assert len(list((folder.parents[2] / "left_out" / "venv").iterdir())) == 5


def test_folders_in_folders_do_no_harm(prepared, release):
    folder, prepare = prepared
    put(folder, answered(release))
    inner = str(folder)
    for _ in range(200):
        inner += "/d"
        os.mkdir(inner)
    assert "return x + x" in prepare()
    assert [path.name for path in folder.iterdir()] == ["tiny.ipynb"]


# A class that nobody has graded


def test_status_without_a_run(tmp_path):
    (tmp_path / "submitted" / "ada" / ASSIGNMENT).mkdir(parents=True)
    found = [statuses.status(tmp_path, ASSIGNMENT, student).word for student in ("ada", "ben")]
    assert found == [statuses.NOT_GRADED, statuses.NOTHING]


@pytest.mark.parametrize("marked", [True, False])
def test_end_of_a_large_notebook_is_read(tmp_path, marked):
    """A student's text cannot say that grading is finished, and a long list of notes does not hide it."""
    claim = '\n "metadata": {"digits_graded": true}, "nbformat": 4}'
    notebook = new_notebook(cells=[new_code_cell(claim)], metadata={"digits_repairs": ["long " * 20] * 2000})
    if marked:
        notebook.metadata.digits_graded = True
    nbformat.write(notebook, tmp_path / "tiny.ipynb")
    assert (statuses.finished(tmp_path / "tiny.ipynb") is not None) == marked
