"""What a class gets: the course without solutions, hidden tests, mark schemes and grading, as a folder and an archive.

The notebooks are made from the masters, so it does not matter what lies in `notebooks/`. Files that both editions have
are the same, less what stands between ``# BEGIN INSTRUCTOR`` and ``# END INSTRUCTOR`` in them.
"""

import re
import shutil
import subprocess
import time
import tomllib
import zipfile
from pathlib import Path

import nbformat

from grading.release import MASTERS, released

NAME = "digits-from-scratch"
BUILD = Path("build")

WHOLE = (
    "LICENSE",
    "environment.yml",
    "jupyterlab_settings.json",
    "nbgrader_config.py",
    "docs/images/map.svg",
    "tools/debian-packages",
)
README = "tools/student_edition/README.md"

# In the lock, "# via NAME", or "# via" and a line "#   NAME" each.
_VIA = re.compile(r"^    # (?:via|  )[ ]?([\w.-]+)", re.MULTILINE)
_INSTRUCTORS = re.compile(r"^[ \t]*# BEGIN INSTRUCTOR.*?^[ \t]*# END INSTRUCTOR[^\n]*\n", re.MULTILINE | re.DOTALL)


def make(build=BUILD):
    """Write the student edition; the working directory is the root of the course.

    Parameters
    ----------
    build : Path
        What lies there of an earlier edition is replaced.

    Returns
    -------
    folder, archive : Path
        The archive is the same to the byte for the same commit.
    """
    folder, archive = Path(build, NAME), Path(build, f"{NAME}.zip")
    if folder.exists():
        shutil.rmtree(folder)
    for name, content in files().items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        if _is_program(content):
            target.chmod(0o755)
    pack(folder, archive, _last_change())
    return folder, archive


def files():
    """The files of the student edition: a dict from path to bytes, in the order of paths."""
    found = {name: Path(name).read_bytes() for name in WHOLE}
    for path in _shared():
        found[path.as_posix()] = path.read_bytes()
    for master in MASTERS.glob("*/*.ipynb"):
        notebook = nbformat.writes(released(master.parent.name, master.stem)) + "\n"
        found[f"notebooks/{master.parent.name}/{master.name}"] = notebook.encode("utf-8")

    found["README.md"] = Path(README).read_bytes()
    texts = {
        "Makefile": _makefile(for_students(Path("Makefile").read_text(encoding="utf-8"))),
        "jupyter_config.py": for_students(Path("jupyter_config.py").read_text(encoding="utf-8")),
        "pyproject.toml": _pyproject(for_students(Path("pyproject.toml").read_text(encoding="utf-8"))),
        "tools/set-up": _runs_without_permission(Path("tools/set-up").read_text(encoding="utf-8")),
        "notebooks/README.md": _index(Path("notebooks/README.md").read_text(encoding="utf-8")),
    }
    texts["requirements.txt"] = lock_for(texts["pyproject.toml"], Path("requirements.txt").read_text(encoding="utf-8"))
    found |= {name: text.encode("utf-8") for name, text in texts.items()}
    return dict(sorted(found.items()))


def _shared():
    """What the package `shared` consists of, as pyproject.toml declares it; nothing that only happens to lie there."""
    declared = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    patterns = declared["tool"]["setuptools"]["package-data"]["shared"]
    yield from Path("shared").rglob("*.py")
    for pattern in patterns:
        yield from Path("shared").glob(pattern)


def for_students(text):
    """A file's text without the parts for instructors.

    Examples
    --------
    >>> for_students("a = 1\\n    # BEGIN INSTRUCTOR (why)\\n    b = 2\\n    # END INSTRUCTOR\\nc = 3\\n")
    'a = 1\\nc = 3\\n'
    """
    text = _INSTRUCTORS.sub("", text)
    if left := re.search(r".*(BEGIN|END) INSTRUCTOR.*", text):
        raise ValueError(f"every BEGIN INSTRUCTOR needs an END INSTRUCTOR, but there is {left[0].strip()!r} alone")
    return re.sub(r"\n{4,}", "\n\n\n", text).rstrip("\n") + "\n"


def _makefile(text):
    """The Makefile; what is no target of it any more is no phony one either."""
    targets = set(re.findall(r"^([\w-]+):", text, re.MULTILINE))
    text = re.sub(
        r"^(\.PHONY:)(.*)$",
        lambda line: " ".join([line[1], *(name for name in line[2].split() if name in targets)]),
        text,
        flags=re.MULTILINE,
    )
    return "".join(
        _runs_without_permission(line) if line.startswith("\t") else line for line in text.splitlines(keepends=True)
    )


def _runs_without_permission(text):
    """Shell commands that run our tools through `sh`: not everything that unpacks an archive makes files executable."""
    return re.sub(r"(?<=\s)(tools/[\w-]+)", r"sh \1", text)


def _pyproject(text):
    return _replaced(text, 'include = ["shared*", "grading*"]', 'include = ["shared*"]')


def _index(text):
    return _replaced(
        text,
        "This folder is generated from `solutions/`. Work in it freely; to start a notebook afresh, take it from the"
        " repository again.",
        "Work in this folder freely; to start a notebook afresh, take it from the archive again.",
    )


def _replaced(text, old, new):
    if text.count(old) != 1:
        raise ValueError(f"the student edition replaces {old!r}, which occurs {text.count(old)} times")
    return text.replace(old, new)


def lock_for(pyproject, lock):
    """The part of a lock that a project needs.

    Parameters
    ----------
    pyproject : str
        The project's pyproject.toml; its extras are not asked for.
    lock : str
        What uv has locked for a project that depends on more. It says of each package what brought it in.

    Returns
    -------
    lock : str
        The same entries, less those that nothing needs any more.
    """
    project = tomllib.loads(pyproject)["project"]
    direct = {_normal(re.match(r"[\w.-]+", requirement)[0]) for requirement in project["dependencies"]}
    entries = re.split(r"^(?=[a-zA-Z0-9])", lock, flags=re.MULTILINE)[1:]
    brought_in_by = [
        (_normal(re.match(r"[\w.-]+", entry)[0]), {_normal(name) for name in _VIA.findall(entry)}) for entry in entries
    ]
    needed, before = direct, None
    while needed != before:
        before = needed
        needed = needed | {name for name, parents in brought_in_by if parents & needed}
    return "".join(entry for entry, (name, _) in zip(entries, brought_in_by, strict=True) if name in needed)


def _normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def pack(folder, archive, seconds):
    """Pack a folder into a zip archive that depends on nothing but names, contents and a moment.

    Parameters
    ----------
    folder, archive : Path
    seconds : int
        Since 1970; the date that all files get.
    """
    date = time.gmtime(max(seconds, 315532800))[:6]  # zip knows no time before 1980
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            content = path.read_bytes()
            member = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}", date)
            member.create_system = 3  # Unix, whatever packs: only there are permissions kept
            member.external_attr = (0o100755 if _is_program(content) else 0o100644) << 16
            member.compress_type = zipfile.ZIP_STORED if path.suffix == ".gz" else zipfile.ZIP_DEFLATED
            target.writestr(member, content)


def _is_program(content):
    return content.startswith(b"#!")


def _last_change():
    """When the commit was made that is checked out, in seconds since 1970; 0 where there is no repository."""
    try:
        answer = subprocess.run(["git", "log", "-1", "--format=%ct"], capture_output=True, text=True, check=True)
        return int(answer.stdout)
    except (OSError, ValueError, subprocess.CalledProcessError):
        return 0
