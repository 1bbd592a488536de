"""The gradebook, opened once for a whole run, and one transaction for each step in place of one for each cell.

nbgrader opens the gradebook anew in each of its steps, looks whether all tables are there, and commits after every
cell. For a class that is most of what saving costs.
"""

import contextlib

from nbgrader.api import Gradebook
from nbgrader.converters import autograde
from nbgrader.preprocessors import latesubmissions

from grading import repair, scores

# Modules of nbgrader's and of ours whose steps open the gradebook, by this name.
OPENED_IN = (autograde, latesubmissions, repair, scores)


class Kept(Gradebook):
    """A gradebook that steps enter one after the other, as if each had opened it.

    What a step commits is sent, and stored when the step is over: all of it, or nothing if the step breaks. Between
    steps there is no connection, so whoever else opens the gradebook then can write, and a server may start anew.
    """

    def __init__(self, db_url, course_id):
        super().__init__(db_url, course_id)
        self.db.commit = self.db.flush
        self.close()

    def __exit__(self, kind, error, traceback):
        try:
            if kind is None:
                self.db().commit()
        finally:
            self.close()


@contextlib.contextmanager
def kept(db_url, course_id):
    """Let the steps that run in here have one gradebook.

    Parameters
    ----------
    db_url, course_id : str
    """
    gradebook = Kept(db_url, course_id)
    for module in OPENED_IN:
        module.Gradebook = lambda *_: gradebook
    try:
        yield
    finally:
        for module in OPENED_IN:
            module.Gradebook = Gradebook
