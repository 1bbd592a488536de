"""The set-up: one list of versions, a quick start, a configuration that is taken seriously."""

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib

import course
import pytest
import yaml

PYPROJECT = tomllib.loads((course.ROOT / "pyproject.toml").read_text())
LOCK = (course.ROOT / "requirements.txt").read_text()
ENVIRONMENT = yaml.safe_load((course.ROOT / "environment.yml").read_text())


def requirement_name(text):
    return re.split(r"[\s\[<>=!~;]", text.strip(), maxsplit=1)[0].lower().replace("_", "-")


def locked():
    """The lock as a dict from name to (version, marker) pairs."""
    versions = {}
    for name, version, marker in re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==(\S+)(?: ; (.*?))? \\$", LOCK, re.MULTILINE):
        versions.setdefault(name.lower().replace("_", "-"), []).append((version, marker))
    return versions


def run(*command, **kwargs):
    return subprocess.run(command, capture_output=True, text=True, **kwargs)


def test_every_dependency_is_a_range_and_is_locked():
    project = PYPROJECT["project"]
    extras = project["optional-dependencies"]
    versions = locked()
    for requirement in [*project["dependencies"], *extras["test"], *extras["author"]]:
        assert re.search(r"[<>]", requirement) and "==" not in requirement, f"{requirement}: give a range"
        assert requirement_name(requirement) in versions, f"{requirement} is not in the lock: run `make lock`"


def test_lock_satisfies_the_ranges():
    from packaging.requirements import Requirement

    extras = PYPROJECT["project"]["optional-dependencies"]
    for text in [*PYPROJECT["project"]["dependencies"], *extras["test"], *extras["author"]]:
        requirement = Requirement(text)
        for version, _ in locked()[requirement_name(text)]:
            assert version in requirement.specifier, f"the lock has {requirement.name} {version}, not {text}"


def test_every_locked_package_has_hashes():
    blocks = re.split(r"\n(?=\S)", LOCK)
    for block in blocks:
        if not block.startswith("#"):
            assert "--hash=sha256:" in block, f"no hash: {block.splitlines()[0]}"


def test_environment_yml_lists_python_pip_and_the_lock_and_nothing_else():
    assert ENVIRONMENT["name"] == PYPROJECT["project"]["name"]
    assert ENVIRONMENT["channels"] == ["conda-forge"]
    python, pip, from_pip = ENVIRONMENT["dependencies"]
    assert python == f"python{PYPROJECT['project']['requires-python']}" and pip == "pip"
    assert from_pip == {"pip": ["--require-hashes", "-r requirements.txt"]}


def test_pip_half_of_environment_yml_installs_as_conda_runs_it(tmp_path):
    """conda writes the pip entries to a requirements file in the same folder and hands that to pip."""
    shutil.copy(course.ROOT / "requirements.txt", tmp_path)
    entries = "\n".join(ENVIRONMENT["dependencies"][2]["pip"])
    (tmp_path / "condaenv.requirements.txt").write_text(entries)
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--dry-run", "--no-index", "-r"]
    result = run(*command, "condaenv.requirements.txt", cwd=tmp_path)
    # Everything is installed already, so without an index pip must find nothing left to do.
    assert result.returncode == 0, result.stderr
    assert "Would install" not in result.stdout


def test_installed_packages_are_the_locked_ones():
    for name, candidates in locked().items():
        if any(not marker for _, marker in candidates):
            assert importlib.metadata.version(name) in {version for version, _ in candidates}, name


def test_no_package_index_host_is_named():
    index = re.compile(r"https?://[^\s\"')]*(pypi|pythonhosted|registry\.npm|anaconda\.org|deb\.debian)", re.IGNORECASE)
    listing = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=course.ROOT)
    if listing.returncode:
        pytest.fail("not a git checkout, so nothing can be looked through")
    for name in filter(None, listing.stdout.split("\0")):
        path = course.ROOT / name
        if path.suffix not in (".gz", ".png") and path.is_file() and path != course.ROOT / "tests/test_environment.py":
            found = index.search(path.read_text(encoding="utf-8"))
            assert not found, f"{name} names a package index: {found[0]}"


def test_formats_of_notebooks_import_quickly():
    """jsonschema 4.25 and later compile some 35 grammars at import where rfc3987-syntax is installed."""
    code = "import nbformat, sys; assert 'rfc3987_syntax' not in sys.modules"
    assert run(sys.executable, "-c", code).returncode == 0
    assert "rfc3987-syntax" not in locked()


def test_kernel_has_one_blas_thread():
    result = run(sys.executable, "-m", "jupyter", "kernelspec", "list", "--json")
    spec = json.loads(result.stdout)["kernelspecs"]["python3"]
    assert spec["resource_dir"].startswith(sys.prefix), "the kernel of another environment is in the way"
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
        assert spec["spec"]["env"][variable] == "1"


def test_masters_ask_for_that_kernel():
    for path in course.MASTERS:
        assert course.read(path).metadata.kernelspec.name == "python3"


def test_packages_import_from_anywhere(tmp_path):
    result = run(sys.executable, "-c", "import shared.reference.softmax, grading.repair", cwd=tmp_path)
    assert result.returncode == 0, result.stderr


def test_shared_does_not_import_grading_and_nothing_imports_tests():
    for path in (course.ROOT / "shared").rglob("*.py"):
        assert not re.search(r"^\s*(from|import) (grading|tests)\b", path.read_text(), re.MULTILINE), path
    for path in (course.ROOT / "grading").rglob("*.py"):
        assert not re.search(r"^\s*(from|import) tests\b", path.read_text(), re.MULTILINE), path


def test_make_alone_explains_every_target():
    result = run("make", "--no-print-directory", cwd=course.ROOT)
    assert result.returncode == 0
    makefile = (course.ROOT / "Makefile").read_text()
    targets = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())
    explained = set(re.findall(r"^  make (\S+)\s+\S", result.stdout, re.MULTILINE))
    assert explained == targets


def test_make_lab_starts_what_the_browser_tests_start():
    commands = run("make", "--no-print-directory", "--dry-run", "lab", cwd=course.ROOT).stdout.splitlines()
    assert commands[-1].strip() == "jupyter lab --config=jupyter_config.py"
    assert '"lab", "--config=jupyter_config.py"' in (course.ROOT / "tests" / "test_browser.py").read_text()


def test_nbgrader_configuration_is_one_line_that_loads_the_other():
    (line,) = (course.ROOT / "nbgrader_config.py").read_text().strip().splitlines()
    assert line.startswith('load_subconfig("jupyter_config.py")')


@pytest.mark.parametrize("mistake", ["c.CourseDirectory.root = nowhere", "raise OSError('broken')"])
def test_broken_configuration_stops_nbgrader(tmp_path, mistake):
    shutil.copy(course.ROOT / "nbgrader_config.py", tmp_path)
    text = (course.ROOT / "jupyter_config.py").read_text()
    broken = text.replace("def configure(c):\n", f"def configure(c):\n    {mistake}\n")
    assert broken != text
    (tmp_path / "jupyter_config.py").write_text(broken)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TRAITLETS")}
    result = run(sys.executable, "-m", "nbgrader", "list", cwd=tmp_path, env=environment)
    assert result.returncode != 0, "nbgrader went on with its defaults"
    assert "jupyter_config.py" in result.stderr


def test_bare_nbgrader_uses_the_folders_of_the_course():
    code = (
        "from nbgrader.apps import NbGrader; from nbgrader.coursedir import CourseDirectory\n"
        "app = NbGrader(); app.initialize([]); course = CourseDirectory(parent=app)\n"
        "print(course.root, course.source_directory, course.release_directory)"
    )
    result = run(sys.executable, "-c", code, cwd=course.ROOT)
    assert result.stdout.split() == [str(course.ROOT), "solutions", "notebooks"], result.stderr


def test_style_of_modules_and_notebooks():
    for command in (["check"], ["format", "--check"]):
        result = run(sys.executable, "-m", "ruff", *command, cwd=course.ROOT)
        assert result.returncode == 0, result.stdout
