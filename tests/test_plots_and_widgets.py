"""Figures carry their text, widgets answer to their sliders."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

from shared import plots, widgets
from shared.reference.softmax import softmax_temperature


@pytest.fixture
def displayed(monkeypatch):
    """What `plots.show` would display."""
    shown = []
    monkeypatch.setattr(plots, "display", lambda data, metadata, raw: shown.append((data, metadata)))
    return shown


def test_show_displays_a_png_with_its_text_and_closes_the_figure(displayed, monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    figure, _ = plt.subplots()
    plots.show(figure, alt="an empty pair of axes")
    ((data, metadata),) = displayed
    assert data["image/png"].startswith(b"\x89PNG") and data["text/plain"] == "an empty pair of axes"
    assert metadata["image/png"]["alt"] == "an empty pair of axes"
    assert not plt.fignum_exists(figure.number)


def test_show_draws_nothing_while_nbgrader_grades(displayed, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    plots.show(plt.figure(), alt="a figure that nobody looks at")
    assert displayed[0][0] == {"text/plain": "a figure that nobody looks at"}


def test_figure_without_a_text_is_refused():
    with pytest.raises(ValueError, match="alternative text"):
        plots.show(plt.figure(), alt="  ")


def test_palette_can_be_told_apart_in_grey_and_by_hue():
    assert len(set(plots.OKABE_ITO)) == 8
    plots.use_course_style()
    assert plt.rcParams["image.cmap"] == "cividis"
    assert [entry["color"] for entry in plt.rcParams["axes.prop_cycle"]] == list(plots.OKABE_ITO)


def test_simplex_points_of_probabilities_lie_in_the_triangle():
    points = plots.simplex_points(np.random.default_rng(0).dirichlet(np.ones(3), 100))
    x, y = points.T
    assert (y >= 0).all() and (y <= np.sqrt(3) * x + 1e-12).all() and (y <= np.sqrt(3) * (1 - x) + 1e-12).all()


def heights(explorer):
    label = re.search(r'aria-label="([^"]*)"', explorer.children[-1].value)[1]
    return [float(number) for number in re.findall(r"class \d ([\d.]+)", label)]


def test_explorer_follows_its_sliders():
    plt.close("all")
    explorer = widgets.softmax_explorer(softmax_temperature)
    *logits, temperature, _ = explorer.children
    Z = np.array([[slider.value for slider in logits]])
    np.testing.assert_allclose(heights(explorer), softmax_temperature(Z, 1.0)[0], atol=6e-4)
    temperature.value = 10
    np.testing.assert_allclose(heights(explorer), softmax_temperature(Z, 10.0)[0], atol=6e-4)
    logits[3].value = 5
    assert np.argmax(heights(explorer)) == 3
    assert not plt.get_fignums(), "the widget leaves figures open"
