"""Widgets, which talk over comms, are opened without end."""

LIKE = "floods_with_display_updates"


def predict():
    from comm import create_comm

    for number in range(20_000):
        create_comm(target_name="jupyter.widget", data={"state": {"value": "x" * 1000, "number": number}})
