"""Run a submission in two kernels: the student's, in a sandbox, and the examiner's, where the test cells run.

Not yet what ``jupyter_config.py`` names: `grading.execute` still runs both kinds of cells in one kernel.
"""

import atexit
import contextlib

from jupyter_client.manager import AsyncKernelManager
from nbclient.util import run_sync
from nbgrader import utils
from traitlets import Bool

from grading.execute import Execute
from grading.provisioner import StudentKernelManager
from grading.release import MASTERS

PATIENCE = 60  # seconds, until a kernel of ours must have answered


class ExaminerKernel:
    """The kernel in which test cells run, see `grading.examiner`.

    No student's code comes near it, so that one serves submission after submission. It starts when it is needed, and
    ends with this process.
    """

    km = kc = None

    def begin(self, master, connection_file):
        """Examine a submission from now on.

        Parameters
        ----------
        master : Path
            The notebook with the test cells.
        connection_file : path
            Of the student's kernel.
        """
        if self.km is None:
            run_sync(self._start)()
            atexit.register(self.close)
        self.run(f"examiner.begin({str(master)!r}, {str(connection_file)!r})")

    def end(self):
        if self.km is not None:
            self.run("examiner.end()")

    def run(self, code):
        """Run code of ours between two test cells.

        Raises
        ------
        RuntimeError
            If it fails.
        """
        run_sync(self._run)(code)

    def close(self):
        if self.km is not None:
            self.kc.stop_channels()
            run_sync(self.km.shutdown_kernel)(now=True)
            self.km = self.kc = None

    async def _start(self):
        self.km = AsyncKernelManager(kernel_name="python3")
        await self.km.start_kernel(extra_arguments=["--log-level=ERROR"])
        self.kc = self.km.client()
        self.kc.start_channels()
        await self.kc.wait_for_ready(PATIENCE)

    async def _run(self, code):
        code = f"from grading import examiner; {code}"  # names are wiped between cells
        options = {"silent": True, "store_history": False, "stop_on_error": False, "allow_stdin": False}
        reply = (await self.kc.execute(code, **options, reply=True, timeout=PATIENCE))["content"]
        if reply["status"] != "ok":
            raise RuntimeError(f"the examiner failed: {reply.get('ename')}: {reply.get('evalue')}")


_examiner = ExaminerKernel()


class ExaminedExecute(Execute):
    """Runs solution and story cells in the student's kernel, and test cells in the examiner's."""

    sandboxed = Bool(True, help="Whether student code is isolated; False is for a class you trust.").tag(config=True)

    def preprocess(self, nb, resources, km=None):
        names = resources["nbgrader"]
        self._assignment = names["assignment"]
        self._master = (MASTERS / self._assignment / f"{names['notebook']}.ipynb").resolve()
        try:
            return super().preprocess(nb, resources, km)
        finally:
            _examiner.end()

    def create_kernel_manager(self):
        self.km = StudentKernelManager(assignment=self._assignment, sandboxed=self.sandboxed, config=self.config)
        return self.km

    def start_new_kernel_client(self):
        client = super().start_new_kernel_client()
        _examiner.begin(self._master, self.km.connection_file)
        return client

    def preprocess_cell(self, cell, resources, index):
        is_test = cell.cell_type == "code" and utils.is_grade(cell) and not utils.is_solution(cell)
        with self._at_the_examiner() if is_test else contextlib.nullcontext():
            return super().preprocess_cell(cell, resources, index)

    @contextlib.contextmanager
    def _at_the_examiner(self):
        students = self.km, self.kc
        self.km, self.kc = _examiner.km, _examiner.kc
        try:
            yield
        finally:
            self.km, self.kc = students
