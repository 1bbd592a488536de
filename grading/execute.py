"""Run a submission, and note which of its test cells passed."""

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_output
from nbgrader import preprocessors

ATTEMPTS = 3  # to start a kernel


class Execute(preprocessors.Execute):
    """nbgrader's, which also keeps a verdict for each test cell and outlives the kernel.

    The verdicts go to ``resources["nbgrader"]["passed"]``, a dict from grade id to bool. A cell has passed when it ran
    to its end without an error: a warning or a word on stderr is no error, and a cell that never ran has not passed.
    """

    # In a notebook the tag "skip-execution" keeps a cell from running; in a submission it must not.
    skip_cells_with_tag = ""

    def preprocess(self, nb, resources, km=None):
        self._stopped = None
        resources["nbgrader"]["passed"] = {}
        return super().preprocess(nb, resources, km)

    def start_new_kernel_client(self):
        for attempts_left in reversed(range(ATTEMPTS)):
            try:
                return super().start_new_kernel_client()
            except RuntimeError:  # it died before it answered: two that start at once may draw the same port
                if not attempts_left:
                    raise
                self.km = self.create_kernel_manager()
                self.start_new_kernel()

    def preprocess_cell(self, cell, resources, index):
        if cell.cell_type != "code":
            return cell, resources
        cell.execution_count = None
        if self._stopped is None:
            try:
                cell, resources = super().preprocess_cell(cell, resources, index)
            except (DeadKernelError, CellTimeoutError) as error:
                self._stopped = f"{type(error).__name__}: the kernel stopped in this cell"
                self.log.error("cell %d: %s", index, self._stopped)
        if self._stopped is not None:
            name, _, text = self._stopped.partition(": ")
            cell.outputs = [
                *cell.get("outputs", []),
                new_output("error", ename=name, evalue=text, traceback=[self._stopped]),
            ]
            self._stopped = f"{name}: the kernel stopped in a cell above"

        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id:
            for output in cell.outputs:
                if output.output_type == "error":
                    output.traceback = output.traceback[-1:]  # the rest quotes the lines around, hidden tests as well
            failed = any(output.output_type == "error" for output in cell.outputs)
            resources["nbgrader"]["passed"][grade_id] = cell.execution_count is not None and not failed
        return cell, resources
