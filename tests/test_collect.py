"""Work comes in from Canvas, from Moodle and through an exchange, under the right names, and nothing comes with it."""

import contextlib
import csv
import os
import shutil
import stat
import subprocess
import sys
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import course
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import ZipCollectApp
from nbgrader.coursedir import CourseDirectory
from traitlets.config.loader import PyFileConfigLoader

from grading import archives
from grading.collect import Roster, Sender, Worksheets, arrival
from grading.exchange import Collect

EMPTY = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
FILE = "assignsubmission_file"


@pytest.fixture(scope="module")
def empty_gradebook(tmp_path_factory):
    """A gradebook without students. nbgrader runs alembic as a command to make one; without `make` it is not found."""
    path = tmp_path_factory.mktemp("empty") / "gradebook.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        Gradebook(f"sqlite:///{path}", "digits-from-scratch").close()
    return path


@pytest.fixture
def new_class(empty_gradebook, tmp_path):
    """Make a `Class` of students, each a tuple of id, names, address and number."""

    def make(students=()):
        these = Class(tmp_path)
        shutil.copy(empty_gradebook, tmp_path)
        with Gradebook(f"sqlite:///{tmp_path}/gradebook.db", "digits-from-scratch") as gradebook:
            for id, given, family, email, number in students:
                gradebook.add_student(id, first_name=given, last_name=family, email=email, lms_user_id=number)
        return these

    return make


class Unflagged(zipfile.ZipInfo):
    """A member whose name is UTF-8 without saying so, as Canvas writes it."""

    def _encodeFilenameFlags(self):
        return self.filename.encode(), self.flag_bits & ~0x800


def archive(path, *files, member=zipfile.ZipInfo):
    """Write a zip archive of (name, content) or (name, content, date)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as target:
        for name, content, *date in files:
            target.writestr(member(name, *(date or [(2026, 11, 20, 12, 0, 0)])), content, zipfile.ZIP_DEFLATED)
    return path


# What a name says


@pytest.mark.parametrize(
    ("name", "number", "family_and_given", "late", "file"),
    [
        ("lovelaceada_101_9001_softmax.ipynb", "101", "lovelaceada", False, "softmax.ipynb"),
        ("lovelaceada_LATE_101_9001_softmax-1.ipynb", "101", "lovelaceada", True, "softmax-1.ipynb"),
        ("chocolate_101_9001_my_2_answers_3.ipynb", "101", "chocolate", False, "my_2_answers_3.ipynb"),
        ("garcíamárquezjosé_7_8_a b.ipynb", "7", "garcíamárquezjosé", False, "a b.ipynb"),
        ("王小明_7_8_softmax.ipynb", "7", "王小明", False, "softmax.ipynb"),
        ("doe12jane_101_9001_x.ipynb", "101", "doe12jane", False, "x.ipynb"),
        ("_101_9001_x.ipynb", "101", "", False, "x.ipynb"),
        ("LATE_anon_8Xk2p_9001_x.ipynb", "", "", True, "x.ipynb"),
        # People called "101_5" and "x_101" would otherwise hand in for user 101.
        ("101_5_66_9001_softmax.ipynb", "", "", False, "66_9001_softmax.ipynb"),
        ("x_101_66_9001_softmax.ipynb", "", "x", False, "9001_softmax.ipynb"),
        ("101_5_LATE_66_9001_softmax.ipynb", "", "", False, "LATE_66_9001_softmax.ipynb"),
        ("eve_66_9001_ada_101_9002_softmax.ipynb", "66", "eve", False, "ada_101_9002_softmax.ipynb"),
        ("lovelaceada_101_text.html", "101", "lovelaceada", False, "text.html"),
    ],
)
def test_canvas_names_are_read(name, number, family_and_given, late, file):
    found = arrival(Path(), Path("submissions.zip.d", name))
    assert found.sender == Sender("Canvas", number, family_and_given)
    assert (found.late, found.file) == (late, file)


@pytest.mark.parametrize(
    ("path", "number", "name", "file"),
    [
        (f"Ada Lovelace_77_{FILE}_/softmax.ipynb", "77", "Ada Lovelace", "softmax.ipynb"),
        (f"Ada Lovelace_77_{FILE}/deeper/softmax.ipynb", "77", "Ada Lovelace", "softmax.ipynb"),
        (f"Ada Lovelace_77_{FILE}_softmax (1).ipynb", "77", "Ada Lovelace", "softmax (1).ipynb"),
        (f"José O Brien-Ng_3_{FILE}_/1_2_3_x.ipynb", "3", "José O Brien-Ng", "1_2_3_x.ipynb"),
        (f"Eve_66_{FILE}_Ada Lovelace_77_{FILE}_x.ipynb", "66", "Eve", f"Ada Lovelace_77_{FILE}_x.ipynb"),
        (f"Eve_66_{FILE}_/Ada Lovelace_77_{FILE}_/x.ipynb", "66", "Eve", "x.ipynb"),
        ("Ada Lovelace_77_assignsubmission_onlinetext/onlinetext.html", "77", "Ada Lovelace", "onlinetext.html"),
    ],
)
def test_moodle_names_are_read(path, number, name, file):
    found = arrival(Path(), Path(path))
    assert found.sender == Sender("Moodle", number, name) and found.file == file


def test_other_names_say_nothing():
    for name in ("softmax.ipynb", "Grades-02-softmax.csv", "notes/lovelace.txt"):
        assert arrival(Path(), Path(name)) is None


# Whose it is


def person(id, given="", family="", email="", number=None):
    return SimpleNamespace(id=id, first_name=given, last_name=family, email=email, lms_user_id=number)


ROSTER = Roster([
    person("ada", "Ada", "Lovelace", "ada@example.org", "101"),
    person("zoe", "Zoë", "O'Brien", "zoe@example.org"),
    person("jo1", "Jo", "Doe", "jo1@example.org"),
    person("jo2", "Jo", "Doe", "jo2@example.org", "202"),
    person("303", "Grace", "Hopper"),
])  # fmt: skip


@pytest.mark.parametrize(
    ("sender", "contacts", "student"),
    [
        (Sender("Canvas", "101", "whatever"), (), "ada"),
        (Sender("Canvas", "303", "x"), (), "303"),
        (Sender("Canvas", "5", "obrienzoë"), (), "zoe"),
        (Sender("Canvas", "5", "obrienzoe"), (), "zoe"),
        (Sender("Canvas", "202", "doejo"), (), "jo2"),
        (Sender("Canvas", "9", "doejo"), (), "jo1"),  # the other one has a number, which is not 9
        (Sender("Moodle", "101", "Zoë OBrien"), (), "zoe"),  # a participant's number is no user's
        (Sender("Moodle", "1", "Hopper Grace"), (), "303"),
        (Sender("Moodle", "1", "Jo Doe"), ("JO2@example.org",), "jo2"),
    ],
)
def test_senders_are_found_in_the_roster(sender, contacts, student):
    assert ROSTER.find(sender, contacts)[0] == student


@pytest.mark.parametrize(
    ("sender", "words"),
    [
        (Sender("Moodle", "1", "Jo Doe"), r"Jo Doe \(Moodle participant 1\) may be any of jo1, jo2"),
        (Sender("Canvas", "666", "lovelaceada"), "nobody in the gradebook"),  # Ada is 101
        (Sender("Canvas", "", ""), r"Canvas user unknown\) is nobody"),
        (Sender("Canvas", "1", "\x1b[31mevil"), r"\?\[31mevil"),
    ],
)
def test_whoever_is_not_sure_is_not_guessed(sender, words):
    with pytest.raises(LookupError, match=words):
        ROSTER.find(sender)


@pytest.mark.parametrize("language", ["en", "de"])
def test_moodle_worksheet_tells_participants_apart_and_when_they_handed_in(tmp_path, language):
    head = {
        "en": ["Identifier", "Full name", "Email address", "Status", "Last modified (submission)"],
        "de": ["ID", "Vollständiger Name", "E-Mail-Adresse", "Status", "Zuletzt geändert (Abgabe)"],
    }[language]
    word = {"en": "Participant ", "de": "Teilnehmer/in"}[language]
    with open(tmp_path / "Grades.csv", "w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file).writerows([
            head,
            [f"{word}77", "Jo Doe", "jo1@example.org", "Submitted", "Friday, 20 November 2026, 1:03 PM"],
            [f"{word}78", "Jo Doe", "jo2@example.org", "No submission", "-"],
        ])  # fmt: skip
    worksheets = Worksheets(ZoneInfo("Europe/Athens"))
    assert worksheets.read(tmp_path / "Grades.csv")
    assert ROSTER.find(Sender("Moodle", "77", "Jo Doe"), worksheets.contacts["77"]) == ("jo1", True)
    assert ROSTER.find(Sender("Moodle", "78", "Jo Doe"), worksheets.contacts["78"]) == ("jo2", True)
    assert worksheets.sent == ({"77": datetime(2026, 11, 20, 11, 3)} if language == "en" else {})


def test_other_csv_files_are_no_worksheets(tmp_path):
    for text in ("", "a,b\n1,2\n", "Student,ID\nAda,1\n", '"\x00'):
        (tmp_path / "x.csv").write_text(text)
        assert not Worksheets().read(tmp_path / "x.csv")


# Unpacking


def test_archive_is_unpacked_with_names_and_times(tmp_path):
    files = [("a/zoë_1_2_x.ipynb", "one", (2026, 11, 20, 12, 30, 0)), ("b.txt", "two"), ("b.txt", "three")]
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = archive(tmp_path / "in.zip", *files, member=Unflagged)
    assert archives.unpack(path, tmp_path / "out") == []
    found = {str(file.relative_to(tmp_path / "out")): file.read_text() for file in (tmp_path / "out").rglob("*.*")}
    assert found == {"a/zoë_1_2_x.ipynb": "one", "b.txt": "two", "b (1).txt": "three"}
    moment = (tmp_path / "out/a/zoë_1_2_x.ipynb").stat().st_mtime
    assert time.localtime(moment)[:5] == (2026, 11, 20, 12, 30)


def link():
    member = zipfile.ZipInfo("link.ipynb")
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    return member


def test_what_could_do_harm_stays_in_the_archive(tmp_path):
    path = tmp_path / "in.zip"
    names = ["../up.txt", "/etc/up.txt", "a/../../up.txt", "C:\\up.txt", "..\\up.txt", "bell\x07.txt", "x" * 300]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in names:
            target.writestr(name, "harm")
        target.writestr(link(), "/etc/passwd")
        target.writestr("bomb.ipynb", bytes(3_000_000))
        target.writestr("good.ipynb", EMPTY)
    refused = archives.unpack(path, tmp_path / "deep" / "out", archives.Limits(file_size=1_000_000))
    assert [name for name, _ in refused] == [*names, "link.ipynb", "bomb.ipynb"]
    assert {file for file in tmp_path.rglob("*") if file.is_file()} == {path, tmp_path / "deep/out/good.ipynb"}
    assert dict(refused)["bomb.ipynb"] == "it unpacks to more than 1,000,000 bytes"


def test_archive_that_lies_about_sizes_or_is_damaged_costs_only_what_is_damaged(tmp_path):
    path = archive(tmp_path / "in.zip", ("bomb.ipynb", bytes(3_000_000)), ("good.ipynb", EMPTY))
    data = path.read_bytes()
    # The size stands in the local header and in the table at the end; both are made to say ten bytes.
    path.write_bytes(data.replace((3_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little")))
    refused = archives.unpack(path, tmp_path / "out", archives.Limits(file_size=1_000_000))
    assert [name for name, _ in refused] == ["bomb.ipynb"]
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["good.ipynb"]


@pytest.mark.parametrize(
    ("limits", "words"), [({"files": 2}, "holds 3 files"), ({"total_size": 250}, "more than 250 bytes")]
)
def test_archive_that_holds_too_much_is_refused_as_a_whole(tmp_path, limits, words):
    path = archive(tmp_path / "in.zip", *((f"{i}.ipynb", "x" * 100) for i in range(3)))
    with pytest.raises(archives.RefusedArchive, match=words):
        archives.unpack(path, tmp_path / "out", archives.Limits(**limits))
    assert not (tmp_path / "out").exists()


def test_download_that_broke_off_is_refused(tmp_path):
    path = archive(tmp_path / "in.zip", ("a.ipynb", EMPTY * 100))
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(archives.RefusedArchive, match="not a zip archive that can be read"):
        archives.unpack(path, tmp_path / "out")


# The whole way: nbgrader zip_collect, with the configuration of the course


class Class:
    """A course in a folder that collects what lies in ``downloaded/``."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("jupyter_config.py", "nbgrader_config.py"):
            (folder / name).write_bytes((course.ROOT / name).read_bytes())
        for name in ("solutions", "notebooks"):
            (folder / name).symlink_to(course.ROOT / name)
        self.archives = folder / "downloaded" / "02-softmax" / "archive"

    def collect(self, *options):
        """What `nbgrader zip_collect` files under submitted/, as a dict from path to text."""
        ZipCollectApp.clear_instance()
        with contextlib.chdir(self.folder):
            app = ZipCollectApp()
            app.initialize(["02-softmax", *options])
            app.start()
        submitted = self.folder / "submitted"
        self.report = (self.folder / "downloaded" / "02-softmax" / "report.txt").read_text(encoding="utf-8")
        return {
            str(path.relative_to(submitted)).replace("/02-softmax/", ":"): path.read_text()
            for path in submitted.rglob("*.*")
            if path.is_file()
        }

    def section(self, title):
        """The lines of the report below a title, and none if there is no such section."""
        for part in self.report.split("\n\n"):
            head, *lines = part.strip().split("\n")
            if head.startswith(title) and head.endswith(":"):
                return [line.strip() for line in lines if line.startswith(" ")]
        return []


STUDENTS = [
    ("ada", "Ada", "Lovelace", "ada@example.org", "101"),
    ("zoe", "Zoë", "O'Brien", "zoe@example.org", None),
    ("jo1", "Jo", "Doe", "jo1@example.org", None),
    ("jo2", "Jo", "Doe", "jo2@example.org", None),
    ("grace", "Grace", "Hopper", "grace@example.org", "909"),
]


def test_download_from_canvas(new_class, tmp_path):
    these = new_class(STUDENTS)
    early, late = (2026, 11, 20, 12, 0, 0), (2026, 11, 22, 12, 0, 0)
    archive(
        these.archives / "monday.zip",
        ("lovelaceada_101_9001_softmax.ipynb", "first", early),
        ("obrienzoë_5_9005_Softmax (1).ipynb.txt", "of Zoë", early),
        member=Unflagged,
    )
    archive(
        these.archives / "wednesday.zip",
        ("lovelaceada_LATE_101_9900_softmax-1.ipynb", "second", late),
        ("doejo_31_9006_softmax.ipynb", "of one Jo", late),
        ("doejo_32_9007_softmax.ipynb", "of the other Jo", late),
        ("studenttest_1000_9008_softmax.ipynb", "of nobody", late),
        ("obrienzoë_5_9009_plot.png", "a figure", late),
        ("obrienzoë_5_9010_all my work.zip", "PK", late),
        ("obrienzoë_5_text.html", "a remark", late),
        ("__MACOSX/._lovelaceada_101_9001_softmax.ipynb", "a Mac was here", late),
        ("../../../submitted/ada/02-softmax/softmax.ipynb", "harm", late),
        member=Unflagged,
    )
    assert these.collect() == {"ada:softmax.ipynb": "second", "zoe:softmax.ipynb": "of Zoë"}
    unmatched = these.section("Not collected, because nobody can be sure")
    assert len(unmatched) == 3 and sum("may be any of jo1, jo2" in line for line in unmatched) == 2
    assert any("studenttest (Canvas user 1000) is nobody in the gradebook" in line for line in unmatched)
    assert these.section("Not collected, because the same student") == [
        "ada: lovelaceada_101_9001_softmax.ipynb, by lovelaceada_LATE_101_9900_softmax-1.ipynb"
    ]
    assert any("late" in line and line.startswith("ada: ") for line in these.section("Collected"))
    assert any("all my work.zip: an archive is not opened; ask obrienzoë" in line
               for line in these.section("Not collected, because it is no notebook"))  # fmt: skip
    assert len(these.section("Not collected, because it is no notebook")) == 3
    assert "leads out of the archive" in these.section("Refused")[0]
    assert these.section("Students of the gradebook") == ["grace", "jo1", "jo2"]

    # Once the gradebook knows Canvas's numbers, nobody is left over, and a second run takes the place of the first.
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db", "digits-from-scratch") as gradebook:
        gradebook.update_or_create_student("jo1", lms_user_id="31")
        gradebook.update_or_create_student("jo2", lms_user_id="32")
    again = these.collect("--force")
    assert again["jo1:softmax.ipynb"] == "of one Jo" and again["jo2:softmax.ipynb"] == "of the other Jo"
    assert len(again) == 4


def test_download_from_moodle(new_class):
    these = new_class(STUDENTS)
    archive(
        these.archives / "02-softmax-4711.zip",
        (f"Ada Lovelace_77_{FILE}_/softmax (1).ipynb", "second"),
        (f"Ada Lovelace_77_{FILE}_/softmax.ipynb", "first"),
        (f"Ada Lovelace_77_{FILE}_/.ipynb_checkpoints/softmax-checkpoint.ipynb", "old"),
        (f"Zoë OBrien_78_{FILE}_/sub folder/softmax.ipynb", "of Zoë"),
        (f"Zoë OBrien_78_{FILE}_/my attempt.ipynb", "renamed"),
        (f"Jo Doe_79_{FILE}_softmax.ipynb", "of one Jo"),
        (f"Jo Doe_80_{FILE}_softmax.ipynb", "of the other Jo"),
        (f"Hopper Grace_81_{FILE}/softmax.ipynb", "of Grace"),
        ("Grace Hopper_81_assignsubmission_onlinetext/onlinetext.html", "a remark"),
    )
    assert these.collect() == {
        "ada:softmax.ipynb": "second",
        "zoe:softmax.ipynb": "of Zoë",
        "zoe:my attempt.ipynb": "renamed",
        "grace:softmax.ipynb": "of Grace",
    }
    assert len(these.section("Not collected, because nobody can be sure")) == 2

    with open(these.archives / "Grades-02-softmax-4711.csv", "w", newline="", encoding="utf-8-sig") as file:
        rows = [["Identifier", "Full name", "Email address", "Last modified (submission)"]]
        for number, jo, minute in ((79, "jo1", 1), (80, "jo2", 2)):
            sent = f"Friday, 20 November 2026, 1:0{minute} PM"
            rows.append([f"Participant {number}", "Jo Doe", f"{jo}@example.org", sent])
        csv.writer(file).writerows(rows)
    collected = these.collect("--force", "--LmsCollector.zone=Europe/Athens")
    assert collected["jo1:softmax.ipynb"] == "of one Jo" and collected["jo2:softmax.ipynb"] == "of the other Jo"
    assert collected["jo2:timestamp.txt"] == "2026-11-20 11:02:00"
    assert these.section("Not collected, because nobody can be sure") == []


def test_namesakes_of_whom_one_is_enrolled_are_not_mixed_up(new_class):
    these = new_class([("jo", "Jo", "Doe", "", None), ("ada", "Ada", "Lovelace", "", "101")])
    archive(
        these.archives / "canvas.zip",
        ("doejo_31_1_softmax.ipynb", "one"),
        ("doejo_32_2_softmax.ipynb", "two"),
        ("lovelaceada_101_3_softmax.ipynb", "Ada's"),
        ("lovelaceada_666_4_softmax.ipynb", "somebody else's"),
    )
    assert these.collect() == {"ada:softmax.ipynb": "Ada's"}
    unmatched = these.section("Not collected, because nobody can be sure")
    assert sum("2 people hand in under the name of jo" in line for line in unmatched) == 2


def test_without_a_roster_the_numbers_of_the_platform_serve(new_class):
    """Here the browser has unpacked the download already, so a student's archive lies beside the notebooks."""
    these = new_class()
    these.archives.mkdir(parents=True)
    (these.archives / "lovelaceada_101_9001_softmax.ipynb").write_text("Ada's")
    archive(these.archives / "lovelaceada_101_9002_more.zip", ("softmax.ipynb", "hidden in an archive"))
    archive(these.archives / "moodle.zip", (f"Zoë O Brien_78_{FILE}_/softmax.ipynb", "of Zoë"))
    assert these.collect() == {"101:softmax.ipynb": "Ada's", "Zoë-O-Brien:softmax.ipynb": "of Zoë"}
    assert "an archive is not opened" in these.section("Not collected, because it is no notebook")[0]


def test_a_second_run_overwrites_nothing_unless_told(new_class):
    these = new_class()
    archive(these.archives / "canvas.zip", ("lovelaceada_101_9001_softmax.ipynb", "Ada's"))
    these.collect()
    with pytest.raises(SystemExit):
        these.collect()


# Through an exchange

EXCHANGE = """
import contextlib, sys
from nbgrader.apps import CollectApp, FetchAssignmentApp, ReleaseAssignmentApp, SubmitApp
course, home = sys.argv[1:]
steps = (ReleaseAssignmentApp, course), (FetchAssignmentApp, home), (SubmitApp, home), (CollectApp, course)
for app, folder in steps:
    with contextlib.chdir(folder):
        app.clear_instance()
        one = app()
        one.initialize(["02-softmax"])
        one.start()
"""


def test_exchange_carries_an_assignment_out_and_the_work_back(empty_gradebook, tmp_path):
    exchange, home, instructor = (tmp_path / name for name in ("exchange", "home", "course"))
    for folder in (exchange, home, instructor):
        folder.mkdir()
    exchange.chmod(0o777)
    Class(instructor)
    shutil.copy(empty_gradebook, instructor)
    for name in ("jupyter_config.py", "nbgrader_config.py"):
        (home / name).write_bytes((course.ROOT / name).read_bytes())
    environment = os.environ | {"DIGITS_EXCHANGE": str(exchange), "TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR": "1"}
    result = subprocess.run([sys.executable, "-c", EXCHANGE, instructor, home], env=environment, capture_output=True,
                            text=True)  # fmt: skip
    assert result.returncode == 0, result.stderr
    (fetched,) = home.glob("**/02-softmax/softmax.ipynb")
    assert fetched.read_bytes() == (course.ROOT / "notebooks/02-softmax/softmax.ipynb").read_bytes()
    (collected,) = instructor.glob("submitted/*/02-softmax/softmax.ipynb")
    assert collected.read_bytes() == fetched.read_bytes()
    stamp = (collected.parent / "timestamp.txt").read_text()
    age = datetime.now(UTC) - datetime.fromisoformat(stamp.removesuffix(" UTC")).replace(tzinfo=UTC)
    assert abs(age.total_seconds()) < 600


def test_collecting_follows_no_link(tmp_path):
    """Through nbgrader's own, the instructor would copy what a link in a student's folder leads to."""
    inbound, secrets = tmp_path / "inbound", tmp_path / "secrets"
    for folder in (inbound, secrets):
        folder.mkdir()
    (secrets / "gradebook.db").write_text("canary")
    (inbound / "softmax.ipynb").write_text("{}")
    (inbound / "data.txt").symlink_to(secrets / "gradebook.db")
    (inbound / "folder").symlink_to(secrets)
    collect = Collect(coursedir=CourseDirectory())
    collect.do_copy(str(inbound), str(tmp_path / "submitted"))
    assert (tmp_path / "submitted" / "softmax.ipynb").read_text() == "{}"
    copied = [path for path in (tmp_path / "submitted").rglob("*") if path.is_file()]
    assert len(copied) == 3 and not any(path.is_symlink() or "canary" in path.read_text() for path in copied)
    assert "a link to" in (tmp_path / "submitted" / "folder").read_text()

    (tmp_path / "whole").symlink_to(secrets)
    collect.do_copy(str(tmp_path / "whole"), str(tmp_path / "taken"))
    assert not (tmp_path / "taken").exists()


def test_the_configuration_names_what_follows_no_link():
    config = PyFileConfigLoader("jupyter_config.py", path=str(course.ROOT)).load_config()
    assert config.ExchangeFactory.collect == f"{Collect.__module__}.{Collect.__name__}"
