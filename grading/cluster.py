"""Grade a class with many workers: they read, repair and run submissions, one writer saves what comes of it.

The writer is nbgrader's own ``autograde``, of which all steps but one stay what they are: where it would run a
notebook, it takes what a worker has made of it. So scores, feedback and statuses are those of ``nbgrader autograde``,
in whatever order results come in. A submission that has not changed since it was graded is left alone.

The workers are Dask's. By default they are processes on this machine; a scheduler of Dask's can be named instead, and
its workers be anywhere, as long as they start in a copy of this course, with its environment.
"""

import contextlib
import os
import re
from pathlib import Path

import dask
import nbformat
from distributed import Client, KilledWorker, LocalCluster, WorkerPlugin, as_completed
from nbgrader.apps import AutogradeApp
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import AssignLatePenalties
from tqdm import tqdm
from traitlets import Integer, Unicode

from grading import fingerprint, working
from grading.release import MASTERS
from grading.sandbox import SandboxUnavailable
from grading.scores import HonestScores
from grading.statuses import finished

FINGERPRINT = "digits_fingerprint"  # in the metadata of an autograded notebook: of what it was made
AHEAD = 2  # submissions that wait at each worker, so that none waits for the writer
DEATHS = 1  # of workers that a submission may cause and still be tried again
SETTINGS = {
    "distributed.scheduler.allowed-failures": DEATHS,
    "distributed.worker.profile.enabled": False,
    "distributed.scheduler.worker-ttl": None,  # an exercise may keep a worker busy for long
}


class WorkerUnfit(RuntimeError):
    """A worker would not grade as this machine does."""


class EndWithTheWorker(WorkerPlugin):
    """Ends the kernels of a worker with it."""

    def teardown(self, worker):
        working.close()


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

    _again = False  # whether to grade what has not changed, too
    _made = None  # what a worker has made of the submission that is being saved

    def convert_notebooks(self):
        submissions = dict(sorted(self.assignments.items()))
        self._again, self.force = self.force, True
        fingerprints = {folder: self._fingerprint_of(folder) for folder in submissions}
        changed = [folder for folder in submissions if self._again or not self._is_graded(folder, fingerprints[folder])]
        print(f"{len(changed)} of {len(submissions)} submissions are to be graded.", flush=True)
        failed = []
        with tqdm(total=len(changed), unit=" submissions", disable=not changed) as bar:
            for folder, made in self._made_by_workers(changed):
                self._made = made, fingerprints[folder]
                self.assignments = {folder: submissions[folder]}
                try:
                    super().convert_notebooks()
                except NbGraderException:  # nbgrader has said why
                    failed.append(folder)
                bar.update()
        if failed:
            raise NbGraderException(f"{len(failed)} submissions could not be graded: {', '.join(failed)}")

    def convert_single_notebook(self, notebook_filename):
        resources = self.init_single_notebook_resources(notebook_filename)
        names = resources["nbgrader"]
        resources["output_extension"] = self.exporter.file_extension
        made, print_of_it = self._made
        if isinstance(made, Exception):
            raise made
        text, names["passed"], said = made[names["notebook"]]
        for level, sentence in said:
            about = "" if names["student"] in sentence else f"{names['student']}: "
            self.log.log(level, "%s%s", about, sentence)
        notebook = nbformat.reads(text, as_version=4)
        for step in (HonestScores, AssignLatePenalties):
            notebook, resources = step(parent=self).preprocess(notebook, resources)
        notebook.metadata[FINGERPRINT] = print_of_it
        self.write_single_notebook(nbformat.writes(notebook), resources)

    # What there is to do

    def _fingerprint_of(self, folder):
        names = self._names(folder)
        masters = (MASTERS / names["assignment"]).glob("*.ipynb")
        return fingerprint.of_submission(folder, masters, working.settings(self.config))

    def _is_graded(self, folder, print_of_it):
        names = self._names(folder)
        place = Path(self._output_directory, names["student"], names["assignment"])
        found = [finished(place / Path(path).name) for path in self.assignments[folder]]
        return bool(found) and all(each and each.get(FINGERPRINT) == print_of_it for each in found)

    def _names(self, folder):
        pattern = self._format_source("(?P<assignment>.*)", "(?P<student>.*)", escape=True)
        return re.fullmatch(pattern, folder).groupdict()

    # Who does it

    def _made_by_workers(self, folders):
        """Give each folder with what a worker has made of it, or the error why there is none, in any order."""
        if not folders:
            return
        waiting = iter(folders)
        with dask.config.set(SETTINGS), self._client() as client:
            settings = working.settings(self.config)

            def submit():
                for folder in waiting:
                    task = working.submission(folder, self._names(folder), self.assignments_of[folder])
                    return {client.submit(working.make, task, settings, pure=False, retries=0): folder}
                return {}

            self.assignments_of = dict(self.assignments)
            threads = sum(client.nthreads().values())
            running = {}
            for _ in range(AHEAD * threads):
                running |= submit()
            results = as_completed(running)
            for future in results:
                folder = running.pop(future)
                error = future.exception()
                yield folder, self._explained(error) if error else future.result()
                future.release()
                more = submit()
                running |= more
                results.update(more)

    @staticmethod
    def _explained(error):
        if isinstance(error, KilledWorker):
            return RuntimeError(f"{DEATHS + 1} workers have died of it")
        return error

    @contextlib.contextmanager
    def _client(self):
        with contextlib.ExitStack() as stack:
            if self.scheduler:
                client = stack.enter_context(Client(self.scheduler, timeout=30))
                self._check(client)
            else:
                workers = self.workers or os.cpu_count()
                cluster = LocalCluster(
                    n_workers=workers, threads_per_worker=1, dashboard_address=None, memory_limit=0, silence_logs=50
                )
                client = stack.enter_context(Client(stack.enter_context(cluster)))
            client.register_plugin(EndWithTheWorker())
            yield client

    @staticmethod
    def _check(client):
        """Refuse workers that have another grader."""
        prints = client.run(fingerprint.of_grader)
        others = [address for address, print_of_it in prints.items() if print_of_it != fingerprint.of_grader()]
        if not prints:
            raise WorkerUnfit("the scheduler has no workers; start some in a copy of this course: dask worker ADDRESS")
        if others:
            raise WorkerUnfit(f"another version of the course, or of its libraries, on the workers {', '.join(others)}")


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
    app = AutogradeApp.instance()  # `grading.handed_in` speaks through its log
    app.initialize([assignment, "--log-level=WARN", *options])
    app.coursedir.assignment_id = assignment
    converter = ParallelAutograde(coursedir=app.coursedir, parent=app, workers=workers, scheduler=scheduler)
    converter.force = force
    try:
        converter.start()
    except (NbGraderException, SandboxUnavailable, WorkerUnfit) as error:
        app.log.error("%s", error)
        return False
    return True
