"""Grade a class with many workers: they read, repair and run submissions, one writer saves what comes of it.

The writer is nbgrader's own ``autograde``, of which all steps stay what they are but one: where it would run a
notebook, it takes what a worker has made of it. So scores, feedback and statuses are those of ``nbgrader autograde``,
in whatever order results come in. A submission that has not changed since it was graded is left alone.

The workers are Dask's. By default they are processes on this machine; a scheduler of Dask's can be named instead, and
its workers be anywhere, as long as they start in a copy of this course, with its environment.
"""

import contextlib
import gc
import itertools
import logging
import multiprocessing
import os
import re
import signal
import time
import warnings
from concurrent.futures import CancelledError
from multiprocessing import resource_tracker
from pathlib import Path

import dask
import nbformat
from dask.system import CPU_COUNT
from distributed import Client, KilledWorker, LocalCluster, wait
from distributed.utils import silence_logging_cmgr
from nbgrader.api import Assignment, Gradebook, SubmittedAssignment
from nbgrader.apps import AutogradeApp
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.utils import find_all_files
from sqlalchemy.exc import SAWarning
from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm
from traitlets import Integer, Unicode
from traitlets.utils.importstring import import_item

from grading import fingerprint, gradebook, timing, working
from grading.release import MASTERS
from grading.repair import ForgetScores
from grading.sandbox import SandboxUnavailable
from grading.statuses import finished
from grading.working import WorkerUnfit

FINGERPRINT = "digits_fingerprint"  # in the metadata of an autograded notebook: of what it was made
SCORES = "grading.scores.HonestScores"  # the first of nbgrader's steps that saves, and so is the writer's
AHEAD = 2  # submissions at each worker: one that runs, and one that waits, so that no worker waits for the writer
LOOSE = 50_000_000  # bytes; what Dask leaves of submissions are cycles, which are collected when they are that large
LOOK_EVERY = 30  # seconds; whether there are workers left
PATIENCE = 120  # seconds, until there must be a worker

SETTINGS = {
    "distributed.scheduler.allowed-failures": 0,  # see `ParallelAutograde._made_by_workers`
    "distributed.scheduler.worker-ttl": None,  # an exercise may keep a worker busy for long
    "distributed.scheduler.http.routes": [],  # nobody looks
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.worker.preload": ["grading.working"],
    "distributed.admin.large-graph-warning-threshold": "1GB",  # what is handed in may be large
    "distributed.admin.tick.interval": "1s",  # each second, not 50 times, it looks whether its loop still turns
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.admin.low-level-log-length": 10,  # each of a thousand messages would keep a submission in memory
}


class NoWorkers(RuntimeError):
    """There is nobody to grade; the message says what to do."""


class ParallelAutograde(Autograde):
    """nbgrader's, which leaves the running of notebooks to workers.

    Attributes
    ----------
    workers : int
        Processes on this machine; 0 for one a processor.
    scheduler : str
        The address of Dask's scheduler, such as ``tcp://10.0.0.1:8786``; then its workers are used.
    """

    workers = Integer(0)
    scheduler = Unicode()

    _made = None  # what a worker has made of the submission that is being saved, and the fingerprint of that
    _read = 0  # bytes of what was handed in, since Python has last looked for cycles

    def convert_notebooks(self):
        self._divide_steps()
        self._known = self._in_the_gradebook()
        again, self.force = self.force, True  # nbgrader is asked only for what is to be graded
        excluded = self.coursedir.student_id_exclude.split(",")
        submissions = {
            folder: notebooks
            for folder, notebooks in sorted(self.assignments.items())
            if self._names(folder)["student"] not in excluded
        }
        fingerprints = {folder: fingerprint.of_submission(folder, self._common) for folder in submissions}
        changed = [
            folder
            for folder, notebooks in submissions.items()
            if again or not self._is_graded(folder, notebooks, fingerprints[folder])
        ]
        print(f"{len(changed)} of {len(submissions)} submissions are to be graded.", flush=True)
        failed = []
        with (
            logging_redirect_tqdm([self.log]),
            tqdm(total=len(changed), unit=" submissions", disable=None if changed else True) as bar,
            contextlib.closing(self._made_by_workers(submissions, changed)) as all_made,
            gradebook.kept(self.coursedir.db_url, self.coursedir.course_id),
        ):
            for handler in self.log.handlers:  # the bar's own would let everything through
                handler.setLevel(self.parent.log_level)
            for folder, made in all_made:
                if self._read > LOOSE:
                    gc.collect()
                    self._read = 0
                self._made = made, fingerprints[folder]
                self.assignments = {folder: submissions[folder]}
                try:
                    super().convert_notebooks()
                except NbGraderException:  # nbgrader has said why
                    failed.append(self._names(folder)["student"])
                bar.update()
        if failed:
            self._give_up(f"Not graded, because grading failed: {', '.join(sorted(failed))}")

    def convert_single_notebook(self, notebook_filename):
        resources = self.init_single_notebook_resources(notebook_filename)
        names = resources["nbgrader"]
        names[timing.SINCE] = time.perf_counter()
        ForgetScores(parent=self).preprocess(None, resources)
        made, print_of_it = self._made
        if isinstance(made, Exception):
            raise made
        text, names["passed"], names["seconds"], said = made[names["notebook"]]
        for level, sentence in said:
            about = "" if names["student"] in sentence else f"{names['student']}: "
            self.log.log(level, "%s%s", about, sentence)
        notebook = nbformat.v4.reads(text)
        notebook.metadata[FINGERPRINT] = print_of_it
        # What nbgrader's exporter does, which copies the notebook and checks it around each step.
        for name in self._last_steps:
            notebook, resources = import_item(name)(parent=self.exporter)(notebook, resources)
        nbformat.validate(notebook, relax_add_props=True)
        resources["output_extension"] = self.exporter.file_extension
        self.write_single_notebook(nbformat.v4.writes(notebook) + "\n", resources)

    def _give_up(self, message):
        self.log.error(message)
        raise NbGraderException(message)

    # What there is to do

    def _divide_steps(self):
        """Divide nbgrader's steps into those of a worker and the last ones, which save."""
        steps = self.autograde_preprocessors
        steps = [step if isinstance(step, str) else f"{step.__module__}.{step.__qualname__}" for step in steps]
        if SCORES not in steps:
            self._give_up(f"c.Autograde.autograde_preprocessors: {SCORES} was expected among {steps}")
        first = steps.index(SCORES)
        self._options, self._last_steps = working.options(self.config, steps[:first]), steps[first:]
        assignment = self.coursedir.assignment_id
        self._grader = fingerprint.of_grader(MASTERS / assignment)
        self._beside_master = self._files_beside(str(MASTERS / assignment))
        for name in self.exclude_overwriting.get(assignment, ()):
            self._beside_master.pop(os.path.normpath(name), None)
        beside = fingerprint.of_files(path for _, path in sorted(self._beside_master.items()))
        self._common = fingerprint.digest_of(
            self._grader, sorted(self._beside_master), beside, self._options, self._last_steps
        )

    def _files_beside(self, folder):
        """What nbgrader copies of a folder: a dict from relative path to path."""
        found = sorted(find_all_files(folder, [*self.coursedir.ignore, "*.ipynb"]))
        return {os.path.relpath(path, folder): path for path in found}

    def _task(self, folder, notebooks):
        beside = self._files_beside(folder) | self._beside_master
        task = working.submission(self._names(folder), notebooks, beside)
        self._read += sum(map(len, (*task["notebooks"].values(), *task["beside"].values())))
        return task

    def _is_graded(self, folder, notebooks, print_of_it):
        names = self._names(folder)
        if names["student"] not in self._known:
            return False
        place = Path(self._format_dest(names["assignment"], names["student"]))
        found = [finished(place / Path(path).name) for path in notebooks]
        return all(each is not None and each.get(FINGERPRINT) == print_of_it for each in found)

    def _in_the_gradebook(self):
        """The students of whom the gradebook has a submission; it may be another than when they were graded."""
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as book:
            submissions = book.db.query(SubmittedAssignment.student_id).join(Assignment)
            return {row[0] for row in submissions.filter(Assignment.name == self.coursedir.assignment_id)}

    def _names(self, folder):
        pattern = self._format_source("(?P<assignment>.*)", "(?P<student>.*)", escape=True)
        return re.fullmatch(pattern, folder).groupdict()

    # Who does it

    def _made_by_workers(self, submissions, folders):
        """Give each folder with what a worker has made of it, or the error why there is none, in any order.

        A worker that dies has one submission that runs and others that wait. Which of them it died of shows when each
        runs once more, alone.
        """
        if not folders:
            return
        with self._client(len(folders)) as client:
            suspects = []
            for folder, made in self._made_by(client, submissions, folders):
                if isinstance(made, KilledWorker):
                    suspects.append(folder)
                else:
                    yield folder, made
            for suspect in suspects:
                for folder, made in self._made_by(client, submissions, [suspect]):
                    died = isinstance(made, KilledWorker)
                    yield folder, RuntimeError("two workers have died of it") if died else made

    def _made_by(self, client, submissions, folders):
        waiting, running = iter(folders), {}
        while True:
            room = AHEAD * sum(client.nthreads().values()) - len(running)
            chosen = list(itertools.islice(waiting, max(room, 0 if running else 1)))
            for folder in chosen:
                try:
                    task = self._task(folder, submissions[folder])
                except OSError as error:  # it is not there any more
                    yield folder, error
                    continue
                options = {"pure": False, "retries": 0}
                future = client.submit(working.make_as_worker, task, self._options, self._grader, **options)
                running[future] = folder
            if not running and not chosen:
                return
            if not running:
                continue
            future = _first_done(client, running)
            folder, error = running.pop(future), future.exception()
            if isinstance(error, WorkerUnfit | SandboxUnavailable):  # so it would be for the next one
                raise error
            yield folder, error or future.result()

    @contextlib.contextmanager
    def _client(self, most):
        with contextlib.ExitStack() as stack:
            stack.enter_context(dask.config.set(SETTINGS))
            stack.enter_context(silence_logging_cmgr(logging.CRITICAL))
            if self.scheduler:
                yield stack.enter_context(_connected(self.scheduler))
            else:
                yield stack.enter_context(_started(min(self.workers or CPU_COUNT, most)))


@contextlib.contextmanager
def _started(workers):
    """A client of as many workers on this machine."""
    # Whoever can talk to a scheduler can run code with its rights. This one listens to this machine alone, and with
    # `security` to nobody who lacks the certificate that it makes: other users of the machine can reach its port.
    options = {"threads_per_worker": 1, "memory_limit": 0, "silence_logs": logging.CRITICAL}
    no_pages = {"dashboard_address": "127.0.0.1:0", "scheduler_kwargs": {"dashboard": False}}
    with contextlib.ExitStack() as stack:
        with _no_interrupts_for_what_starts():
            cluster = stack.enter_context(LocalCluster(n_workers=0, security=True, **options, **no_pages))
            client = stack.enter_context(Client(cluster))
        try:
            cluster.scale(workers)
            client.wait_for_workers(1, timeout=PATIENCE)
            yield client
        except (KeyboardInterrupt, GeneratorExit):  # nobody waits for what they are at
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            for nanny in cluster.workers.values():
                nanny.auto_restart = False
            for process in multiprocessing.active_children():
                process.kill()
            raise


@contextlib.contextmanager
def _connected(scheduler):
    """A client of a scheduler that has workers."""
    try:
        client = Client(scheduler, timeout=LOOK_EVERY)
    except (OSError, ValueError) as error:
        raise NoWorkers(f"no scheduler of Dask's answers at {scheduler}: {error}") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=LOOK_EVERY)
        except TimeoutError:
            raise NoWorkers(f"{scheduler} has no workers; start some in a copy of this course") from None
        yield client


def _first_done(client, running):
    """One of the futures, as soon as it is done.

    Raises
    ------
    NoWorkers
        If the scheduler has gone, or all workers have for a while.
    """
    seen = time.monotonic()
    while True:
        try:
            return wait(list(running), timeout=LOOK_EVERY, return_when="FIRST_COMPLETED").done.pop()
        except TimeoutError:
            if client.nthreads():
                seen = time.monotonic()
            elif time.monotonic() - seen > PATIENCE:
                raise NoWorkers(f"no worker was left for {PATIENCE} seconds") from None
            elif client.cluster:  # Dask starts a worker anew, but not one that has died as it started
                client.cluster.scale(len(client.cluster.worker_spec))
        except (CancelledError, OSError):
            raise NoWorkers("the scheduler has gone; once there is one, the same command goes on from here") from None


@contextlib.contextmanager
def _no_interrupts_for_what_starts():
    """Block SIGINT in the threads that start in here, and so in the processes that these start.

    Ctrl-C reaches every process of a terminal. The writer answers; a worker only when it is ready to, see
    `grading.working.dask_setup`.
    """
    resource_tracker.ensure_running()  # whichever thread starts it has its signals unblocked
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def autograde(assignment, workers=0, scheduler="", force=False, options=()):
    """Grade what was handed in for an assignment.

    Parameters
    ----------
    assignment : str
        The working directory is the course.
    workers : int
        Processes; 0 for one a processor.
    scheduler : str
        An address of Dask's; then its workers are used.
    force : bool
        Whether to grade what has not changed, too.
    options : iterable of str
        For nbgrader, such as ``--Execute.timeout=60``.

    Returns
    -------
    bool
        Whether all submissions could be graded.
    """
    AutogradeApp.clear_instance()
    app = AutogradeApp.instance()  # through its log `grading.handed_in` speaks
    app.initialize([assignment, "--log-level=WARN", *options])
    app.coursedir.assignment_id = assignment
    converter = ParallelAutograde(coursedir=app.coursedir, parent=app, workers=workers, scheduler=scheduler)
    converter.force = force
    warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")
    gc.freeze()  # what is there by now stays
    try:
        converter.start()
    except NbGraderException:  # which it has logged
        return False
    except (SandboxUnavailable, WorkerUnfit, NoWorkers) as error:
        app.log.error("%s", error)
        return False
    finally:
        gc.unfreeze()
    return True
