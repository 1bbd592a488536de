"""Messages about outputs lack what they must have, or have it of another type."""

from IPython import get_ipython


def linear_forward():
    kernel = get_ipython().kernel
    for kind, content in (
        ("stream", {"name": "stdout"}),
        ("stream", {"name": 7, "text": ["a", None]}),
        ("display_data", {}),
        ("display_data", {"data": {"text/plain": {"a": float("nan")}, 7: 8}, "metadata": 9}),
        ("update_display_data", {"data": 7, "transient": 8}),
        ("execute_result", {"data": {"text/html": None}, "metadata": {}, "execution_count": "many"}),
        ("error", {"ename": 1, "evalue": None, "traceback": "none"}),
        ("error", {}),
        ("clear_output", {"wait": "no"}),
        ("comm_msg", {"comm_id": ["x"], "data": 5}),
        ("status", {"execution_state": ["idle"]}),
        ("execute_input", {"execution_count": {}}),
    ):
        kernel.session.send(kernel.iopub_socket, kind, content, parent=kernel.get_parent())


def predict():
    raise type("\ud800", (Exception,), {"__str__": lambda self: "half of a \udc00 pair"})
