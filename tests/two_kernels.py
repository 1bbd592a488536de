"""A student's kernel for tests of the bridge, as plain as one comes: no sandbox."""

from contextlib import contextmanager

from jupyter_client.manager import start_new_kernel

from grading.bridge import Student


class Notebook:
    """A notebook that runs: its cells in a kernel, and the examiner's end of the bridge to it."""

    def __init__(self, manager, client):
        self.connection_file = manager.connection_file
        self._client = client
        self.student = Student(self.connection_file)

    def cell(self, source, timeout=60):
        """Run a cell as JupyterLab does; None, or the type and the text of the error it ends with."""
        alone = {"store_history": False, "stop_on_error": False}
        reply = self._client.execute(source, reply=True, timeout=timeout, **alone)["content"]
        return None if reply["status"] == "ok" else (reply["ename"], reply["evalue"])

    def define(self, *sources):
        for source in sources:
            error = self.cell(source)
            assert error is None, error

    def functions(self, *names):
        """What stands in for functions of the notebook."""
        found = self.student.look(names, ())
        return found[names[0]] if len(names) == 1 else [found[name] for name in names]

    def value(self, name):
        return self.student.look((), (name,))[name]


@contextmanager
def notebook():
    manager, client = start_new_kernel(extra_arguments=["--log-level=CRITICAL"])
    try:
        opened = Notebook(manager, client)
        yield opened
        opened.student.close()
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
