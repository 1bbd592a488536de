"""The sliders of the notebooks. Beside each one, its notebook shows a still of the same thing."""

import base64
import functools
import io

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np

from shared import plots

NAMES = ("zeros", "ones", "twos", "threes", "fours", "fives", "sixes", "sevens", "eights", "nines")


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


def digit_browser(images, labels):
    """Leaf through digits, all of them or those of one label.

    Parameters
    ----------
    images : ndarray, shape (m, 28, 28) or (m, 784)
    labels : ndarray of int, shape (m,)
        Labels 0 … 9.

    Returns
    -------
    browser : ipywidgets.VBox
        Its last child is the picture, an ``ipywidgets.HTML``.
    """
    labels = np.asarray(labels)
    indices = _of_each_class(labels)

    def page(chosen, n):
        return _digit_html(images, labels, indices[chosen][n])

    def nothing(chosen):
        return f"No image has the label {chosen}" if chosen != "all" else "There are no images"

    return _browser({chosen: len(found) for chosen, found in indices.items()}, "label", "index", 0, page, nothing)


def _of_each_class(labels):
    """For "all" and for each class where it is found."""
    return {"all": np.arange(len(labels))} | {str(k): np.flatnonzero(labels == k) for k in range(10)}


def _browser(counts, description, number, first, page, nothing):
    """Buttons to choose what to leaf through, and to leaf.

    Parameters
    ----------
    counts : dict of str to int
        For each choice how many pages it has.
    description, number : str
        What the choice and the box with the number of the page are called.
    first : int
        The number of the first page.
    page : callable
        For a choice and n, 0 … count − 1, the page in HTML.
    nothing : callable
        For a choice without a page, a sentence.

    Returns
    -------
    browser : ipywidgets.VBox
        Its last child is the page, an ``ipywidgets.HTML``.
    """
    # Not a dropdown: JupyterLab takes its arrow keys away, and an "a" for "all" inserts a cell.
    choice = ipywidgets.ToggleButtons(
        options=list(counts),
        description=description,
        style={"description_width": "70px", "button_width": "40px"},
        layout={"display": "flex", "width": "max-content"},
    )
    place = ipywidgets.BoundedIntText(
        first, min=first, max=first, description=number, style={"description_width": "70px"}, layout={"width": "190px"}
    )
    previous, following = (
        ipywidgets.Button(description=text, layout={"width": "90px"}) for text in ("previous", "next")
    )
    picture = ipywidgets.HTML()

    def draw(_=None):
        count, n = counts[choice.value], place.value - first
        previous.disabled = n == 0
        following.disabled = n + 1 >= count
        place.disabled = count == 0
        picture.value = page(choice.value, n) if count else _sentence_html(nothing(choice.value))

    def choose(_=None):
        place.value = first
        place.max = first + max(counts[choice.value] - 1, 0)
        draw()

    def step(by):
        place.value += by  # stays within its bounds

    choice.observe(choose, names="value")
    place.observe(draw, names="value")
    previous.on_click(lambda _: step(-1))
    following.on_click(lambda _: step(1))
    choose()
    return ipywidgets.VBox([choice, ipywidgets.HBox([place, previous, following]), picture])


def _digit_html(images, labels, i):
    k = labels[i]
    number, count = np.count_nonzero(labels[: i + 1] == k), np.count_nonzero(labels == k)
    caption = f"Image {i}, {plots.a_digit(k)}: the {_ordinal(number)} of {count:,} {NAMES[k]}"
    png = io.BytesIO()
    plt.imsave(png, np.reshape(images[i], (28, 28)), cmap="cividis", format="png")
    # A pixel of the digit is a square of 8 × 8 on the page, with sharp edges.
    return (
        f'<img role="img" aria-label="{caption}" alt="{caption}" width="224" height="224" '
        'style="max-width: none; image-rendering: pixelated" '
        f'src="data:image/png;base64,{base64.b64encode(png.getvalue()).decode()}">'
        f'<div aria-hidden="true">{caption}</div>'
    )


def _sentence_html(sentence):
    return f'<div role="img" aria-label="{sentence}">{sentence}</div>'


def _ordinal(number):
    """The number as in "the 21st".

    >>> [_ordinal(number) for number in (1, 2, 3, 4, 11, 22, 113, 1003)]
    ['1st', '2nd', '3rd', '4th', '11th', '22nd', '113th', '1,003rd']
    """
    ending = "th" if number // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"


def loss_explorer(loss):
    """A slider that moves the true class's probability along the curve of its loss.

    Parameters
    ----------
    loss : callable
        As `cross_entropy` in notebook 3: ``(P, Y) -> L``. It is asked about two classes, of which the first is true.

    Returns
    -------
    explorer : ipywidgets.VBox
        Its last child is the picture, an ``ipywidgets.HTML``.
    """

    def loss_at(p):
        return float(loss(np.array([[p, 1 - p]]), np.array([[1.0, 0.0]])))

    # Round numbers: hundredths from 0.01 on; below it 1, 2 and 5 in every power of ten, and then exactly 0.
    tiny = [float(f"{digit}e{power}") for power in range(-6, -2) for digit in (1, 2, 5)]
    stops = [0.0, *tiny, *(k / 100 for k in range(1, 101))]
    curve_p = np.geomspace(5e-7, 1, 300)
    curve = [loss_at(p) for p in curve_p]  # the same at every step, so computed once

    slider = ipywidgets.SelectionSlider(
        options=[(_plain(p), p) for p in stops],
        value=0.25,
        description="p of the true class",
        style={"description_width": "120px"},
        layout={"width": "480px"},
    )
    picture = ipywidgets.HTML()

    def draw(_=None):
        p = slider.value
        height = loss_at(p)
        # Fixed margins: to work out new ones takes as long as the drawing itself.
        margins = {"left": 0.1, "right": 0.97, "bottom": 0.14, "top": 0.92}
        figure, ax = plt.subplots(figsize=(5, 3.4), layout="none", gridspec_kw=margins)
        ax.plot(curve_p, curve)
        ax.set(xlim=(0, 1), ylim=(0, 15), xlabel="probability p of the true class", ylabel="loss in nats")
        if np.isfinite(height):
            ax.plot([0, height * p + p], [height + 1, 0], color=plots.VERMILION, linewidth=1)  # the tangent
            ax.plot([0, p, p], [height, height, 0], color=plots.BLACK, linewidth=1, linestyle=":")
            ax.plot(p, height, "o", color=plots.ORANGE, clip_on=False, zorder=3)
        else:
            ax.annotate("", (0, 15), (0, 12), arrowprops={"arrowstyle": "->", "color": plots.ORANGE, "linewidth": 3})
        value = f"{height:.3f} nats" if np.isfinite(height) else f"{height}"
        odds = f"one in {_brief(1 / p)}" if p else "never"
        slope = f"slope −1/p = −{_brief(1 / p) if p else 'inf'}"
        ax.text(0.99, 13.6, f"tangent: {slope}", color=plots.VERMILION, ha="right")
        ax.set_title(f"p = {_plain(p)}, {odds}: the loss is {value}")
        picture.value = plots.svg(figure, alt=f"At p = {_plain(p)} the loss is {value}: {odds}, {slope}")

    slider.observe(draw, names="value")
    draw()
    return ipywidgets.VBox([slider, picture])


def _plain(p):
    """A probability without an exponent and without zeros that say nothing.

    >>> _plain(1e-6), _plain(0.25), _plain(1.0), _plain(0.0)
    ('0.000001', '0.25', '1', '0')
    """
    return np.format_float_positional(p, trim="-")


def _brief(number):
    """A number of at least 1 with three digits, or all that stand before the point.

    >>> _brief(4.0), _brief(1 / 0.9), _brief(1e6)
    ('4', '1.11', '1,000,000')
    """
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def jacobian_explorer(softmax_jacobian, softmax, logits=(2.0, 1.0, 0.0)):
    """Sliders for logits above the probabilities they give and the Jacobian there.

    Parameters
    ----------
    softmax_jacobian : callable
        As in notebook 4: ``p -> J``, (K,) -> (K, K).
    softmax : callable
        As in notebook 2: ``Z -> P``, (m, K) -> (m, K).
    logits : sequence of float
        Where the sliders begin, three or four in [−5, 5].

    Returns
    -------
    explorer : ipywidgets.VBox
        Its last child is the picture, an ``ipywidgets.HTML``.
    """
    look = {"style": {"description_width": "70px"}, "layout": {"width": "420px"}}
    sliders = [
        ipywidgets.FloatSlider(logit, min=-5, max=5, step=0.25, description=f"logit z{k}", **look)
        for k, logit in enumerate(logits)
    ]
    picture = ipywidgets.HTML()

    def draw(_=None):
        p = softmax(np.array([[slider.value for slider in sliders]]))[0]  # (K,)
        J = softmax_jacobian(p)  # (K, K)
        # Fixed margins, as in the loss explorer.
        margins = {"left": 0.1, "right": 0.98, "bottom": 0.19, "top": 0.89, "wspace": 0.3}
        figure, (left, right) = plt.subplots(1, 2, figsize=(6, 2.7), layout="none", gridspec_kw=margins)
        plots.bars(left, p, title="Probabilities")
        for k, height in enumerate(p):
            left.annotate(plots.two_decimals(height), (k, height), ha="center", va="bottom")
        left.set_ylim(0, 1.12)
        plots.jacobian(right, J, "Their Jacobian")
        rows = "; ".join(", ".join(map(plots.two_decimals, row)) for row in J)
        heights = ", ".join(map(plots.two_decimals, p))
        picture.value = plots.svg(figure, alt=f"Probabilities {heights}. Jacobian row by row: {rows}")

    for slider in sliders:
        slider.observe(draw, names="value")
    draw()
    return ipywidgets.VBox([*sliders, picture])


def learning_rate_explorer(runs):
    """A slider over learning rates, and how training went with each.

    Parameters
    ----------
    runs : dict of float to dict
        For each learning rate a finished run: "loss" in nats and "accuracy" as a fraction, each of shape (epochs + 1,),
        beginning with the untrained model.

    Returns
    -------
    explorer : ipywidgets.VBox
        Its last child is the picture, an ``ipywidgets.HTML``.
    """
    runs = {
        rate: {key: np.asarray(runs[rate][key], dtype=float) for key in ("loss", "accuracy")} for rate in sorted(runs)
    }
    slider = ipywidgets.SelectionSlider(
        options=[(f"{rate:g}", rate) for rate in runs],
        description="learning rate",
        style={"description_width": "90px"},
        layout={"width": "480px"},
    )
    picture = ipywidgets.HTML()
    panels = {  # what is drawn of a run, and in which colour; a logarithm tells small losses apart
        "loss": (lambda loss: np.where(np.isfinite(loss) & (loss > 0), loss, np.nan), plots.BLUE),
        "accuracy": (lambda accuracy: 100 * accuracy, plots.ORANGE),
    }

    def drawing(rate):
        margins = {"left": 0.1, "right": 0.98, "bottom": 0.17, "top": 0.88, "wspace": 0.28}
        figure, axes = plt.subplots(1, 2, figsize=(6.4, 2.9), layout="none", gridspec_kw=margins)
        told, titles = _end_of_run(runs[rate])
        for ax, (key, (values, colour)) in zip(axes, panels.items(), strict=True):
            for run in runs.values():
                ax.plot(values(run[key]), color="lightgrey", linewidth=1)
            ax.plot(values(runs[rate][key]), "o-", color=colour, markersize=4, clip_on=False, zorder=3)
            ax.set(xlabel="epoch", title=titles[key])
            ax.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
        plots.log_losses(axes[0])
        axes[1].set(ylabel="accuracy in percent", ylim=(0, 100))
        return plots.svg(figure, alt=f"Learning rate {rate:g}: {told}")

    drawings = {rate: drawing(rate) for rate in runs}  # so few that the slider need not wait for any

    def show(_=None):
        picture.value = drawings[slider.value]

    slider.observe(show, names="value")
    show()
    return ipywidgets.VBox([slider, picture])


def _end_of_run(run):
    """How a run ended, in a sentence and as titles of its two panels.

    >>> _end_of_run({"loss": np.array([2.3, 0.279]), "accuracy": np.array([0.1, 0.922])})[0]
    'after 1 epoch the loss is 0.279 and the accuracy 92.2 %'
    >>> _end_of_run({"loss": np.array([2.3, np.inf, np.nan]), "accuracy": np.array([0.1, 0.2, 0.1])})[0]
    'diverged in epoch 1: the loss is inf, and after 2 epochs the accuracy is 10.0 %'
    """
    loss, accuracy = run["loss"], f"{100 * run['accuracy'][-1]:.1f} %"
    epochs = "1 epoch" if len(loss) == 2 else f"{len(loss) - 1} epochs"
    titles = {"accuracy": f"Accuracy {accuracy} after {epochs}"}
    if np.isfinite(loss).all():
        told = f"after {epochs} the loss is {loss[-1]:.3f} and the accuracy {accuracy}"
        return told, titles | {"loss": f"Loss {loss[-1]:.3f} after {epochs}"}
    broken = np.argmin(np.isfinite(loss))
    told = f"diverged in epoch {broken}: the loss is {loss[broken]}, and after {epochs} the accuracy is {accuracy}"
    return told, titles | {"loss": f"Diverged in epoch {broken}"}


def mistake_browser(X, y, P):
    """Leaf through wrong predictions, the most confident first, all of them or those of one true class.

    Parameters
    ----------
    X : ndarray, shape (m, 784)
    y : ndarray of int, shape (m,)
        True classes 0 … 9.
    P : ndarray, shape (m, K)
        Probabilities.

    Returns
    -------
    browser : ipywidgets.VBox
        Its last child is the picture, an ``ipywidgets.HTML``.

    Raises
    ------
    ValueError
        If X, y and P are not about equally many images.
    """
    X, y, P = np.asarray(X), np.asarray(y), np.asarray(P)
    if not len(X) == len(y) == len(P):
        raise ValueError(f"X, y and P must have equally many rows, got {len(X)}, {len(y)} and {len(P)}")
    wrong = np.flatnonzero(P.argmax(axis=1) != y) if len(y) else np.arange(0)
    wrong = wrong[np.argsort(-P[wrong].max(axis=1), kind="stable")] if len(wrong) else wrong
    mistakes = {chosen: wrong[found] for chosen, found in _of_each_class(y[wrong]).items()}

    @functools.cache
    def page(chosen, n):
        i = mistakes[chosen][n]
        number = f"mistake {n + 1:,} of {len(mistakes[chosen]):,}"
        return _mistake_html(X[i], y[i], P[i], i, number if chosen == "all" else f"{number} with {NAMES[y[i]]}")

    def nothing(chosen):
        if chosen == "all":
            return (
                f"There are no mistakes: all of {len(y):,} predictions are right" if len(y) else "There are no images"
            )
        count = np.count_nonzero(y == int(chosen))
        if not count:
            return f"No image has the label {chosen}"
        return f"There is no mistake with {NAMES[int(chosen)]}: all of {count:,} predictions are right"

    counts = {chosen: len(found) for chosen, found in mistakes.items()}
    return _browser(counts, "true class", "mistake", 1, page, nothing)


def _mistake_html(image, true, p, i, number):
    predicted = p.argmax()
    taken = f"{plots.a_digit(true)}, taken for {plots.a_digit(predicted)} with {plots.percent(p[predicted])}"
    caption = f"Image {i}, {taken}: {number}"
    # Fixed margins, as in the loss explorer.
    margins = {"left": 0.02, "right": 0.98, "bottom": 0.16, "top": 0.8, "wspace": 0.3}
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(6.2, 3), layout="none", width_ratios=[1, 1.7], gridspec_kw=margins
    )
    figure.suptitle(caption, fontsize=11)
    plots.digit(left, image)
    plots.bars(right, p, f"{plots.percent(p[true])} for the true class, {true}", highlight=true)
    right.set_yticks([0, 0.5, 1])  # few, because ticks take most of the time
    for k, (bar, tick) in enumerate(zip(right.patches, right.get_xticklabels(), strict=True)):
        if k == true:
            tick.set(color=plots.VERMILION, fontweight="bold")
        elif k != predicted:
            bar.set_color("0.6")
    return plots.svg(figure, alt=f"{caption}. The true class gets {plots.percent(p[true])}")
