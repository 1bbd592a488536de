"""The student edition: generated, complete, without an answer in it, and fit to run before anything is answered."""

import ast
import os
import re
import shutil
import subprocess
import sys

import course
import pytest
from nbclient import NotebookClient

every_master = pytest.mark.parametrize("path", course.MASTERS, ids=course.name)


def generated(master, folder):
    return folder / "notebooks" / master.parent.name / master.name


@pytest.fixture(scope="module")
def editions(tmp_path_factory):
    """The folder in which `nbgrader generate_assignment` makes every release anew."""
    folder = tmp_path_factory.mktemp("editions")
    for name in ("jupyter_config.py", "nbgrader_config.py"):
        shutil.copy(course.ROOT / name, folder)
    shutil.copytree(course.ROOT / "solutions", folder / "solutions")
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", "--assignment=*", "--no-db"]
    environment = os.environ | {"TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR": "1"}
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return folder


@every_master
def test_release_is_what_nbgrader_makes_of_its_master(path, editions):
    """The file may have been worked in since, as long as the committed one is right."""
    made = generated(path, editions).read_bytes()
    file = course.ROOT / "notebooks" / path.parent.name / path.name
    if not file.exists() or file.read_bytes() != made:
        committed = ["git", "show", f"HEAD:notebooks/{path.parent.name}/{path.name}"]
        result = subprocess.run(committed, cwd=course.ROOT, capture_output=True)
        assert result.stdout == made, f"{file} is not made from its master: run `make release` and commit"


def test_no_release_is_left_over():
    masters = {path.relative_to(course.ROOT / "solutions") for path in course.MASTERS}
    releases = {path.relative_to(course.ROOT / "notebooks") for path in (course.ROOT / "notebooks").glob("*/*.ipynb")}
    assert masters, "there is no notebook in solutions/"
    assert releases <= masters, f"{releases - masters} has no master"


@every_master
def test_release_made_in_memory_is_the_same(path, editions):
    assert course.release(path) == course.read(generated(path, editions))


@every_master
def test_release_holds_no_answer_and_no_output(path, editions):
    text = generated(path, editions).read_text(encoding="utf-8")
    for marker in ("BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS", "MARK SCHEME"):
        assert marker not in text, f"{path.name} contains {marker!r}"
    for cell in course.release(path).cells:
        if cell.cell_type == "code":
            assert not cell.outputs and cell.execution_count is None, f"output in {path.name}: {cell.source[:60]!r}"


@every_master
def test_no_line_of_an_answer_or_hidden_test_reaches_the_release(path):
    """Compares line by line, so that an answer left outside its markers would show."""
    release = course.release(path)
    released = {line.strip() for cell in release.cells for line in cell.source.splitlines()}
    for cell in course.read(path).cells:
        if course.role(cell) == "solution":
            secret = re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", cell.source, re.DOTALL)
            assert secret, f"{course.grade_id(cell)} has no solution between markers"
        elif course.role(cell) == "manual":
            secret = [cell.source]
        elif course.role(cell) == "test":
            secret = course.HIDDEN.findall(cell.source)
        elif course.role(cell) == "locked":
            secret = re.findall(r"### BEGIN MARK SCHEME\n(.*?)### END MARK SCHEME", cell.source, re.DOTALL)
            assert secret, f"the question {course.grade_id(cell)} has no mark scheme"
        else:
            continue
        lines = {line.strip() for block in secret for line in block.splitlines() if len(line.strip()) > 20}
        # What a hidden test says that a visible one says too is no secret.
        lines -= {line.strip() for other in course.cells(course.read(path), "test", "story")
                  for line in course.visible(other.source).splitlines()}  # fmt: skip
        assert not lines & released, f"{course.grade_id(cell)}: {lines & released} is in the release"


@every_master
def test_stub_and_solution_differ_only_where_they_should(path):
    release = course.release(path)
    master = course.read(path)
    assert [cell.id for cell in master.cells] == [cell.id for cell in release.cells]
    for ours, theirs in zip(master.cells, release.cells, strict=True):
        if course.role(ours) == "story":
            assert ours.source == theirs.source
        if course.role(ours) == "solution":
            region = re.compile(r"( *)### BEGIN SOLUTION\n.*?### END SOLUTION", re.DOTALL)
            stub = region.sub(r"\1# YOUR CODE HERE\n\1raise NotImplementedError()", ours.source)
            assert theirs.source == stub, f"{course.grade_id(ours)}: the stub is not the master without its answer"


@every_master
def test_untouched_release_fails_only_with_not_implemented_error_and_only_where_it_should(path, tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITS_BRIEF", "yes")  # what the story trains well, nbval and the browser tests see
    notebook = course.release(path)
    client = NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}, allow_errors=True, timeout=120)
    client.execute()
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                assert output.ename == "NotImplementedError", f"{output.ename}: {output.evalue} in {cell.source[:80]!r}"
                assert course.role(cell) in ("solution", "test"), f"an error in the story: {cell.source[:80]!r}"
            assert output.get("name") != "stderr", f"{output.text!r} from {cell.source[:80]!r}"
    for cell in course.cells(notebook, "test"):
        assert any(output.output_type == "error" for output in cell.outputs), (
            f"{course.grade_id(cell)} passes although nothing is answered"
        )


@every_master
def test_story_uses_no_name_that_a_test_cell_binds(path):
    """A test cell may run in a kernel of its own, so nothing the story needs may come from it."""
    notebook = course.read(path)
    bound = set().union(*(course.bound_names(cell.source) for cell in course.cells(notebook, "test")))
    for cell in course.cells(notebook, "story", "solution"):
        if cell.cell_type == "code":
            clash = course.used_names(cell.source) & bound
            assert not clash, f"{sorted(clash)} of a test cell is used in {cell.source[:80]!r}"


@every_master
def test_test_cells_end_without_a_bare_expression(path):
    """nbgrader takes the value of a cell's last expression for its score."""
    for cell in course.cells(course.read(path), "test"):
        for source in (cell.source, course.visible(cell.source)):
            last = ast.parse(source).body[-1]
            is_call = isinstance(last, ast.Expr) and isinstance(last.value, ast.Call)
            assert is_call or not isinstance(last, ast.Expr), f"{course.grade_id(cell)} ends with an expression"
