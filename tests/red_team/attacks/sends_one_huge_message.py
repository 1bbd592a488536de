"""One message about an output holds 300 MB, which whoever reads it has in memory several times."""

from IPython import get_ipython


def predict():
    kernel = get_ipython().kernel
    session = kernel.session
    message = session.msg("stream", parent=kernel.get_parent())
    parts = [session.pack(message[name]) for name in ("header", "parent_header", "metadata")]
    parts.append(b'{"name":"stdout","text":"' + bytes([120]) * 300_000_000 + b'"}')
    kernel.iopub_socket.send_multipart([b"stream", b"<IDS|MSG>", session.sign(parts), *parts])
