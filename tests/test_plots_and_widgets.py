"""Figures carry their text, widgets answer to their sliders."""

import base64
import io
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

from shared import plots, widgets
from shared.reference.cross_entropy import cross_entropy
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


# The figures that have a function of their own


@pytest.fixture
def picture(displayed, monkeypatch):
    """Draw one figure; returns its alternative text and, for a look at what was drawn, its axes."""
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    drawn, show = [], plots.show
    monkeypatch.setattr(plots, "show", lambda figure, alt: (drawn.append(figure), show(figure, alt)))
    plt.close("all")

    def draw(function, *arguments, **options):
        displayed.clear()
        drawn.clear()
        function(*arguments, **options)
        ((data, metadata),) = displayed
        assert data["image/png"].startswith(b"\x89PNG")
        assert metadata["image/png"]["alt"] == data["text/plain"]
        assert not plt.get_fignums(), "a figure is left open"
        (figure,) = drawn
        return data["text/plain"], figure.axes

    return draw


@pytest.fixture
def digits():
    """37 images that are no digits, some labels missing: y has neither 3 nor 9."""
    rng = np.random.default_rng(1)
    return rng.integers(0, 256, (37, 28, 28), dtype=np.uint8), rng.choice([0, 1, 2, 4, 5, 6, 7, 8], 37).astype(np.uint8)


def numbers(text):
    return [float(number.replace(",", "")) for number in re.findall(r"-?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?", text)]


@pytest.mark.parametrize("indices", [[4, 0, 7, 7, 30, 36, 1], np.arange(6), range(2)])
def test_digit_grid_names_its_labels_row_by_row(picture, digits, indices):
    images, labels = digits
    alt, axes = picture(plots.digit_grid, images, labels, indices, columns=3)
    rows = re.findall(r"Row (\d+): ([\d, ]+)\.", alt)
    assert [int(number) for number, _ in rows] == list(range(1, len(rows) + 1))
    expected = [str(labels[i]) for i in indices]
    assert [label for _, row in rows for label in row.split(", ")] == expected
    assert all(len(row.split(", ")) == min(3, len(indices)) for _, row in rows[:-1])
    assert [ax.get_title() for ax in axes if ax.images] == expected
    for ax, i in zip(axes, indices, strict=False):
        np.testing.assert_array_equal(ax.images[0].get_array(), images[i])


def test_digit_grid_takes_flat_images_and_a_text_of_its_own(picture, digits):
    images, labels = digits
    alt, axes = picture(plots.digit_grid, images.reshape(-1, 784), labels, [5], alt="one image, for a change")
    assert alt == "one image, for a change" and len(axes) == 1


def test_class_counts_tells_the_largest_and_the_smallest_class(picture):
    y = np.repeat([0, 1, 2], [3, 1200, 40]).astype(np.uint8)
    alt, (ax,) = picture(plots.class_counts, y, num_classes=3)
    assert "1,243 images" in alt and "class 1 with 1,200" in alt and "class 0 with 3" in alt and "414.3" in alt
    assert [bar.get_height() for bar in ax.patches] == [3, 1200, 40]
    assert set(ax.lines[0].get_ydata()) == {1243 / 3}
    assert ax.get_title() == "Class 1 is the most common, class 0 the rarest"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("class", "images")


def test_class_counts_names_every_class_of_a_tie(picture):
    alt, _ = picture(plots.class_counts, np.array([0, 2, 2, 3, 3]), num_classes=6)
    assert "classes 2, 3 with 2" in alt and "classes 1, 4, 5 with 0" in alt


def test_mean_images_shows_the_classes_there_are(picture, digits):
    images, labels = digits
    images[labels == 6] = 255
    images[labels == 2] = 51
    alt, axes = picture(plots.mean_images, images, labels)
    assert [ax.get_title() for ax in axes if ax.images] == ["0", "1", "2", "4", "5", "6", "7", "8"]
    np.testing.assert_allclose(axes[4].images[0].get_array(), images[labels == 4].mean(axis=0))
    assert (
        "Class 6 has the brightest spot, 100 %" in alt and "the brightest spot of class 2 is the dimmest, 20 %" in alt
    )
    scaled, _ = picture(plots.mean_images, (images / 255).reshape(-1, 784), labels)
    assert scaled == alt


def test_surprise_marks_its_points(picture):
    alt, (ax,) = picture(plots.surprise, (1, 0.25, 1e-5))
    assert "0.00 nats at p = 1, 1.39 nats at p = 0.25, 11.51 nats at p = 1e-05" in alt
    assert [text.get_text() for text in ax.texts] == ["0.00", "1.39", "11.51"]
    assert "2.30 nats at p = 0.1" in picture(plots.surprise)[0]


def test_clipped_losses_tells_where_each_line_ends(picture):
    gaps = np.linspace(0, 200, 401)
    exact = gaps + np.log1p(np.exp(-gaps))
    rows = {
        "epsilon 1e-9": -np.log(np.exp(-exact) + 1e-9),
        "no epsilon": np.where(gaps < 104, exact, np.inf),
        "exact": exact,
    }
    alt, (ax,) = picture(plots.clipped_losses, gaps, rows)
    cap = re.search(r"epsilon 1e-9: rises to 20\.7 nats and stays there from a gap of about (\d+) on\.", alt)
    assert abs(int(cap[1]) - 20.7) < 3
    assert "no epsilon: inf from a gap of about 104 on." in alt
    assert "exact: rises to 200.0 nats." in alt
    assert ax.get_title() == "An epsilon caps the loss"
    styles = {line.get_label(): (line.get_color(), line.get_linestyle()) for line in ax.lines}
    assert styles["exact"] == (plots.BLACK, "--")
    others = [style for label, style in styles.items() if label != "exact"]
    assert len(set(others)) == 2 and all(colour in plots.OKABE_ITO[:-1] and line == "-" for colour, line in others)


def test_losses_and_slopes_tell_the_ends_and_the_finding(picture):
    p = np.geomspace(1e-4, 1, 50)
    curves = {"squared error": (1 - p) ** 2, "cross-entropy": -np.log(p)}
    slopes = {"squared error": -2 * p * (1 - p) ** 2, "cross-entropy": p - 1}
    alt, (left, right) = picture(plots.losses_and_slopes, p, curves, slopes)
    assert "squared error 1 and 0; cross-entropy 9.21 and 0." in alt
    assert "squared error 0.0002 and 0; cross-entropy 1 and 0." in alt
    assert "p = 0.0001 and p = 1" in alt
    assert left.get_title() == "Near p = 0, cross-entropy costs most"
    assert right.get_title() == "Near p = 0, cross-entropy pulls hardest"
    colours = [{line.get_label(): line.get_color() for line in ax.lines} for ax in (left, right)]
    assert colours[0] == colours[1]
    assert all(ax.get_xscale() == "log" and ax.get_xlabel() and ax.get_ylabel() for ax in (left, right))


# The widgets


def label(explorer):
    """What a screen reader says about the picture."""
    found = re.findall(r'role="img" aria-label="([^"]*)"', explorer.children[-1].value)
    assert len(found) == 1
    return found[0]


def heights(explorer):
    return [float(number) for number in re.findall(r"class \d ([\d.]+)", label(explorer))]


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


def controls(browser):
    """Label, index, and the two buttons."""
    chosen, row, _ = browser.children
    return chosen, *row.children


def test_browser_leaves_through_one_label(digits):
    images, labels = digits
    plt.close("all")
    browser = widgets.digit_browser(images, labels)
    chosen, place, previous, following = controls(browser)
    assert list(chosen.options) == ["all", *map(str, range(10))]
    assert previous.disabled and not following.disabled and place.max == 36

    chosen.value = "7"
    sevens = np.flatnonzero(labels == 7)
    assert len(sevens) > 2 and place.max == len(sevens) - 1
    seen = [label(browser)]
    for _ in sevens[1:]:
        assert not following.disabled
        following.click()
        seen.append(label(browser))
    assert following.disabled and not previous.disabled
    assert [numbers(text)[:2] for text in seen] == [[i, 7] for i in sevens]
    assert seen[1] == f"Image {sevens[1]}, a 7: the 2nd of {len(sevens)} sevens"
    following.click()  # a click that was on its way when the button was switched off
    assert label(browser) == seen[-1]
    previous.click()
    assert label(browser) == seen[-2]
    assert not plt.get_fignums(), "the widget leaves figures open"


def test_browser_begins_anew_with_another_label(digits):
    browser = widgets.digit_browser(*digits)
    chosen, place, previous, following = controls(browser)
    chosen.value = "1"
    place.value = 2
    chosen.value = "8"
    assert place.value == 0 and previous.disabled
    assert label(browser).endswith(f"the 1st of {(digits[1] == 8).sum()} eights") and ", an 8:" in label(browser)
    place.value = 1000  # typed by somebody who wants the last one
    assert following.disabled and label(browser).startswith(f"Image {np.flatnonzero(digits[1] == 8)[-1]},")
    chosen.value = "all"
    assert label(browser).startswith("Image 0,")


def test_browser_says_that_a_label_has_no_image(digits):
    browser = widgets.digit_browser(*digits)
    chosen, place, previous, following = controls(browser)
    place.value = 20
    chosen.value = "3"
    assert label(browser) == "No image has the label 3"
    assert place.disabled and previous.disabled and following.disabled
    previous.click()
    following.click()
    assert label(browser) == "No image has the label 3"
    chosen.value = "5"
    assert label(browser).endswith("fives") and not place.disabled and not following.disabled


def test_browser_of_nothing():
    browser = widgets.digit_browser(np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.uint8))
    assert label(browser) == "There are no images"
    assert all(control.disabled for control in controls(browser)[1:])


def test_browser_shows_the_pixels(digits):
    images, labels = digits
    for shape in ((37, 28, 28), (37, 784)):
        browser = widgets.digit_browser(images.reshape(shape), labels)
        controls(browser)[1].value = 11
        html = browser.children[-1].value
        png = base64.b64decode(re.search(r'src="data:image/png;base64,([^"]+)"', html)[1])
        shown = plt.imread(io.BytesIO(png))[:, :, :3]
        low, high = images[11].min(), images[11].max()
        expected = plt.get_cmap("cividis")((images[11] - float(low)) / (high - float(low)))[:, :, :3]
        np.testing.assert_allclose(shown, expected, atol=0.01)
        assert "image-rendering: pixelated" in html and f'alt="{label(browser)}"' in html


@pytest.mark.parametrize(
    "number, text", [(1, "1st"), (2, "2nd"), (3, "3rd"), (12, "12th"), (21, "21st"), (113, "113th")]
)
def test_browser_counts_in_english(number, text):
    labels = np.ones(120, np.uint8)
    browser = widgets.digit_browser(np.zeros((120, 784), np.uint8), labels)
    controls(browser)[1].value = number - 1
    assert label(browser) == f"Image {number - 1}, a 1: the {text} of 120 ones"


def test_loss_explorer_follows_its_slider():
    plt.close("all")
    explorer = widgets.loss_explorer(cross_entropy)
    slider, _ = explorer.children
    assert label(explorer) == "At p = 0.25 the loss is 1.386 nats: one in 4, slope −1/p = −4"
    expected = {
        1.0: "At p = 1 the loss is 0.000 nats: one in 1, slope −1/p = −1",
        0.9: "At p = 0.9 the loss is 0.105 nats: one in 1.11, slope −1/p = −1.11",
        0.01: "At p = 0.01 the loss is 4.605 nats: one in 100, slope −1/p = −100",
        1e-6: "At p = 0.000001 the loss is 13.816 nats: one in 1,000,000, slope −1/p = −1,000,000",
        0: "At p = 0 the loss is inf: never, slope −1/p = −inf",
    }
    drawings = set()
    for p, text in expected.items():
        slider.value = p
        assert label(explorer) == text
        drawings.add(explorer.children[-1].value)
    assert len(drawings) == len(expected)
    assert not plt.get_fignums(), "the widget leaves figures open"


def test_loss_explorer_goes_from_impossible_to_certain_in_round_steps():
    slider, _ = widgets.loss_explorer(cross_entropy).children
    labels, stops = zip(*slider.options, strict=True)
    assert stops[0] == 0 and stops[1] == 1e-6 and stops[-1] == 1
    assert list(stops) == sorted(set(stops))
    assert all(float(text) == stop and "e" not in text and len(text) <= 8 for text, stop in slider.options)
    assert len(set(labels)) == len(labels)
    assert max(np.diff(np.log(stops[1:]))) <= np.log(2.5) + 1e-9


def test_loss_explorer_shows_the_loss_it_is_given():
    """A loss with an epsilon is drawn and printed as it is, so that its cap can be seen."""
    asked = []

    def capped(P, Y):
        asked.append(P)
        assert P.shape == Y.shape == (1, 2) and Y.tolist() == [[1, 0]]
        return -np.log(P[0, 0] + 1e-3)

    explorer = widgets.loss_explorer(capped)
    count = len(asked)
    explorer.children[0].value = 0
    assert label(explorer).startswith("At p = 0 the loss is 6.908 nats")
    assert len(asked) == count + 1, "the curve stays the same, so it should not be computed again"
    np.testing.assert_allclose(np.sum(asked, axis=2), 1)
