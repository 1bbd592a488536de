"""The sliders of the notebooks. Beside each one, its notebook shows a still of the same thing."""

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np

from shared import plots


def softmax_explorer(softmax_temperature, logits=(2.0, 1.0, 0.0, -1.0)):
    """Sliders for logits and temperature above the probabilities they give.

    Parameters
    ----------
    softmax_temperature : callable
        As in notebook 2: ``(Z, temperature) -> P``.
    logits : sequence of float
        Where the sliders for the logits begin, each in [−5, 5].

    Returns
    -------
    explorer : ipywidgets.VBox
        Its last child is the picture, an ``ipywidgets.HTML``.
    """
    look = {"style": {"description_width": "110px"}, "layout": {"width": "420px"}}
    sliders = [
        ipywidgets.FloatSlider(logit, min=-5, max=5, step=0.25, description=f"logit z{k}", **look)
        for k, logit in enumerate(logits)
    ]
    # A logarithmic slider: halving and doubling a temperature are steps of the same size.
    temperature = ipywidgets.FloatLogSlider(1.0, base=10, min=-1, max=1, step=0.05, description="temperature T", **look)
    picture = ipywidgets.HTML()

    def draw(_=None):
        Z = np.array([[slider.value for slider in sliders]])  # (1, K)
        p = softmax_temperature(Z, temperature.value)[0]  # (K,)
        figure, ax = plt.subplots(figsize=(5, 2.6))
        plots.bars(ax, p, title=f"Softmax of z / T at T = {temperature.value:.2f}")
        for k, height in enumerate(p):
            ax.annotate(f"{height:.3f}", (k, height), ha="center", va="bottom")
        ax.set_ylim(0, 1.12)
        heights = ", ".join(f"class {k} {height:.3f}" for k, height in enumerate(p))
        picture.value = plots.svg(figure, alt=f"Bars of probabilities: {heights}")

    for slider in (*sliders, temperature):
        slider.observe(draw, names="value")
    draw()
    return ipywidgets.VBox([*sliders, temperature, picture])
