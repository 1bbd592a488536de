"""What has become of a submission, in a word or two.

The word follows from what lies in the course and in the gradebook, and is stored nowhere: from the folder with what
was handed in, from the metadata of the autograded notebook, and from whether an answer waits to be read. An autograded
notebook counts once the last step of grading has marked it, so what a run left half done is never taken for graded.
"""

import json
import os
from pathlib import Path
from typing import NamedTuple

GRADED = "graded"
REPAIRED = "repaired"  # graded, after its form was mended; the notes say how
WAITS = "waits to be read"  # graded, but for an answer that a human has to read
STOPPED = "stopped"  # graded, but its kernel died or ran out of time
NO_NOTEBOOK = "no notebook"  # what was handed in is no notebook, and has no points
FAILED = "failed"  # grading itself broke, or was interrupted; its points mean nothing
NOT_GRADED = "not graded"  # handed in, and not graded yet
NOTHING = "nothing handed in"

# In the metadata of an autograded notebook.
FINISHED = "digits_graded"  # true once its scores are saved
BLANK = "digits_no_notebook"  # why the release stands in for what was handed in
REPAIRS = "digits_repairs"  # what was mended, a sentence each
STOPS = "digits_stops"  # where its kernel stopped, a sentence each; `grading.execute` writes them

TAIL = 1 << 16  # bytes; the metadata of a notebook stand at its end


class Status(NamedTuple):
    """What has become of a submission.

    Attributes
    ----------
    word : str
        One of the words of this module.
    notes : list of str
        A sentence each: what was mended in its form, and where its kernel stopped.
    """

    word: str
    notes: list


def status(folder, assignment, student, waits=None):
    """The status of a submission.

    Parameters
    ----------
    folder : path
        The course, with ``submitted/`` and ``autograded/``.
    assignment, student : str
    waits : bool, optional
        Whether the gradebook says that an answer waits to be read; None if it knows of no submission.

    Returns
    -------
    Status
    """
    if waits is None:
        handed_in = Path(folder, "submitted", student, assignment)
        return Status(NOT_GRADED if os.path.lexists(handed_in) else NOTHING, [])
    found = [finished(path) for path in sorted(Path(folder, "autograded", student, assignment).glob("*.ipynb"))]
    if not found or None in found:
        return Status(FAILED, [])
    repairs, stops = ([note for metadata in found for note in metadata.get(key, [])] for key in (REPAIRS, STOPS))
    if any(BLANK in metadata for metadata in found):
        word = NO_NOTEBOOK
    elif stops:
        word = STOPPED
    elif waits:
        word = WAITS
    else:
        word = REPAIRED if repairs else GRADED
    return Status(word, repairs + stops)


def finished(path):
    """The metadata of an autograded notebook; None if its grading did not come to an end.

    Only the end of the file is read: a class of a thousand has half a gigabyte of notebooks.
    """
    try:
        with open(path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            for length in (TAIL, size):
                file.seek(max(0, size - length))
                # As nbformat writes it. Nothing inside of a cell stands this far to the left.
                _, found, tail = file.read().rpartition(b'\n "metadata": {')
                if found:
                    metadata = json.loads(b'{"metadata": {' + tail)["metadata"]
                    return metadata if metadata.get(FINISHED) is True else None
    except (OSError, ValueError, KeyError, AttributeError):
        pass
    return None
