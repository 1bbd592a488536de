"""One display is updated without end."""

from IPython.display import HTML, display


def predict():
    shown = display(HTML("0"), display_id="flood")
    for number in range(30_000):
        shown.update(HTML(str(number) * 200))
