"""Figures carry their text, widgets answer to their sliders."""

import base64
import io
import re
import time

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from shared import plots, widgets
from shared.reference.cross_entropy import cross_entropy
from shared.reference.softmax import softmax, softmax_temperature
from shared.reference.softmax_jacobian import softmax_jacobian


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


def test_picture_of_a_widget_is_empty_while_nbgrader_grades(monkeypatch):
    drawn = []
    for value in (None, "autograde"):
        monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
        if value:
            monkeypatch.setenv("NBGRADER_EXECUTION", value)
        figure, _ = plt.subplots()
        drawn.append(plots.svg(figure, alt="a pair of axes"))
        assert not plt.fignum_exists(figure.number)
    assert drawn[0].startswith('<svg role="img" aria-label="a pair of axes"') and "<path" in drawn[0]
    assert drawn[1] == '<svg role="img" aria-label="a pair of axes"></svg>'


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


@pytest.mark.parametrize(
    "value, text", [(0.225, "0.23"), (-0.1, "−0.10"), (-0.004, "0.00"), (-0.0, "0.00"), (1, "1.00")]
)
def test_two_decimals_have_no_negative_zero(value, text):
    assert plots.two_decimals(np.float64(value) + 1e-9) == text


def contrast(text, background):
    """The contrast of two colours as WCAG 2 defines it, from 1 to 21."""
    rgb = np.array([to_rgb(text), background[:3]])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    low, high = sorted(linear @ [0.2126, 0.7152, 0.0722] + 0.05)
    return high / low


def test_text_of_a_heat_map_can_be_read_on_every_colour():
    figure, ax = plt.subplots()
    values = np.append(np.linspace(0, 1, 41), np.nan)[np.newaxis]
    image = plots.heat_map(ax, values, [["x"] * 42], (0, 1))
    for text, value in zip(ax.texts, values[0], strict=True):
        background = image.to_rgba(value) if np.isfinite(value) else (1, 1, 1)
        assert contrast(text.get_color(), background) > 4.3, f"{text.get_color()} at {value}"
    plt.close(figure)


@pytest.mark.parametrize("shape", [(1, 3), (3, 3), (2, 4), (3, 4)])
def test_jacobians_print_every_entry_on_one_scale(picture, shape):
    Z = np.random.default_rng(0).normal(0, 2, shape)
    P = softmax_temperature(Z, 1.0)
    titles = [f"vector {'abc'[s]}" for s in range(len(P))]
    alt, axes = picture(plots.jacobians, softmax_jacobian, P, titles)
    *maps, bar = axes
    assert [ax.get_title() for ax in maps] == titles and bar.get_ylabel()
    assert {ax.images[0].get_clim() for ax in maps} == {(-0.25, 0.25)}
    for ax, p, title in zip(maps, P, titles, strict=True):
        J = softmax_jacobian(p)
        np.testing.assert_array_equal(ax.images[0].get_array(), J)
        printed = [float(text.get_text().replace("−", "-")) for text in ax.texts]
        np.testing.assert_allclose(np.reshape(printed, J.shape), J, atol=0.00501)
        assert "z_j" in ax.get_xlabel()
        size, i, j = re.search(rf"{title}: .*?in size is (\S+), in row (\d) and column (\d)\.", alt).groups()
        assert np.abs(J).max() == np.abs(J[int(i), int(j)]) and abs(float(size) - J[int(i), int(j)]) < 0.00501
    assert "p_i" in maps[0].get_ylabel()


def test_jacobians_of_a_vector_that_is_certain_and_of_one_that_is_wrong(picture):
    alt, _ = picture(plots.jacobians, softmax_jacobian, np.eye(3)[:1], ["sure"])
    assert "sure: probabilities 1.00, 0.00, 0.00; every entry is 0.00." in alt
    alt, (left, right, _) = picture(plots.jacobians, lambda p: -2 * np.diag(p), np.eye(3)[1:], ["one", "two"])
    assert left.images[0].get_clim() == right.images[0].get_clim() == (-2, 2)
    assert "one: probabilities 0.00, 1.00, 0.00; the largest entry in size is −2.00, in row 1 and column 1." in alt


@pytest.mark.parametrize("lucky", [False, True])
def test_difference_errors_find_the_valley_not_a_lucky_hit(picture, lucky):
    h = np.logspace(-1, -13, 49)
    errors = {"forward": h + 1e-16 / h, "central": h**2 / 60 + 1e-16 / h}
    if lucky:
        errors["central"][44] = 0  # the difference of two rounded numbers may be right by chance
    alt, (ax,) = picture(plots.difference_errors, h, errors)
    assert "forward: the best step is about 10 to the power −8." in alt
    assert "central: the best step is about 10 to the power −5." in alt
    assert "from 1e-13 to 1e-01" in alt
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log") and ax.get_xlabel() and ax.get_ylabel()
    assert ax.get_title() == "Too long a step truncates, too short a step rounds"
    marked = [line.get_xdata()[0] for line in ax.lines if len(line.get_xdata()) == 1]
    np.testing.assert_allclose(np.log10(marked), [-8, -4.84], atol=0.4)


def test_difference_errors_in_any_order_with_gaps(picture):
    h = np.logspace(-12, -1, 12)
    error = h + 1e-16 / h
    error[0] = np.nan
    error[-1] = np.inf
    alt, _ = picture(plots.difference_errors, h, {"forward": error})
    shuffled = np.random.default_rng(0).permutation(12)
    assert picture(plots.difference_errors, h[shuffled], {"forward": error[shuffled]})[0] == alt
    assert "forward: the best step is about 10 to the power −8." in alt


def test_growth_is_relative_and_its_text_the_same_on_every_machine(picture):
    sizes = [10, 100, 1000]
    slow = {"Jacobian": [2e-5, 2e-3, np.nan], "product": np.array([1e-5, 1e-4, 1e-3])}
    fast = {label: np.array(times) / 3 for label, times in slow.items()}
    alt, (ax,) = picture(plots.growth, sizes, slow)
    assert alt == picture(plots.growth, sizes, fast)[0]
    assert numbers(alt) == [10, 1000] and "Jacobian and product" in alt and "the slowest is: product" in alt
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [2, 200])
    np.testing.assert_allclose(ax.lines[1].get_ydata(), [1, 10, 100])
    guides = [line for line in ax.lines if line.get_linestyle() == ":"]
    slopes = [np.polyfit(np.log(line.get_xdata()), np.log(line.get_ydata()), 1)[0] for line in guides]
    np.testing.assert_allclose(slopes, [1, 2])
    assert ax.get_title() == "The Jacobian pays K times for the same answer"
    assert ax.get_ylabel() == "time, relative to the fastest"


def test_training_curves_tell_both_ends(picture):
    history = {"loss": np.array([2.3026, 0.5, 0.2794]), "accuracy": np.array([0.0987, 0.9, 0.9224])}
    alt, (left, right) = picture(plots.training_curves, history, "Three points")
    assert alt == (
        "Three points. The loss falls from 2.303 at epoch 0 to 0.279 at epoch 2. "
        "The accuracy rises from 9.9 % at epoch 0 to 92.2 % at epoch 2."
    )
    assert left.lines[0].get_xdata().tolist() == right.lines[0].get_xdata().tolist() == [0, 1, 2]
    np.testing.assert_allclose(right.lines[0].get_ydata(), 100 * history["accuracy"])
    assert all(tick == round(tick) for ax in (left, right) for tick in ax.get_xticks())
    assert "percent" in right.get_ylabel() and "nats" in left.get_ylabel() and left.get_xlabel() == "epoch"


def test_training_curves_of_one_epoch_and_of_a_run_that_broke(picture):
    alt, (left, _) = picture(plots.training_curves, {"loss": [0.5], "accuracy": [0.875]}, "One", start=1)
    assert "The loss is 0.500 at epoch 1. The accuracy is 87.5 % at epoch 1." in alt
    assert left.lines[0].get_marker() == "o", "a line of one point is invisible"
    history = {"loss": [2.3, np.inf, np.nan], "accuracy": [0.1, 0.2, 0.1]}
    alt, _ = picture(plots.training_curves, history, "Broken")
    assert "The loss goes from 2.300 at epoch 0 to nan at epoch 2." in alt
    assert "The accuracy is 10.0 % at epoch 0 and at epoch 2." in alt


def test_weight_templates_share_a_scale_and_name_the_strongest(picture):
    W = np.random.default_rng(0).uniform(-0.3, 0.3, (784, 10)).astype(np.float32)
    W[28 * 3 + 5, 7] = 0.5
    W[28 * 20 + 1, 2] = -0.75
    alt, axes = picture(plots.weight_templates, W)
    assert "for a class is 0.50, for class 7 at row 3, column 5" in alt
    assert "against a class is −0.75, for class 2 at row 20, column 1" in alt
    images = [ax.images[0] for ax in axes if ax.images]
    assert {image.get_clim() for image in images} == {(-0.75, 0.75)}
    for k, image in enumerate(images):
        np.testing.assert_array_equal(image.get_array(), W[:, k].reshape(28, 28))
    assert [ax.get_title() for ax in axes[:10]] == list("0123456789")
    assert "all of them are 0" in picture(plots.weight_templates, np.zeros((784, 10), np.float32))[0]


def test_confusion_matrix_counts_and_names_the_most_frequent(picture):
    pairs = [(4, 9)] * 32 + [(9, 4)] * 20 + [(0, 0)] * 1200 + [(5, 3)] * 7 + [(7, 7)] * 2 + [(1, 8)]
    y, predicted = np.random.default_rng(0).permutation(pairs).T.astype(np.uint8)  # 9 · 10 + 9 fits, more would not
    alt, (ax,) = picture(plots.confusion_matrix, y, predicted)
    assert ax.get_title() == "4 taken for 9 most often: 32 times"
    assert alt == (
        "Of 1,262 predictions 1,202 are right and lie on the diagonal. The most frequent confusions: "
        "4 taken for 9, 32 times; 9 taken for 4, 20 times; 5 taken for 3, 7 times."
    )
    printed = np.reshape([int(text.get_text()) for text in ax.texts], (10, 10))
    assert printed[4, 9] == 32 and printed[9, 4] == 20 and printed[1, 8] == 1 and printed[0, 0] == 1200
    assert printed.sum() == len(y)
    shown = ax.images[0].get_array()
    assert ax.images[0].get_clim() == (0, 32), "the diagonal should not set the scale"
    assert np.ma.getmaskarray(np.ma.masked_invalid(shown)).tolist() == np.eye(10, dtype=bool).tolist()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted class", "true class")


def test_confusion_matrix_of_few_and_of_no_mistakes(picture):
    y = np.array([0, 1, 2, 12], np.uint8)
    alt, (ax,) = picture(plots.confusion_matrix, y, np.array([1, 1, 2, 12]), num_classes=13)
    assert ax.get_title() == "0 taken for 1 most often: once" and alt.endswith("confusions: 0 taken for 1, once.")
    large = np.arange(200).astype(np.uint8) % 100  # as a byte, 99 · 100 would overflow
    alt, (ax,) = picture(plots.confusion_matrix, large[:40], large[:40], num_classes=40)
    assert ax.get_title() == "No class is taken for another"
    assert alt == "Of 40 predictions 40 are right and lie on the diagonal."


def test_confident_mistakes_come_with_the_surest_first(picture, digits):
    X, y = digits[0].reshape(-1, 784), np.array([8, 1, 2, 3, 4, 5] * 6 + [0])
    P = np.full((37, 10), 0.01, np.float32)
    P[np.arange(37), y] = 0.91
    P[[3, 6, 11]] = 0
    P[3, [3, 9]] = 0.4, 0.6
    P[6, [8, 4]] = 0.0004, 0.9996  # not certain, so not 100 %
    P[11, 2] = 1
    alt, axes = picture(plots.confident_mistakes, X, y, P)
    told = ["a 5, 100 % sure of 2", "an 8, 99 % sure of 4", "a 3, 60 % sure of 9"]
    assert alt == f"3 of 37 predictions are wrong. The most confident ones: {'; '.join(told)}."
    drawn = [ax for ax in axes if ax.images]
    assert [ax.get_title().replace("\n", " ") for ax in drawn] == told
    for ax, i in zip(drawn, (11, 6, 3), strict=True):
        np.testing.assert_array_equal(ax.images[0].get_array(), X[i].reshape(28, 28))
    alt, _ = picture(plots.confident_mistakes, X, y, P, count=1)
    assert alt == f"3 of 37 predictions are wrong. The most confident ones: {told[0]}."
    alt, _ = picture(plots.confident_mistakes, X[:3], y[:3], P[:3])
    assert alt == "0 of 3 predictions are wrong. There is none to show."


def test_learning_curves_find_the_best_and_those_that_go_astray(picture):
    runs = {
        10.0: np.array([2.3, 200.0, np.inf]),
        0.1: np.array([2.3, 0.6, 0.4]),
        1.0: np.array([2.3, 5.0, 0.5]),
        0.01: np.array([2.3, 1.9, 1.6]),
        100.0: np.full(3, np.nan),
    }
    alt, (ax,) = picture(plots.learning_curves, runs)
    assert ax.get_title() == "Learning rate 0.1 ends lowest; 1 rises above its start; 10 and 100 diverge"
    assert alt == (
        f"{ax.get_title()}. With 0.01 the loss falls from 2.30 at epoch 0 to 1.60 at epoch 2. "
        "With 0.1 the loss falls from 2.30 at epoch 0 to 0.40 at epoch 2."
    )
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["0.01", "0.1", "1", "10", "100"]
    assert ax.get_yscale() == "log" and ax.get_xlabel() == "epoch" and ax.get_ylabel() == "loss in nats"
    assert len({(line.get_color(), line.get_linestyle()) for line in ax.lines if line.get_marker() == "o"}) == 5


def test_learning_curves_tell_sixteen_rates_apart_and_take_lists(picture):
    runs = {2.0**-k: [3.0, 1.0 + k, 0.0] for k in range(14)}
    alt, (ax,) = picture(plots.learning_curves, runs, start=1)
    assert len({(line.get_color(), line.get_linestyle()) for line in ax.lines}) == 14
    assert all(line.get_color() in plots.OKABE_ITO for line in ax.lines)
    assert "at epoch 1" in alt and "at epoch 3" in alt
    assert picture(plots.learning_curves, {5.0: [2.0, np.inf]})[1][0].get_title() == "Learning rate 5 diverges"


CLOUDS = np.random.default_rng(2).uniform(0.1, 1, (200, 2)) * np.tile([[1, 1], [-1, 1], [-1, -1], [1, -1]], (50, 1))
EXCLUSIVE = (CLOUDS[:, 0] * CLOUDS[:, 1] < 0).astype(np.uint8)


def linear(points):
    return softmax(points @ np.array([[1.0, 0.0], [2.0, 0.0]]))


def bent(points):
    return softmax(np.column_stack([points[:, 0] * points[:, 1], 0 * points[:, 0]]))


def certain(points):
    return np.eye(4)[np.full(len(points), 3)]


def test_decision_regions_tell_who_separates_the_classes(picture):
    alt, axes = picture(plots.decision_regions, CLOUDS, EXCLUSIVE, {"softmax classifier": linear, "MLP": bent})
    rate = f"{100 * (linear(CLOUDS).argmax(axis=1) == EXCLUSIVE).mean():.0f} %"
    assert axes[0].figure.get_suptitle() == "Of 2 models only one separates the classes: MLP"
    assert [ax.get_title() for ax in axes] == [f"softmax classifier:\n{rate} right", "MLP:\n100 % right"]
    assert alt == (
        "Of 2 models only one separates the classes: MLP. 200 points in the plane, 100 of class 0 and 100 of class 1. "
        f"softmax classifier: {rate} right; it divides the plane between the classes 0 and 1, with straight borders. "
        "MLP: 100 % right; it divides the plane between the classes 0 and 1, with bent borders."
    )
    assert all(ax.get_xlabel() for ax in axes) and axes[0].get_ylabel()
    for ax, model in zip(axes, (linear, bent), strict=True):
        regions = ax.images[0].get_array()
        left, right, bottom, top = ax.images[0].get_extent()
        corners = np.array([[left, bottom], [right, bottom], [left, top], [right, top]])
        assert regions[[0, 0, -1, -1], [0, -1, 0, -1]].tolist() == model(corners).argmax(axis=1).tolist()
        drawn = np.concatenate([cloud.get_offsets() for cloud in ax.collections if len(cloud.get_offsets()) > 1])
        assert len(drawn) == 200 and (np.abs(drawn) < [right, top]).all()


def test_decision_regions_of_three_classes_and_of_a_model_with_one_answer(picture):
    y = np.arange(200) % 3
    models = {"all 3": certain, "one, two": lambda points: np.eye(3)[(points > 0).sum(axis=1)], "linear": linear}
    alt, (ax, *_) = picture(plots.decision_regions, CLOUDS, y, models)
    assert "67 of class 0, 67 of class 1 and 66 of class 2" in alt
    assert "all 3: 0 % right; it gives the whole plane to class 3." in alt
    assert "between the classes 0, 1 and 2, with bent borders." in alt
    assert ax.figure.get_suptitle().startswith("No model separates the classes; ")
    markers = {tuple(map(tuple, cloud.get_paths()[0].vertices)) for cloud in ax.collections}
    assert len(markers) == 3, "colour alone does not tell the classes"


@pytest.mark.parametrize("X", [np.zeros((5, 2)), [[1, 2], [1, 3]], [[0, 0], [1000, 1]]])
def test_decision_regions_of_points_in_a_heap_or_in_a_row(picture, X):
    alt, (ax,) = picture(plots.decision_regions, X, np.zeros(len(X), int), {"model": lambda Z: np.ones((len(Z), 2))})
    assert "model: 100 % right" in alt and ax.figure.get_suptitle() == "model separates the classes"


@pytest.mark.parametrize(
    "X, y, model, words",
    [
        (CLOUDS[:, :1], EXCLUSIVE, bent, r"X must have shape \(m, 2\), got \(200, 1\)"),
        (CLOUDS[:0], EXCLUSIVE[:0], bent, r"X must have shape \(m, 2\), got \(0, 2\)"),
        (CLOUDS, EXCLUSIVE[1:], bent, r"y must have shape \(200,\).*got \(199,\)"),
        (CLOUDS, EXCLUSIVE, lambda Z: Z[:, 0], r"shape \(200, K\).*got \(200,\) from 'wrong'"),
    ],
)
def test_decision_regions_say_what_does_not_fit(X, y, model, words):
    with pytest.raises(ValueError, match=words):
        plots.decision_regions(X, y, {"wrong": model})
    assert not plt.get_fignums()


STDS = {
    "He": [1.0, 0.9, 1.1, 0.87],
    "small": np.array([1, 0.01, 1e-4, 1.26e-9]),
    "large": [1, 12, 140, 1732],
    "zeros": [1, 0, 0, 0],
    "overflow": np.array([1, 1e30, np.inf, np.nan], np.float32),
}


def test_signal_by_layer_tells_who_keeps_it(picture):
    alt, (ax,) = picture(plots.signal_by_layer, STDS)
    assert ax.get_title() == "Only He keeps the signal's size"
    assert alt == (
        "Only He keeps the signal's size. The standard deviation of the activations, on a logarithmic axis. "
        "He: from 1.0 at the input to 0.87 at layer 3. small: from 1.0 at the input to 1.3 × 10⁻⁹ at layer 3. "
        "large: from 1.0 at the input to 1,700 at layer 3. "
        "zeros: 1.0 at the input, 0 from layer 1 on, where its line ends. "
        "overflow: 1.0 at the input, inf from layer 2 on, where its line ends."
    )
    assert ax.get_yscale() == "log" and "layer" in ax.get_xlabel() and ax.get_ylabel()
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == [*STDS, "within a factor of 3"]
    lines = {line.get_label(): line for line in ax.lines if line.get_label() in STDS}
    assert np.isfinite(lines["zeros"].get_ydata()).tolist() == [True, False, False, False]
    assert (
        len({line.get_color() for line in lines.values()}) == len({line.get_marker() for line in lines.values()}) == 5
    )
    assert [text.get_text() for text in ax.texts] == ["0"]


@pytest.mark.parametrize(
    "stds, title",
    [
        ({"a": [1, 2.9], "b": [0.3, 0.11], "c": [1, 3.1]}, "Only a and b keep the signal's size"),
        ({"a": [1, 1], "b": [2, 2]}, "All keep the signal's size"),
        ({"a": [1, 0.1], "b": [2, 0]}, "None keeps the signal's size"),
        ({"a": [1, 1]}, "a keeps the signal's size"),
        ({"a": [1, 9]}, "The signal does not keep its size"),
        ({"a": [0, 0]}, "The signal does not keep its size"),
        ({"a": [0, 0], "b": [0.5]}, "Only b keeps the signal's size"),
    ],
)
def test_signal_by_layer_counts_within_a_factor_of_three(picture, stds, title):
    assert picture(plots.signal_by_layer, stds)[1][0].get_title() == title


@pytest.mark.parametrize(
    "stds, words",
    [
        ({}, "at least one"),
        ({"a": []}, r"shape \(L \+ 1,\), got \(0,\) for 'a'"),
        ({"a": np.ones((2, 3))}, r"got \(2, 3\) for 'a'"),
        ({"a": [1], "b": [1, 2, -3]}, "not be negative, got -3.0 at layer 2 of 'b'"),
    ],
)
def test_signal_by_layer_says_what_does_not_fit(stds, words):
    with pytest.raises(ValueError, match=words):
        plots.signal_by_layer(stds)


def test_axis_of_signals_has_plain_numbers(picture):
    for values, expected in (([1, 1e-3], {"1", "0.1", "0.01", "0.001"}), ([1, 1e-12, 1e8], {"1,000", "10⁻⁹"})):
        _, (ax,) = picture(plots.signal_by_layer, {"a": values})
        low, high = ax.get_ylim()
        ticks = {
            text.get_text() for at, text in zip(ax.get_yticks(), ax.get_yticklabels(), strict=True) if low <= at <= high
        }
        assert ticks >= expected and len(ticks) <= 8


def test_hidden_weights_share_a_scale_and_tell_noise_from_strokes(picture):
    noise = np.random.default_rng(0).normal(0, 0.1, (784, 50)).astype(np.float32)
    noise[5, 3] = 0.75
    noise[6, 40] = 2.0  # not shown
    alt, axes = picture(plots.hidden_weights, noise)
    images = [ax.images[0] for ax in axes if ax.images]
    assert len(images) == 24 and {image.get_clim() for image in images} == {(-0.75, 0.75)}
    for k, image in enumerate(images):
        np.testing.assert_array_equal(image.get_array(), noise[:, k].reshape(28, 28))
    assert alt == (
        "Neighbouring weights are unrelated: noise, no strokes. The weights of the first 24 of 50 hidden units as "
        "images of 28 × 28 pixels, on one scale from −0.75 to 0.75. Where digits lie, the weights of neighbouring "
        "pixels have a correlation of 0.0."
    )
    rows, columns = np.indices((28, 28))
    waves = np.column_stack([np.sin(rows * k / 9 + columns / 5).ravel() for k in range(5)])
    alt, axes = picture(plots.hidden_weights, waves, count=9)
    assert alt.startswith("Neighbouring weights are alike: the units look for strokes. The weights of the first 5 of 5")
    assert alt.endswith("correlation of 1.0.") and axes[-1].get_ylabel() == "weight"
    alt, _ = picture(plots.hidden_weights, np.zeros((784, 3)))
    assert alt.startswith("Every weight is 0: the units see nothing.")
    assert len([ax for ax in picture(plots.hidden_weights, noise, count=1)[1] if ax.images]) == 1


@pytest.mark.parametrize("shape", [(28, 28), (784,), (784, 0)])
def test_hidden_weights_need_a_row_for_each_pixel(shape):
    with pytest.raises(ValueError, match=r"W must have shape \(784, n\), got \(" + str(shape[0])):
        plots.hidden_weights(np.zeros(shape))


RUNS = {
    "softmax classifier": {"loss": [2.3, 0.4, 0.3], "accuracy": [0.1, 0.88, 0.916]},
    "MLP": {"loss": np.array([2.4, 0.2, 0.0312, 0.0123]), "accuracy": np.array([0.09, 0.94, 0.97, 0.978])},
}


def test_compare_runs_tells_who_ends_best(picture):
    alt, (left, right) = picture(plots.compare_runs, RUNS)
    assert left.figure.get_suptitle() == "MLP ends with the highest accuracy, 97.8 %"
    assert alt == (
        "MLP ends with the highest accuracy, 97.8 %. "
        "softmax classifier: the loss falls from 2.3 at epoch 0 to 0.30 at epoch 2, "
        "the accuracy rises from 10.0 % at epoch 0 to 91.6 % at epoch 2. "
        "MLP: the loss falls from 2.4 at epoch 0 to 0.012 at epoch 3, "
        "the accuracy rises from 9.0 % at epoch 0 to 97.8 % at epoch 3."
    )
    assert left.get_yscale() == "log" and left.get_ylabel() == "loss in nats" and left.get_xlabel() == "epoch"
    assert right.get_ylabel() == "accuracy in percent" and right.get_xlabel() == "epoch"
    (legend,) = left.figure.legends
    assert [text.get_text() for text in legend.get_texts()] == list(RUNS)
    for ax in (left, right):
        assert [line.get_xdata().tolist() for line in ax.lines] == [[0, 1, 2], [0, 1, 2, 3]]
        assert len({line.get_color() for line in ax.lines}) == len({line.get_marker() for line in ax.lines}) == 2
    low, high = right.get_ylim()
    assert 85 < low < 88 and 97.8 < high < 100, "the untrained models should not set the range"


def test_compare_runs_of_one_of_two_that_tie_and_of_one_that_broke(picture):
    alt, (_, right) = picture(plots.compare_runs, {"only": {"loss": [0.5], "accuracy": [0.9]}}, start=1)
    assert alt.startswith("only ends with 90.0 % accuracy. only: the loss is 0.50 at epoch 1, the accuracy is")
    assert right.get_ylim()[0] < 90 < right.get_ylim()[1]
    tied = {name: {"loss": [1, 0], "accuracy": [0.5, accuracy]} for name, accuracy in (("a", 0.9), ("b", 0.90001))}
    alt, _ = picture(plots.compare_runs, tied)
    assert alt.startswith("a and b end with the highest accuracy, 90.0 %.") and "from 1.0 at epoch 0 to 0 at" in alt
    broken = {"broken": {"loss": [2.3, np.inf, np.nan], "accuracy": [0.1, 0.2, 0.098]}, "lost": {"loss": [np.nan] * 3}}
    broken["lost"]["accuracy"] = [0.1] * 3
    alt, (left, _) = picture(plots.compare_runs, broken)
    assert "broken: the loss is inf from epoch 1 on, the accuracy falls" in alt and "loss is nan from epoch 0 on" in alt
    assert [line.get_marker() for line in left.lines].count("X") == 1
    many = {str(k): RUNS["MLP"] for k in range(9)}
    _, (left, _) = picture(plots.compare_runs, many)
    assert len({(line.get_color(), line.get_linestyle(), line.get_marker()) for line in left.lines}) == 9


@pytest.mark.parametrize(
    "runs, words",
    [
        ({}, "at least one run"),
        ({"a": {"loss": [1, 2], "accuracy": [1]}}, "got 2 and 1 for 'a'"),
        ({"a": {"loss": [], "accuracy": []}}, "got 0 and 0 for 'a'"),
    ],
)
def test_compare_runs_says_what_does_not_fit(runs, words):
    with pytest.raises(ValueError, match=words):
        plots.compare_runs(runs)


def test_relu_and_its_derivative_take_0_at_0(picture):
    alt, (left, right) = picture(plots.relu_and_derivative)
    z, a = left.lines[0].get_data()
    np.testing.assert_array_equal(a, np.maximum(z, 0))
    points = {line.get_ydata()[0]: line for line in right.lines if line.get_marker() == "o"}
    assert points[1].get_markerfacecolor() == "white" and points[0].get_markerfacecolor() != "white"
    assert all(line.get_xdata()[0] == 0 for line in points.values())
    assert "the course takes 0" in alt and all(ax.get_xlabel() and ax.get_ylabel() for ax in (left, right))


@pytest.mark.parametrize(
    "share, text", [(0, "0 %"), (0.004, "under 1 %"), (0.006, "1 %"), (0.505, "50 %"), (0.999, "99 %"), (1, "100 %")]
)
def test_percent_keeps_0_and_100_for_nothing_and_all(share, text):
    assert plots.percent(np.float64(share)) == text


def test_figures_look_right_in_a_notebook_of_600_pixels(picture, displayed):
    """No figure is so wide that a page of 600 pixels shrinks its text below 8 points."""
    P = softmax_temperature(np.eye(4)[:3], 1.0)
    curves = {"loss": np.ones(9), "accuracy": np.ones(9)}
    X, y = np.eye(784)[:20], np.arange(20) % 10
    for call in (
        (plots.jacobians, softmax_jacobian, P, ["a", "b", "c"]),
        (plots.training_curves, curves, "Flat"),
        (plots.weight_templates, np.eye(784, 10)),
        (plots.confusion_matrix, y, (y + 1) % 10),
        (plots.confident_mistakes, X, y, np.roll(np.eye(10)[y], 1, axis=1)),
        (plots.learning_curves, {0.1: curves["loss"]}),
        (plots.decision_regions, CLOUDS, EXCLUSIVE, {"one": linear, "two": bent, "three": certain}),
        (plots.signal_by_layer, {"standard deviation 0.01": [1, 2], "He initialisation": [1, 2]}),
        (plots.hidden_weights, np.eye(784, 30)),
        (plots.compare_runs, {"softmax classifier": curves, "784-128-10": curves, "784-256-128-10": curves}),
        (plots.relu_and_derivative,),
    ):
        picture(*call)
        width = plt.imread(io.BytesIO(displayed[0][0]["image/png"])).shape[1]
        assert width <= 820, f"{call[0].__name__} is {width} pixels wide"


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


def matrices(text):
    """The probabilities and the Jacobian that a label tells."""
    p, J = re.fullmatch(r"Probabilities ([^.]*(?:\.\d\d[^.]*?)*)\. Jacobian row by row: (.*)", text).groups()
    rows = [[float(entry) for entry in row.replace("−", "-").split(", ")] for row in J.split("; ")]
    return np.array([float(entry) for entry in p.split(", ")]), np.array(rows)


@pytest.mark.parametrize("logits", [(2.0, 1.0, 0.0), (5, -5, 0, 1)])
def test_jacobian_explorer_follows_its_sliders(logits):
    plt.close("all")
    explorer = widgets.jacobian_explorer(softmax_jacobian, softmax, logits)
    *sliders, _ = explorer.children
    assert [slider.value for slider in sliders] == list(logits)
    assert all((slider.min, slider.max) == (-5, 5) for slider in sliders)
    drawings = set()
    for k, value in ((0, logits[0]), (1, 3.0), (2, -5.0), (0, -5.0)):
        sliders[k].value = value
        expected = softmax(np.array([[slider.value for slider in sliders]]))[0]
        p, J = matrices(label(explorer))
        np.testing.assert_allclose(p, expected, atol=0.00501)
        np.testing.assert_allclose(J, softmax_jacobian(expected), atol=0.00501)
        drawings.add(explorer.children[-1].value)
    assert len(drawings) == 4
    assert not plt.get_fignums(), "the widget leaves figures open"


def test_jacobian_explorer_says_what_it_shows():
    explorer = widgets.jacobian_explorer(softmax_jacobian, softmax)
    rows = "0.22, −0.16, −0.06; −0.16, 0.18, −0.02; −0.06, −0.02, 0.08"
    assert label(explorer) == f"Probabilities 0.67, 0.24, 0.09. Jacobian row by row: {rows}"


@pytest.fixture
def runs():
    """Not in order, and one of them breaks."""
    return {
        0.1: {"loss": np.array([2.303, 0.5, 0.2794]), "accuracy": np.array([0.1, 0.85, 0.9224])},
        100.0: {"loss": np.array([2.303, np.inf, np.nan]), "accuracy": np.array([0.1, 0.2, 0.098])},
        0.01: {"loss": np.array([2.303, 1.5, 1.0]), "accuracy": np.array([0.1, 0.7, 0.8])},
    }


def test_learning_rate_explorer_goes_through_the_rates_in_order(runs):
    plt.close("all")
    explorer = widgets.learning_rate_explorer(runs)
    slider, _ = explorer.children
    assert [text for text, _ in slider.options] == ["0.01", "0.1", "100"]
    assert label(explorer) == "Learning rate 0.01: after 2 epochs the loss is 1.000 and the accuracy 80.0 %"
    seen = [explorer.children[-1].value]
    for rate, text in {
        0.1: "Learning rate 0.1: after 2 epochs the loss is 0.279 and the accuracy 92.2 %",
        100.0: "Learning rate 100: diverged in epoch 1: the loss is inf, and after 2 epochs the accuracy is 9.8 %",
    }.items():
        slider.value = rate
        assert label(explorer) == text
        seen.append(explorer.children[-1].value)
    assert len(set(seen)) == 3
    assert not plt.get_fignums(), "the widget leaves figures open"


def test_learning_rate_explorer_answers_at_once(runs, monkeypatch):
    explorer = widgets.learning_rate_explorer(runs)
    monkeypatch.setattr(plt, "subplots", None)  # to draw would take longer than a slider may
    explorer.children[0].value = 100.0
    assert label(explorer).startswith("Learning rate 100: diverged")


def test_learning_rate_explorer_of_one_run_that_was_broken_from_the_start():
    explorer = widgets.learning_rate_explorer({1.0: {"loss": [np.nan, np.nan], "accuracy": [0.1, 0.1]}})
    assert label(explorer) == (
        "Learning rate 1: diverged in epoch 0: the loss is nan, and after 1 epoch the accuracy is 10.0 %"
    )


@pytest.fixture
def mistakes():
    """37 images, of which 1, 8, 20 and 36 are mistaken."""
    rng = np.random.default_rng(3)
    X, y = rng.random((37, 784)), np.arange(37, dtype=np.uint8) % 9  # there is no 9
    P = np.full((37, 10), 0.01, np.float32)
    P[np.arange(37), y] = 0.91
    P[[1, 8, 20, 36]] = 0
    P[1, [1, 7]] = 0.4, 0.6
    P[8, [8, 3]] = 0.001, 0.999
    P[20, 5] = 1  # a 2
    P[36, [0, 8]] = 0.25, 0.75
    return X, y, P


def test_mistakes_come_with_the_most_confident_first(mistakes):
    plt.close("all")
    browser = widgets.mistake_browser(*mistakes)
    chosen, place, previous, following = controls(browser)
    assert list(chosen.options) == ["all", *map(str, range(10))]
    assert previous.disabled and not following.disabled and (place.min, place.value, place.max) == (1, 1, 4)
    seen = [label(browser)]
    while not following.disabled:
        following.click()
        seen.append(label(browser))
    assert seen == [
        "Image 20, a 2, taken for a 5 with 100 %: mistake 1 of 4. The true class gets 0 %",
        "Image 8, an 8, taken for a 3 with 99 %: mistake 2 of 4. The true class gets under 1 %",
        "Image 36, a 0, taken for an 8 with 75 %: mistake 3 of 4. The true class gets 25 %",
        "Image 1, a 1, taken for a 7 with 60 %: mistake 4 of 4. The true class gets 40 %",
    ]
    previous.click()
    assert label(browser) == seen[2] and place.value == 3
    chosen.value = "8"
    assert (
        label(browser)
        == "Image 8, an 8, taken for a 3 with 99 %: mistake 1 of 1 with eights. The true class gets under 1 %"
    )
    assert (place.value, place.max) == (1, 1) and previous.disabled and following.disabled
    assert not plt.get_fignums(), "the widget leaves figures open"


def test_mistake_is_drawn_once_and_in_its_colours(mistakes, monkeypatch):
    browser = widgets.mistake_browser(*mistakes)
    _, place, previous, following = controls(browser)
    first = browser.children[-1].value
    place.value = 3
    for colour in (plots.ORANGE, plots.BLUE, plots.VERMILION):
        assert f"fill: {colour.lower()}" in browser.children[-1].value
    monkeypatch.setattr(plt, "subplots", None)
    place.value = 1
    assert browser.children[-1].value == first
    assert len(first) < 60_000


def test_mistake_browser_says_that_there_is_none(mistakes):
    X, y, P = mistakes
    browser = widgets.mistake_browser(X, y, P)
    chosen, place, *buttons = controls(browser)
    place.value = 4
    chosen.value = "3"
    assert label(browser) == "There is no mistake with threes: all of 4 predictions are right"
    assert place.disabled and all(button.disabled for button in buttons)
    for button in buttons:
        button.click()
    chosen.value = "9"
    assert label(browser) == "No image has the label 9"
    chosen.value = "all"
    assert "mistake 1 of 4" in label(browser) and not place.disabled
    assert label(widgets.mistake_browser(X, y, np.eye(10)[y])) == (
        "There are no mistakes: all of 37 predictions are right"
    )
    assert label(widgets.mistake_browser(X[:0], y[:0], P[:0])) == "There are no images"


def test_mistake_browser_needs_a_row_for_each_image(mistakes):
    X, y, P = mistakes
    with pytest.raises(ValueError, match="equally many rows, got 37, 37 and 36"):
        widgets.mistake_browser(X, y, P[1:])


def test_browsers_draw_at_once(mistakes, digits):
    """A click is answered within a tenth of a second, on a machine that has nothing else to do."""
    for browser in (widgets.mistake_browser(*mistakes), widgets.digit_browser(*digits)):
        place = controls(browser)[1]
        seconds = []
        for number in (2, 3, 4):
            start = time.process_time()
            place.value = number
            seconds.append(time.process_time() - start)
        assert min(seconds) < 0.3, seconds
