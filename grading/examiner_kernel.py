"""The kernel in which test cells run, seen from the process that grades."""

import ast
import atexit

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from nbclient.util import run_sync

AT_ONCE = "import grading.examiner, shared.misconceptions, shared.plots, shared.widgets"  # what it needs soon
PATIENCE = 60  # seconds, until it must have answered
QUIET = ("--log-level=ERROR", "--HistoryManager.enabled=False")  # nobody will ask what ran in it
LOST = "__import__('grading.examiner').examiner.lost()"


class ExaminerClient(AsyncKernelClient):
    """Asks after each cell, in the same breath, whether the student's kernel is still there."""

    def execute(self, code, **options):
        return super().execute(code, **{"user_expressions": {"value": LOST}} | options)


class ExaminerKernel:
    """A kernel for `grading.examiner`.

    No student's code comes near it, so that one serves submission after submission. It starts when it is needed, and
    ends with this process.

    Attributes
    ----------
    km, kc : AsyncKernelManager, AsyncKernelClient
        None while it does not run.
    """

    km = kc = None

    @property
    def process(self):
        """The number of its process."""
        return self.km.provisioner.pid

    def prepare(self):
        """Let the kernel start while its caller does something else, for the second or two that it takes."""
        if self.km is None:
            run_sync(self._launch)()
            atexit.register(self.close)

    def begin(self, master, connection_file):
        """Examine a submission from now on.

        Parameters
        ----------
        master : Path
            The notebook with the test cells.
        connection_file : path
            Of the student's kernel.
        """
        self.prepare()
        if self.kc is None:
            run_sync(self._connect)()
        self._ask(f"examiner.begin({str(master)!r}, {str(connection_file)!r})")

    def end(self):
        """Forget the submission."""
        if self.kc is not None:
            self._ask("examiner.end()")

    def lost(self, reply):
        """The sentence that says why the student's kernel no longer answers; None while it does.

        Parameters
        ----------
        reply : dict or None
            The content of the reply to the request to run the last test cell, if there was one.
        """
        if reply is not None and reply["status"] == "ok":  # else the examiner was not asked
            return _value(reply)
        return self._ask("0", LOST)

    def remember(self, place):
        """Have the student's kernel keep what names mean at a place, see `grading.examiner.remember`."""
        self._ask(f"examiner.remember({place!r})")

    def go_back(self, place, lent, cell, seconds):
        """Have names mean what they meant at a place, see `grading.examiner.go_back`."""
        self._ask(f"examiner.go_back({place!r}, {list(lent)!r}, {cell!r}, {seconds})", patience=PATIENCE + seconds)

    def close(self):
        """End the kernel; the next `begin` starts another."""
        if self.km is not None:
            atexit.unregister(self.close)
            if self.kc is not None:
                self.kc.stop_channels()
            run_sync(self.km.shutdown_kernel)(now=True)
            self.km = self.kc = None

    def _ask(self, code, expression="None", patience=PATIENCE):
        """Run code of ours between two test cells, and give the value of an expression.

        Raises
        ------
        RuntimeError
            If either fails.
        """
        return run_sync(self._exchange)(code, expression, patience)

    async def _launch(self):
        self.km = AsyncKernelManager(kernel_name="python3", client_factory=ExaminerClient)
        await self.km.start_kernel(extra_arguments=[*QUIET, f"--IPKernelApp.exec_lines={AT_ONCE}"])

    async def _connect(self):
        self.kc = self.km.client()
        self.kc.start_channels()
        await self.kc.wait_for_ready(PATIENCE)

    async def _exchange(self, code, expression, patience):
        code = f"from grading import examiner; {code}"  # names are wiped between cells
        options = {"silent": True, "store_history": False, "stop_on_error": False, "allow_stdin": False}
        asked = {"user_expressions": {"value": expression}}
        reply = (await self.kc.execute(code, **options, **asked, reply=True, timeout=patience))["content"]
        return _value(reply)


def _value(reply):
    """The value of the expression that was asked for beside a cell."""
    value = reply.get("user_expressions", {}).get("value", reply)
    if value["status"] != "ok":
        raise RuntimeError(f"the examiner failed: {value.get('ename')}: {value.get('evalue')}")
    return ast.literal_eval(value["data"]["text/plain"])
