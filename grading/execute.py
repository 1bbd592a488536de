"""Run a submission in two kernels: the student's, in a sandbox, and the examiner's, where the test cells run.

The cells of a notebook run in their order, each in its own of the two kernels (see `grading.examiner`), test cells
without their hidden tests. When no cell of the student is left that could show what a hidden test has told it, the
hidden tests run, in silence; names then mean what they meant where the test stands. Cells of the story that no answer
rests on do not run at all (see `grading.story`).

In a student's own notebook the course's function stands in for one that is not right yet, so that no later exercise
suffers for it. The sandbox has none of these functions. But once an exercise has been graded, its function is lent to
the later ones, and those that had failed get this second chance.

What the student's kernel sends is read here, in the process that grades, so nothing that it sends is trusted: there is
a limit to how much comes in, and whatever goes wrong with it is a matter of that kernel alone. A kernel that dies
costs the exercise it died of; another one takes its place and runs again what had run before.
"""

import ast
import asyncio
import contextlib
import copy
import functools
import os
import re
import time

import nbformat
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbclient.util import run_sync
from nbformat.v4 import new_output
from nbgrader import preprocessors, utils
from traitlets import Bool, Integer

from grading import story, timing, warm
from grading.bridge import ENDED
from grading.examiner_kernel import ExaminerKernel
from grading.provisioner import StudentKernelManager
from grading.release import MASTERS
from grading.sandbox import what_is_lost
from grading.scores import exercise
from grading.statuses import STOPS
from grading.story import is_test

ATTEMPTS = 3  # to start a kernel
SUSPICIOUS = 0.3  # seconds after each cell that runs again, in which a kernel may end that the cell has doomed
MOST_SUSPICIOUS = 3  # seconds; so long it is, in steps, where that was too short
IMPATIENT = 5  # seconds for a cell of the student, once one has used up its time
HIDDEN = re.compile(r"^[^\n]*BEGIN HIDDEN TESTS.*?END HIDDEN TESTS[^\n]*\n?", re.DOTALL | re.MULTILINE)
LEFT_OUT = "\n… What this cell put out beyond this is left out.\n"
LENT = "This passes with the course's {} in place of yours.\n"

_examiner = ExaminerKernel()


def end_examiner():
    """End the examiner's kernel of this process; the next submission starts another."""
    _examiner.close()


class KernelStopped(Exception):
    """A kernel is no more, or might as well not be; the message says why.

    Attributes
    ----------
    puzzling : bool
        Whether it ended by itself. Then it may be a cell before that doomed it.
    """

    def __init__(self, why, puzzling=False):
        super().__init__(why)
        self.puzzling = puzzling


class Execute(preprocessors.Execute):
    """nbgrader's, in two kernels.

    The verdicts go to ``resources["nbgrader"]["passed"]``, a dict from grade id to bool. A test cell has passed when
    it ran to its end without an error, the hidden part too: a warning or a word on stderr is no error, and what never
    ran has not passed. Where the student's kernel stopped is told, a sentence each, in the notebook's metadata under
    ``digits_stops``.
    """

    sandboxed = Bool(
        True, help="Whether student code is isolated. False is for a class whose every member you trust."
    ).tag(config=True)
    whole_story = Bool(False, help="Whether cells run, too, that the course gives and no answer rests on.").tag(
        config=True
    )
    most_restarts = Integer(8, help="How often the kernel of a submission may be started again.").tag(config=True)
    most_seconds = Integer(900, help="How long a submission may take, all its kernels together.").tag(config=True)
    most_shown = Integer(1_000_000, help="How many characters of a cell's outputs are kept.").tag(config=True)
    most_sent = Integer(20_000_000, help="How many characters of outputs stop the kernel.").tag(config=True)

    # In a notebook the tag "skip-execution" keeps a cell from running; in a submission it must not.
    skip_cells_with_tag = ""
    record_timing = False  # the same submission is to give the same notebook
    # No widget is drawn from what a student's kernel sends, and none of its messages is answered.
    store_widget_state = False

    def preprocess(self, nb, resources, km=None):
        names = resources["nbgrader"]
        self._assignment = names["assignment"]
        self._master = (MASTERS / self._assignment / f"{names['notebook']}.ipynb").resolve()
        self._passed = names["passed"] = {}
        self._watch = timing.Stopwatch()
        self._stops = []
        self._over = None  # the sentence that says why nothing more is run
        self._end = time.monotonic() + self.most_seconds
        self._restarts, self._count, self._slow, self._pause = 0, 0, False, SUSPICIOUS
        self._ran, self._gave_up = [], set()  # cells and places that a new kernel has to pass; lost exercises
        modified = self._master.stat().st_mtime_ns
        self._defined = definitions(self._master, modified)
        # Without a sandbox no reference is withheld, and a story can bring one in.
        whole = self.whole_story or not self.sandboxed
        self._left_out = frozenset() if whole else story.left_out(nb.cells, self._master, modified)
        with self._watch.measure(timing.KERNELS):
            if self.sandboxed:
                warm.prepare()
            _examiner.prepare()  # both at a time
            try:
                nb, resources = super().preprocess(nb, resources)
            finally:
                _examiner.end()
        names["seconds"], names[timing.SINCE] = self._watch.seconds, time.perf_counter()
        nb.metadata.pop(STOPS, None)
        if self._stops:
            nb.metadata[STOPS] = self._stops
        return nb, resources

    # The student's kernel

    def create_kernel_manager(self):
        self._sent = 0
        if not self.sandboxed:
            self.log.warning(what_is_lost())
        options = {"sandboxed": self.sandboxed, "config": self.config, "log": self.log}
        self.km = StudentKernelManager(assignment=self._assignment, **options)
        return self.km

    def start_new_kernel_client(self):
        for attempts_left in reversed(range(ATTEMPTS)):
            try:
                client = super().start_new_kernel_client()
                break
            except RuntimeError:  # it died before it answered
                if not attempts_left:
                    raise
                self.km = self.create_kernel_manager()
                self.start_new_kernel()
        self.km.provisioner.seal()
        _examiner.begin(self._master, self.km.connection_file)
        self.km.readers = [os.getpid(), _examiner.process]
        return client

    @contextlib.contextmanager
    def setup_kernel(self, **kwargs):
        with super().setup_kernel(**kwargs):
            yield
            with self._watch.measure(timing.HIDDEN):
                self._examine_again()

    def _cleanup_kernel(self):
        if self.km is not None:
            super()._cleanup_kernel()
            self.km = self.kc = None

    def _stop(self, why=None):
        """Give the student's kernel up; give the error to raise. Without a reason it has ended by itself."""
        told = getattr(self.km.provisioner, "stopped_because", None)  # by a limit that was exceeded
        self._cleanup_kernel()
        return KernelStopped(told or f"The kernel was stopped: {why or 'it ended'}.", puzzling=not (told or why))

    def _blame(self, cell, stopped):
        """Note that the kernel stopped because of a cell."""
        self._stops.append(f"{_place(cell)}: {stopped}")
        self.log.error("%s: %s", self.resources["nbgrader"]["student"], self._stops[-1])

    def _need_kernel(self):
        """Have a kernel that ran what had run; after one that stopped, this is a new one.

        Raises
        ------
        KernelStopped
            If there is no time left, or too many have stopped.
        """
        while self._over is None and self.km is None and time.monotonic() < self._end:
            if self._restarts == self.most_restarts:
                self._over = f"Nothing more is run: the kernel stopped {self._restarts + 1} times."
                break
            self._restarts += 1
            with self._watch.measure(timing.KERNELS):
                self._start_again()
        if self._over is None and time.monotonic() >= self._end:
            self._over = f"Nothing more is run: the notebook took longer than {self.most_seconds} seconds."
        if self._over is not None:
            if self._over not in self._stops:
                self._stops.append(self._over)
            raise KernelStopped(self._over)

    def _start_again(self):
        """Start another kernel and run what had run; there is none afterwards if it stopped again."""
        self.km = self.create_kernel_manager()
        self.start_new_kernel()
        self.start_new_kernel_client()
        for cell, index in list(self._ran):
            if is_test(cell):
                _examiner.remember(_grade_id(cell))
                continue
            try:
                self._execute(copy.deepcopy(cell), index)
                time.sleep(self._pause)
                stopped = None if run_sync(self.km.is_alive)() else self._stop()
            except KernelStopped as error:
                stopped = error
                if error.puzzling and self._pause < MOST_SUSPICIOUS:  # it may have been the cell before
                    self._pause *= 4
                    return
            finally:
                self.nb.cells[index] = cell
            if stopped:
                self._blame(cell, stopped)
                self._ran.remove((cell, index))
                return

    def _execute(self, cell, index):
        """Run a cell in the student's kernel; give the name of the error that it ended with, or None."""
        try:
            self._execute_there(cell, index)
        except DeadKernelError:
            raise self._stop() from None
        except CellTimeoutError:  # its own interrupt did not help
            raise self._stop("nothing was heard of it, not even when it was interrupted") from None
        except Exception as error:  # whatever a stranger's messages provoke
            self.log.debug("a message could not be read", exc_info=True)
            raise self._stop(f"a message from it could not be read ({type(error).__name__})") from None
        return self._error

    def _execute_there(self, cell, index):
        """Run a cell in the kernel that `kc` leads to."""
        self._error, self._shown = None, 0
        super().preprocess_cell(cell, self.resources, index)

    # Cells

    def preprocess_cell(self, cell, resources, index):
        if cell.cell_type == "code":
            cell.execution_count, cell.outputs = None, []
            if index in self._left_out:
                return cell, resources
            with self._watch.measure(timing.VISIBLE if is_test(cell) else timing.CELLS):
                (self._examine if is_test(cell) else self._run)(cell, index)
            # Not what a kernel says it is.
            cell.execution_count = self._count = self._count + 1
        return cell, resources

    def _run(self, cell, index):
        """Run a cell of the student; once more where it was not this cell that ended the kernel."""
        for puzzling_is_final in (False, True):
            try:
                self._need_kernel()
            except KernelStopped as stopped:
                _show(cell, stopped)
                return
            try:
                error = self._execute(cell, index)
            except KernelStopped as stopped:
                if stopped.puzzling and not puzzling_is_final:
                    cell.outputs = []
                    continue
                self._blame(cell, stopped)
                _show(cell, stopped)
            else:
                if error == "CellTimeoutError":
                    self._slow = True
                else:
                    self._ran.append((cell, index))
            return

    def _examine(self, cell, index):
        """Run a test cell where it stands, without its hidden tests."""
        self._ran.append((cell, index))
        source, cell.source = cell.source, HIDDEN.sub("", cell.source)
        self._test(cell, index, lambda: _examiner.remember(_grade_id(cell)))
        cell.source = source

    def _examine_again(self):
        """Run the hidden part of test cells, or all of it where that could turn out better now."""
        failed = []  # exercises, in their order
        for index, cell in enumerate(self.nb.cells):
            if not is_test(cell):
                continue
            grade_id, own = _grade_id(cell), exercise(_grade_id(cell))
            earlier = [each for each in failed if each != own]
            if HIDDEN.search(cell.source) if self._passed[grade_id] else earlier:
                lent = [name for each in earlier for name in self._defined.get(each, ())]
                self._decide(cell, index, lent)
            if not self._passed[grade_id] and own not in failed:
                failed.append(own)

    def _decide(self, cell, index, lent):
        passed_before = self._passed[_grade_id(cell)]
        again = copy.deepcopy(cell)
        again.outputs = []
        answer = None if passed_before else self._answer_to(cell)
        self._test(again, index, lambda: _examiner.go_back(_grade_id(cell), lent, answer, self.timeout))
        self.nb.cells[index] = cell
        if not passed_before and self._passed[_grade_id(cell)]:
            cell.outputs = [new_output("stream", name="stdout", text=LENT.format(" and ".join(lent)))]
        elif passed_before:
            cell.outputs += [output for output in again.outputs if output.output_type == "error"]

    def _answer_to(self, cell):
        """The source of the cell in which a test's exercise is answered; what it computes may lack what is lent now."""
        own = exercise(_grade_id(cell))
        return next((each.source for each in self.nb.cells if _grade_id(each) == own), None)

    def _test(self, cell, index, prepare):
        """Run a test cell at the examiner and keep the verdict; once more if the student's kernel ended by itself."""
        grade_id = _grade_id(cell)
        for puzzling_is_final in (False, True):
            self._passed[grade_id], self._reply = False, None
            try:
                if exercise(grade_id) in self._gave_up:
                    raise KernelStopped("Not run: the kernel stopped in a test of this exercise.")
                self._need_kernel()
                with self._at_the_examiner(cell):
                    prepare()
                    self._execute_there(cell, index)
                self._passed[grade_id] = self._error is None
            except KernelStopped as stopped:
                _show(cell, stopped)
            lost = self.km is not None and _examiner.lost(self._reply)
            if not lost:
                break
            self._passed[grade_id] = False
            stopped = self._stop(None if lost.endswith(ENDED) else lost.partition(": ")[2])
            if puzzling_is_final or not stopped.puzzling:
                self._blame(cell, stopped)
                self._gave_up.add(exercise(grade_id))
                self._ran = [(ran, i) for ran, i in self._ran if exercise(_grade_id(ran) or "") != exercise(grade_id)]
                break
            cell.outputs = []
        for output in cell.outputs:
            if output.output_type == "error":
                output.traceback = output.traceback[-1:]  # the rest quotes the lines around, hidden tests as well

    @contextlib.contextmanager
    def _at_the_examiner(self, cell):
        students = self.km, self.kc
        self.km, self.kc = _examiner.km, _examiner.kc
        try:
            yield
        except (DeadKernelError, CellTimeoutError) as error:
            self.log.critical("the examiner stopped in the cell %r: %s", _grade_id(cell), error)
            self._stops.append(f"{_place(cell)}: the examiner did not come to an end.")
            _examiner.close()
            _examiner.begin(self._master, students[0].connection_file)
            raise KernelStopped("The test did not come to an end.") from None
        finally:
            self.km, self.kc = students

    # What comes from a kernel

    async def _async_check_alive(self):
        if self.kc is None:  # what nbclient left behind when the kernel before was given up
            raise asyncio.CancelledError
        await super()._async_check_alive()

    def _get_timeout(self, cell):
        of_the_student = cell is not None and not is_test(cell)
        return IMPATIENT if of_the_student and self._slow else super()._get_timeout(cell)

    def on_cell_executed(self, **kwargs):
        super().on_cell_executed(**kwargs)
        self._reply = kwargs["execute_reply"]["content"]
        self._error = None if self._reply["status"] == "ok" else str(self._reply.get("ename", "an error"))

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] != "status":
            size = len(str(msg["content"]))
            self._sent, self._shown = self._sent + size, self._shown + size
            if self._sent > self.most_sent and not is_test(cell):
                self.km.provisioner.abort(f"The kernel was stopped: it sent more than {self.most_sent:,} characters.")
                raise DeadKernelError  # whatever else it has sent
            if self._shown > self.most_shown:
                if self._shown - size <= self.most_shown:
                    cell.outputs.append(new_output("stream", name="stderr", text=LEFT_OUT))
                return None
        return super().process_message(msg, cell, cell_index)

    def handle_comm_msg(self, outs, msg, cell_index):
        """Widgets are not drawn."""


@functools.cache
def definitions(master, modified):
    """The functions that each exercise of a master defines: a dict from grade id to names."""
    cells = nbformat.read(master, as_version=4).cells
    return {
        _grade_id(cell): [node.name for node in ast.parse(cell.source).body if isinstance(node, ast.FunctionDef)]
        for cell in cells
        if cell.cell_type == "code" and utils.is_solution(cell)
    }


def _grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def _place(cell):
    """Which cell that is, for a reader."""
    if grade_id := _grade_id(cell):
        return f"In the cell {grade_id!r}"
    lines = [line for line in cell.source.splitlines() if line.strip()] or [""]
    return f"In the cell that begins with {lines[0][:60]!r}"


def _show(cell, stopped):
    name = type(stopped).__name__
    cell.outputs = [
        *cell.get("outputs", []),
        new_output("error", ename=name, evalue=str(stopped), traceback=[f"{name}: {stopped}"]),
    ]
