"""Through the bridge comes a header that claims an array of 10 GB."""

import numpy as np
from IPython import get_ipython


def predict():
    session = get_ipython().kernel.session
    send = session.send

    def claim(stream, message, *args, **options):
        if message == "digits_reply":
            header = b'["d","value",["a","<f8",[1250000000],"C",true]]'
            options["buffers"] = [len(header).to_bytes(8, "little") + header]
        return send(stream, message, *args, **options)

    session.send = claim

    def predict(P):
        return np.zeros(len(P), int)
