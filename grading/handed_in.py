"""Look through what was handed in before nbgrader copies it.

nbgrader follows links, stops for everybody at one student's broken time stamp, waits for ever at a pipe, passes over a
student whose notebook lies one folder further down, and takes an autograded notebook for finished because it is there.
So everything that a run is about to grade is looked through first. Afterwards ``submitted/STUDENT/ASSIGNMENT`` is a
folder of regular files, with each notebook of the assignment in its place; where a student handed in none, a file
stands there that says so, and is graded like anything else that is no notebook.

Nothing is lost: what must not stay goes to ``left_out/STUDENT/ASSIGNMENT/``, and a link becomes a file that names where
it led.
"""

import contextlib
import filecmp
import fnmatch
import glob
import os
import re
import shutil
import stat
import tempfile
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.utils import parse_utc, rmtree
from traitlets.log import get_logger

from grading.astray import is_stub
from grading.reading import MOST_BYTES, PLACEHOLDER, NoNotebook, read
from grading.release import released
from grading.statuses import finished

LEFT_OUT = "left_out"  # in the course; never below submitted/, where every folder is a student
MOST_FILES = 500  # beside the notebooks; nbgrader takes a minute to look at ten thousand
MOST_STRAY_BYTES = 100_000_000  # all of them together
DEEPEST = 20  # folders in folders
IGNORED = (".ipynb_checkpoints", "__MACOSX")
# A browser may add another ending.
NOTEBOOK = re.compile(r"(?!\._).*\.ipynb(\.json|\.txt)?", re.IGNORECASE | re.DOTALL)


def look_through(converter):
    """Look through all submissions that a run of nbgrader is about to grade, and change the list of them accordingly.

    A failure concerns one submission alone: it is logged, the submission is not graded in this run, and its status is
    "failed".

    Parameters
    ----------
    converter : nbgrader.converters.Autograde
        Its ``assignments`` is the list: a dict from a submission's folder to its notebooks, all of them paths.
    """
    course = converter.coursedir
    pattern = course.format_path(course.submitted_directory, course.student_id, course.assignment_id)
    names = re.compile(
        course.format_path(course.submitted_directory, "(?P<student>.*)", "(?P<assignment>.*)", escape=True)
    )
    # `released` wants to be in the course; nbgrader goes there a little later.
    with contextlib.chdir(course.root):
        for folder in sorted({*glob.glob(pattern), *converter.assignments}):
            # At others nbgrader, or the gradebook, would stop.
            found = names.fullmatch(folder) if _can_be_stored(folder) else None
            if not found:
                get_logger().error("%r is not graded: there are signs in its name that are no text", folder)
                converter.assignments.pop(folder, None)
                continue
            student, assignment = found["student"], found["assignment"]
            stems = _stems(course, assignment)
            if not stems:
                continue  # nbgrader says that it does not know this assignment
            try:
                notebooks = prepare(Path(folder), assignment, stems, Path(course.root, LEFT_OUT, student, assignment))
                chosen = [path for path in notebooks if fnmatch.fnmatch(path.stem, course.notebook_id)]
                converter.assignments[folder] = [str(path) for path in chosen]
                _remove_unfinished(course, student, assignment, chosen)
            except Exception:
                get_logger().exception("%s cannot be graded", folder)
                converter.assignments.pop(folder, None)
                _enter_as_failed(course, student, assignment)


def prepare(folder, assignment, stems, left_out):
    """Make the folder of a submission one that nbgrader can grade.

    Parameters
    ----------
    folder : Path
        It is called as the student, and its parent ``submitted``, or what the configuration says.
    assignment : str
    stems : list of str
        The notebooks of the assignment, without their endings. The working directory is the course.
    left_out : Path
        Where to put what must not stay; made if needed.

    Returns
    -------
    notebooks : list of Path
        The files to grade, in the order of `stems`.
    """
    _make_folder(folder, stems)
    replace_links(folder)
    _check_time_stamp(folder, left_out)
    for stem in stems:
        place = folder / f"{stem}.ipynb"
        if place.is_dir():
            _rename(place, folder / f"{stem}.ipynb-folder")
    notebooks = [_find(folder, stem, stems, assignment, left_out) for stem in stems]
    _leave_out_too_much(folder, left_out)
    for path in notebooks:
        # nbgrader turns it into a date, which has a year of four digits.
        if not 0 <= path.stat().st_mtime < 4e9:
            os.utime(path)
    return notebooks


def _can_be_stored(name):
    try:
        name.encode()
    except UnicodeEncodeError:  # bytes that are no UTF-8
        return False
    return "\n" not in name


def _stems(course, assignment):
    masters = Path(course.format_path(course.source_directory, ".", assignment))
    return sorted(path.stem for path in masters.glob("*.ipynb"))


def _placeholder(path, sentence):
    """Write a file that says what was here; what is there is replaced and, if it is a link, not followed."""
    with _whole(path) as part:
        part.write_text(f"{PLACEHOLDER}{sentence}.\n", encoding="utf-8", errors="replace")
    get_logger().warning("%s: %s", path, sentence)


@contextlib.contextmanager
def _whole(path):
    """A file to write, which takes its place when it is complete."""
    descriptor, part = tempfile.mkstemp(prefix=".digits-", dir=path.parent)
    os.close(descriptor)
    try:
        yield Path(part)
        os.chmod(part, 0o644)
        os.replace(part, path)
    except BaseException:
        os.unlink(part)
        raise


def _is_placeholder(path):
    with open(path, "rb") as file:
        return file.read(len(PLACEHOLDER)) == PLACEHOLDER.encode()


# Links, pipes, files in the place of folders


def _make_folder(folder, stems):
    """See to it that the folder is one. Where a link led elsewhere, files in its place say where."""
    for path in (folder.parent, folder):
        if path.is_symlink():
            target = os.readlink(path)
            path.unlink()
            folder.mkdir(parents=True)
            for stem in stems:
                _placeholder(folder / f"{stem}.ipynb", _not_followed(target, f"the folder {path.name} was"))
    if not folder.is_dir():
        aside = _free(folder.with_name(f"{folder.name}-file"))
        folder.rename(aside)
        folder.mkdir()
        aside.rename(folder / folder.name)


def _not_followed(target, subject="this was"):
    return f"{subject} a link to {target!r}, and links are not followed"


def replace_links(folder):
    """Replace links, and whatever else is no file, by files that say what they were."""

    def needed(kind):
        return 0o700 if stat.S_ISDIR(kind) else 0o600

    for entry in _entries(folder):
        kind = entry.stat(follow_symlinks=False).st_mode
        if stat.S_ISLNK(kind):
            _placeholder(Path(entry.path), _not_followed(os.readlink(entry.path)))
        elif not stat.S_ISREG(kind) and not stat.S_ISDIR(kind):
            _placeholder(Path(entry.path), "this was no regular file, but a pipe, a socket or a device")
        elif kind & needed(kind) != needed(kind):  # an archive may bring files that even their owner must not read
            with contextlib.suppress(PermissionError):
                os.chmod(entry.path, stat.S_IMODE(kind) | needed(kind))


def _entries(folder):
    """All that is in a folder and in the folders in it, however deep, without following links."""
    waiting = [folder]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                yield entry


# What must not stay


def _move(path, folder, left_out):
    """Move something out of a submission."""
    target = _free(left_out / path.relative_to(folder))
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(path, target)
    get_logger().warning("%s is left out, and lies in %s", path, target)


def _free(path):
    """A path at which there is nothing yet: this one, or one with a number."""
    number, free = 1, path
    while os.path.lexists(free):
        number += 1
        free = path.with_name(f"{path.name}-{number}")
    return free


def _rename(path, target):
    path.rename(_free(target))


def _check_time_stamp(folder, left_out):
    """nbgrader ends itself at one that is no time."""
    path = folder / "timestamp.txt"
    if os.path.lexists(path):
        try:
            with open(path, encoding="utf-8") as file:
                text = file.read(200).strip()
            if text:
                parse_utc(text)
        except Exception:  # many kinds, from a foreign library
            _move(path, folder, left_out)


def _leave_out_too_much(folder, left_out):
    """Keep of the files beside the notebooks as many as are reasonable, small ones first."""
    folders = [path for path in folder.iterdir() if path.is_dir()]
    entries = [Path(entry.path) for entry in _entries(folder)]
    inside = [path for path in entries if path.parent != folder]
    if len(inside) > MOST_FILES or any(len(path.relative_to(folder).parts) > DEEPEST for path in inside):
        for path in folders:
            _move(path, folder, left_out)
        entries = [path for path in entries if path.parent == folder and path.exists()]
    files = [path for path in entries if path.is_file() and path.suffix != ".ipynb"]
    room = MOST_STRAY_BYTES
    for number, path in enumerate(sorted(files, key=lambda path: (path.stat().st_size, path))):
        room -= path.stat().st_size
        if number >= MOST_FILES or room < 0:
            _move(path, folder, left_out)


# Notebooks under other names


def _find(folder, stem, stems, assignment, left_out):
    """The file to grade as one of the assignment's notebooks; where it was called otherwise, a copy with its name."""
    place = folder / f"{stem}.ipynb"
    places = [folder / f"{each}.ipynb" for each in stems]
    others = [path for path in _notebooks_in(folder) if path not in places]
    if place.exists() and not _is_placeholder(place):
        if not others:
            return place
        copied = [path for path in others if filecmp.cmp(path, place, shallow=False)]
        best = _best(others, stem, assignment)
        if best is None or best in copied:
            return place
        # Either a copy that an earlier run has made of another file, or the release as it came, answered in a copy.
        if not copied and (_answers(place, stem, assignment)[1] or not _answers(best, stem, assignment)[1]):
            return place
        if not copied:
            _move(place, folder, left_out)
    else:
        best = _best(others, stem, assignment)
        # A file that cannot be read has no ids; if it is the only one, it must be meant.
        if best is None and len(others) == 1:
            best = others[0]
    if best is None:
        if not place.exists():
            _placeholder(place, f"no notebook for {assignment} was handed in")
        return place
    with _whole(place) as part:
        shutil.copyfile(best, part)
    get_logger().warning("%s is graded as %s.ipynb", best, stem)
    return place


def _notebooks_in(folder):
    """Files that are called like notebooks."""
    found = [Path(entry.path) for entry in _entries(folder) if entry.is_file(follow_symlinks=False)]
    return [
        path
        for path in found
        if NOTEBOOK.fullmatch(path.name) and not any(part in IGNORED for part in path.relative_to(folder).parts)
    ]


def _best(paths, stem, assignment):
    """The one that has the most of a notebook's cells, of these the one with most answers, of these the newest."""
    ranked = [(*_answers(path, stem, assignment), path.stat().st_mtime, path) for path in paths]
    ranked = [rank for rank in ranked if rank[0]]
    return max(ranked)[-1] if ranked else None


def _answers(path, stem, assignment):
    """How many cells of a notebook's release a file has, and how many of its solution cells are no longer stubs."""
    try:
        with open(path, "rb") as file:
            notebook, _ = read(file.read(MOST_BYTES + 1))
    except (NoNotebook, OSError):
        return 0, 0
    roles = {cell.metadata.nbgrader.grade_id: cell for cell in released(assignment, stem).cells if _grade_id(cell)}
    claimed = {_grade_id(cell): cell.source for cell in notebook.cells if _grade_id(cell) in roles}
    solutions = [grade_id for grade_id in claimed if roles[grade_id].metadata.nbgrader.solution]
    return len(claimed), sum(not is_stub(claimed[each], roles[each].source) for each in solutions)


def _grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


# Grading that did not come to its end


def _remove_unfinished(course, student, assignment, notebooks):
    """Let nbgrader grade again what an interrupted run has left half done; it would pass over it."""
    done = Path(course.format_path(course.autograded_directory, student, assignment))
    unfinished = [done / path.name for path in notebooks if finished(done / path.name) is None]
    if unfinished and done.is_dir():
        get_logger().warning("%s was not finished, and is graded again", done)
        if course.notebook_id == "*":
            rmtree(str(done))
        else:
            for path in unfinished:
                path.unlink(missing_ok=True)


def _enter_as_failed(course, student, assignment):
    """Let the gradebook know of a submission that could not be looked through; its status follows."""
    try:
        done = course.format_path(course.autograded_directory, student, assignment)
        if os.path.isdir(done):
            rmtree(done)
        with Gradebook(course.db_url, course.course_id) as gradebook:
            gradebook.update_or_create_student(student)
            gradebook.update_or_create_submission(assignment, student)
    except Exception:
        get_logger().exception("%s of %s cannot be entered into the gradebook", assignment, student)
