"""How long grading takes is kept, and nothing that grades or gives feedback takes notice of it."""

import json
import logging

import pytest
from nbformat.v4 import new_notebook
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory

from grading import timing

ADA, BOB = ({"student": student, "assignment": "07-tiny", "notebook": "tiny"} for student in ("ada", "bob"))
FILE = "autograded/.seconds/07-tiny.jsonl"


def test_a_stage_within_another_interrupts_it_also_when_it_breaks():
    clock = iter([0, 1, 11, 111, 1111, 2000, 2001, 2006]).__next__
    watch = timing.Stopwatch(clock)
    with watch.measure("kernels"):
        with pytest.raises(ZeroDivisionError), watch.measure("cells"), watch.measure("tests"):
            raise ZeroDivisionError
        with watch.measure("more"):
            pass
    assert watch.seconds == {"kernels": 1 + 889 + 5, "cells": 10 + 1000, "tests": 100, "more": 1}


def test_the_latest_grading_counts_and_notebooks_add_up(tmp_path):
    assert timing.read("07-tiny", tmp_path) == {}
    timing.keep(ADA, {"kernels": 9.0, "saving": 9.0}, tmp_path)
    timing.keep(BOB, {"kernels": 2.0}, tmp_path)
    timing.keep(ADA | {"notebook": "more"}, {"kernels": 0.25, "own cells": 4}, tmp_path)
    timing.keep(ADA, {"kernels": 1.0}, tmp_path)
    timing.keep(ADA | {"assignment": "08-other"}, {"kernels": 99.0}, tmp_path)
    found = timing.read("07-tiny", tmp_path)
    assert found == {"ada": {"kernels": 1.25, "own cells": 4.0}, "bob": {"kernels": 2.0}}


def test_names_of_any_bytes_are_kept(tmp_path):
    odd = "\udc80\n,émile"
    timing.keep(ADA | {"student": odd}, {"kernels": 1.0}, tmp_path)
    assert timing.read("07-tiny", tmp_path) == {odd: {"kernels": 1.0}}


@pytest.mark.parametrize("length", [1, 20, 60])
def test_a_line_that_was_not_finished_harms_no_other(tmp_path, length):
    timing.keep(BOB, {"kernels": 2.0}, tmp_path)
    timing.keep(ADA, {"kernels": 1.0}, tmp_path)
    path = tmp_path / FILE
    path.write_bytes(path.read_bytes()[:-length])
    timing.keep(ADA | {"student": "cyd"}, {"kernels": 3.0}, tmp_path)
    assert timing.read("07-tiny", tmp_path) == {"bob": {"kernels": 2.0}, "cyd": {"kernels": 3.0}}


@pytest.mark.parametrize(
    "seconds", [{"kernels": "1"}, {"kernels": -1}, {"kernels": float("nan")}, {"kernels": None}, [1], 3, None]
)
def test_what_is_no_time_is_passed_over(tmp_path, seconds):
    timing.keep(BOB, {"kernels": 2.0}, tmp_path)
    with open(tmp_path / FILE, "a") as file:
        file.write("\n" + json.dumps({"student": "ada", "notebook": "tiny", "seconds": seconds}))
    assert timing.read("07-tiny", tmp_path) == {"bob": {"kernels": 2.0}}


def keep_as_nbgrader_does(names):
    notebook = new_notebook()
    step = timing.KeepSeconds(log=logging.getLogger("test_timing"))
    assert step.preprocess(notebook, {"nbgrader": names})[0] is notebook
    assert notebook == new_notebook(), "a notebook is the same to the byte each time it is graded"


def test_the_last_step_keeps_the_stages_and_how_long_saving_took(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(timing.time, "perf_counter", lambda: 103.5)
    seconds = {"kernels": 1.0}
    keep_as_nbgrader_does(ADA | {"seconds": seconds, timing.SINCE: 103.25})
    keep_as_nbgrader_does(BOB)
    assert timing.read("07-tiny") == {"ada": {"kernels": 1.0, "saving": 0.25}}
    assert seconds == {"kernels": 1.0}


def test_a_disk_that_takes_nothing_fails_nobody(tmp_path, monkeypatch, caplog):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "autograded").touch()  # no folder can be made in it
    keep_as_nbgrader_does(ADA | {"seconds": {"kernels": 1.0}})
    assert "How long grading took is not kept" in caplog.text


def test_nbgrader_takes_the_file_for_nobodys_submission(tmp_path):
    (tmp_path / "autograded" / "ada" / "07-tiny").mkdir(parents=True)
    (tmp_path / "autograded" / "ada" / "07-tiny" / "tiny.ipynb").touch()
    timing.keep(ADA, {"kernels": 1.0}, tmp_path)
    converter = GenerateFeedback(coursedir=CourseDirectory(root=str(tmp_path), assignment_id="07-tiny"))
    converter.init_notebooks()
    assert [path.partition("autograded/")[2] for path in converter.assignments] == ["ada/07-tiny"]
    assert (tmp_path / FILE).is_file()
