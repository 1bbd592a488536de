"""What a class gets is complete, works by itself, and holds nothing that is not for students."""

import ast
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile

import course
import pytest
from packaging.requirements import Requirement

from grading import student_edition

SECRET_MARKERS = ("BEGIN SOLUTION", "END SOLUTION", "BEGIN HIDDEN TESTS", "BEGIN MARK SCHEME", "BEGIN INSTRUCTOR")


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """A folder with the edition as a folder and as an archive."""
    folder = tmp_path_factory.mktemp("build")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(course.ROOT)
        student_edition.make(folder)
    return folder


@pytest.fixture(scope="module")
def edition(build):
    return build / student_edition.NAME


@pytest.fixture(scope="module")
def texts(build):
    """All texts of the archive, by path; of a notebook the sources and whatever else is in it, unescaped."""
    found = {}
    with zipfile.ZipFile(build / f"{student_edition.NAME}.zip") as archive:
        for name in archive.namelist():
            if not name.endswith(".gz"):
                text = archive.read(name).decode("utf-8")
                if name.endswith(".ipynb"):
                    text += "\n".join(strings(json.loads(text)))
                found[name.partition("/")[2]] = text
    return found


def strings(value):
    """All texts in a piece of JSON, those of lists of lines joined as well."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from strings(item)
    elif isinstance(value, list):
        if all(isinstance(item, str) for item in value):
            yield "".join(value)
        for item in value:
            yield from strings(item)
    elif isinstance(value, str):
        yield value


def run(folder, *command, **environment):
    """Run a command in the edition, with the packages installed here but with the modules of the edition."""
    environment = {**os.environ, "PYTHONPATH": str(folder), **environment}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_archive_holds_what_the_folder_holds(build, edition):
    with zipfile.ZipFile(build / f"{student_edition.NAME}.zip") as archive:
        packed = {member.filename.partition("/")[2]: archive.read(member) for member in archive.infolist()}
        programs = {
            member.filename.partition("/")[2] for member in archive.infolist() if member.external_attr >> 16 & 0o111
        }
    assert packed == {
        path.relative_to(edition).as_posix(): path.read_bytes() for path in edition.rglob("*") if path.is_file()
    }
    assert programs == {"tools/set-up", "tools/debian-packages"}


def test_archive_is_the_same_each_time(build, edition, tmp_path):
    again = tmp_path / "again.zip"
    os.utime(edition / "README.md", (0, 0))
    os.chmod(edition / "README.md", 0o600)
    with zipfile.ZipFile(build / f"{student_edition.NAME}.zip") as archive:
        (date,) = {member.date_time for member in archive.infolist()}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(course.ROOT)
        student_edition.pack(edition, again, student_edition._last_change())
    assert again.read_bytes() == (build / f"{student_edition.NAME}.zip").read_bytes()
    assert date[0] >= 1980


def test_edition_holds_the_releases_the_package_and_nothing_of_the_instructors(edition):
    files = {path.relative_to(edition).as_posix() for path in edition.rglob("*") if path.is_file()}
    tops = {name.partition("/")[0] for name in files}
    assert tops == {
        "LICENSE", "Makefile", "README.md", "docs", "environment.yml", "jupyter_config.py", "jupyterlab_settings.json",
        "nbgrader_config.py", "notebooks", "pyproject.toml", "requirements.txt", "shared", "tools",
    }  # fmt: skip
    for path in course.MASTERS:
        assert course.read(edition / "notebooks" / path.parent.name / path.name) == course.release(path)
    listing = subprocess.run(
        ["git", "ls-files", "shared"], cwd=course.ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert {name for name in files if name.startswith("shared/")} == set(listing.splitlines())


def test_no_secret_of_a_master_is_in_any_file(texts):
    for name, text in texts.items():
        for marker in SECRET_MARKERS:
            assert marker not in text, f"{name} contains {marker!r}"
    # The modules are for students too: the reference is code like an answer's. That hidden tests share no input with
    # them is tested in test_test_cells.py.
    everywhere, outside = (
        {line.strip() for name, text in texts.items() if not name.startswith(left) for line in text.splitlines()}
        for left in ("nothing", "shared/")
    )
    masters = {path.name: course.read(path) for path in course.MASTERS}
    visible = {
        line.strip()
        for master in masters.values()
        for cell in course.cells(master, "test", "story", "locked", "solution")
        for line in student_sees(cell.source).splitlines()
    }
    searched = 0
    for name, master in masters.items():
        for cell in course.cells(master, "test", "locked", "solution", "manual"):
            role = course.role(cell)
            secret = [cell.source] if role == "manual" else secrets(cell.source)
            lines = {
                line.strip() for block in secret for line in block.splitlines() if len(line.strip()) > 20
            } - visible
            searched += len(lines)
            found = lines & (outside if role in ("solution", "test") else everywhere)
            assert not found, f"{name}, {course.grade_id(cell)}: {found}"
    assert searched > 500, "hardly anything was looked for"


REGION = re.compile(r"^\s*### BEGIN (SOLUTION|HIDDEN TESTS|MARK SCHEME)\n(.*?)### END \1\n?", re.MULTILINE | re.DOTALL)


def secrets(source):
    return [found[2] for found in REGION.finditer(source)]


def student_sees(source):
    return REGION.sub("", source)


def test_nothing_of_grading_is_named(texts):
    for name, text in texts.items():
        assert not re.search(r"\bgrading\.[a-z_]+\b|grading/|import grading|from grading", text), name


def test_every_path_that_the_set_up_names_exists(edition, texts):
    makefile = texts["Makefile"]
    (needed,) = re.findall(r"^\$\(READY\): (.*)$", makefile, re.MULTILINE)
    named = set(needed.split()) | set(re.findall(r"tools/[\w-]+", makefile + texts["tools/set-up"]))
    project = tomllib.loads(texts["pyproject.toml"])
    named |= {project["project"]["readme"], *project["project"]["license-files"], "jupyterlab_settings.json"}
    named |= set(re.findall(r"-r (\S+)", texts["environment.yml"]))
    named |= set(re.findall(r"load_subconfig\(\"(.*?)\"\)", texts["nbgrader_config.py"]))
    assert len(named) >= 8
    for name in named:
        assert (edition / name).is_file(), f"{name} is named, and is not there"
    assert project["tool"]["setuptools"]["packages"]["find"]["include"] == ["shared*"]
    assert set(project["tool"]["setuptools"]["package-data"]) == {"shared"}
    assert set(project["tool"]) == {"setuptools"} and "entry-points" not in project["project"]
    targets = set(re.findall(r"^([\w-]+):", makefile, re.MULTILINE))
    assert targets == {"help", "lab", "set-up"} == set(re.search(r"^\.PHONY: (.*)$", makefile, re.M)[1].split())
    # What unpacks the archive may forget who may run a file.
    assert not re.search(r"(?<!sh )\btools/", re.sub(r"^\$\(READY\):.*|^#.*", "", makefile, flags=re.MULTILINE))


def test_every_link_leads_to_a_file(edition, texts):
    links = 0
    for name, text in texts.items():
        if name.endswith(".md"):
            for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text):
                assert (edition / name).parent.joinpath(link).exists(), f"{name} links to {link}"
                links += 1
        if name.endswith(".ipynb"):
            for link in re.findall(r"\]\((?!https?:|#|attachment:)([^)#\s]+\.(?:ipynb|md|py|png|svg))", text):
                assert (edition / name).parent.joinpath(link).exists(), f"{name} links to {link}"
                links += 1
    assert links > 20


def imported(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.partition(".")[0]


def test_lock_is_enough_for_what_is_imported_and_for_itself(edition, texts):
    entry = re.compile(r"^([\w.-]+)(?:\[.*?\])?==", re.MULTILINE)
    locked = {student_edition._normal(name) for name in entry.findall(texts["requirements.txt"])}
    whole = set(entry.findall((course.ROOT / "requirements.txt").read_text()))
    assert len(locked) < len(whole) and not locked & {
        "pytest",
        "playwright",
        "ruff",
        "jupytext",
        "ziamath",
        "nbval",
        "distributed",
    }
    for name in locked:
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # for another system or another Python
        for requirement in map(Requirement, distribution.requires or []):
            if not requirement.marker or requirement.marker.evaluate({"extra": ""}):
                assert student_edition._normal(requirement.name) in locked, f"{name} needs {requirement.name}"
    project = tomllib.loads(texts["pyproject.toml"])["project"]
    assert {student_edition._normal(Requirement(text).name) for text in project["dependencies"]} <= locked

    sources = [text for name, text in texts.items() if name.endswith(".py") and name.startswith("shared/")]
    for path in (edition / "notebooks").rglob("*.ipynb"):
        sources += [cell.source for cell in course.read(path).cells if cell.cell_type == "code"]
    provided = importlib.metadata.packages_distributions()
    for module in {name for source in sources for name in imported(source)} - set(sys.stdlib_module_names) - {"shared"}:
        distributions = {student_edition._normal(name) for name in provided[module]}
        assert distributions & locked, f"{module} is imported, and is not in the lock"


def test_a_lock_keeps_what_is_needed_and_no_more():
    lock = (
        "a==1 \\\n    --hash=sha256:1\n    # via project (pyproject.toml)\n"
        "b-x==1 \\\n    --hash=sha256:2\n    # via\n    #   a\n    #   c\n"
        "c==1 \\\n    --hash=sha256:3\n    # via project (pyproject.toml)\n"
        "d==1 ; sys_platform == 'win32' \\\n    --hash=sha256:4\n    # via c\n"
        "e==1 \\\n    --hash=sha256:5\n    # via b-x\n"
    )
    found = student_edition.lock_for('[project]\ndependencies = ["A>=1"]\n', lock)
    assert re.findall(r"^[\w-]+", found, re.MULTILINE) == ["a", "b-x", "e"]
    assert found.count("--hash") == 3


def test_parts_for_instructors_are_closed():
    with pytest.raises(ValueError, match="BEGIN INSTRUCTOR"):
        student_edition.for_students("a\n# BEGIN INSTRUCTOR\nb\n")


def test_make_lab_starts_jupyterlab(edition):
    result = run(edition, "make", "--no-print-directory", "--dry-run", "lab")
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1].strip() == "jupyter lab --config=jupyter_config.py"


def test_a_notebook_validates_in_the_edition(edition):
    """With the packages of this environment; the modules are the edition's, and `grading` cannot be imported."""
    blocker = "import sys; sys.modules['grading'] = None; from nbgrader.apps.nbgraderapp import main; main()"
    result = run(edition, sys.executable, "-c", blocker, "validate", "notebooks/03-cross-entropy/cross-entropy.ipynb",
                 TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR="1")  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "VALIDATION FAILED ON" in result.stdout and "NotImplementedError" in result.stdout
    where = run(edition, sys.executable, "-c", "import shared.checks; print(shared.checks.__file__)")
    assert where.stdout.strip() == str(edition / "shared/checks.py")
