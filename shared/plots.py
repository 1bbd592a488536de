"""Figures of the notebooks: one style, one palette, and a text for those who cannot see them.

Categories take the Okabe–Ito colours, magnitudes take cividis: both survive the common kinds of colour blindness.
"""

import io
import os

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display

# M. Okabe, K. Ito, "Color universal design", 2008.
BLUE, ORANGE, GREEN, VERMILION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
SKY, PURPLE, YELLOW, BLACK = "#56B4E9", "#CC79A7", "#F0E442", "#000000"
OKABE_ITO = (BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE, YELLOW, BLACK)

STYLE = {
    "figure.dpi": 100,
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "axes.titlesize": 11,
    "axes.prop_cycle": mpl.cycler(color=OKABE_ITO),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "image.cmap": "cividis",
    "legend.frameon": False,
}

# Of classes and of lines: yellow is too bright on white.
CLASS_COLOURS = (BLUE, ORANGE, GREEN, PURPLE, VERMILION, SKY, BLACK)
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

# First what every notebook uses, then the figures that would give an answer away if their code stood in a cell.


def use_course_style():
    """Make the course's style the default of every figure that follows."""
    plt.rcParams.update(STYLE)


def show(figure, alt):
    """Display a figure together with a text that says what it shows, and close it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    alt : str
        What somebody who cannot see the figure needs to know. It becomes the alternative text in HTML pages and
        stands in for the picture where there is none.

    Raises
    ------
    ValueError
        If the text is empty.
    """
    if not alt.strip():
        raise ValueError("every figure needs an alternative text, got an empty one")
    data = {"text/plain": alt}
    if _somebody_looks():
        png = io.BytesIO()
        figure.savefig(png, format="png")
        data["image/png"] = png.getvalue()
    plt.close(figure)
    display(data, metadata={"image/png": {"alt": alt}}, raw=True)


def _somebody_looks():
    """Whether figures are seen, as they are not while nbgrader validates or grades."""
    return "NBGRADER_EXECUTION" not in os.environ


def svg(figure, alt):
    """A figure as SVG text for an HTML widget, labelled for screen readers; closes the figure.

    Where nobody looks, the picture is empty.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    alt : str

    Returns
    -------
    html : str
    """
    text = io.StringIO("<svg></svg>")
    if _somebody_looks():
        figure.savefig(text, format="svg", metadata={"Date": None})
    plt.close(figure)
    picture = text.getvalue()
    return picture[picture.index("<svg") :].replace("<svg", f'<svg role="img" aria-label="{alt}"', 1)


def digit(ax, image, title=""):
    """Draw one digit.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    image : ndarray, shape (28, 28) or (784,)
        Pixels; the smallest is drawn dark, the largest bright.
    title : str
    """
    ax.imshow(np.reshape(image, (28, 28)))
    ax.set(title=title, xticks=[], yticks=[])


def bars(ax, heights, title="", ylabel="probability", labels=None, highlight=None):
    """Draw a value for every class, such as its probability.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    heights : ndarray, shape (K,)
    title, ylabel : str
    labels : sequence of str, optional
        Names of the classes; by default their numbers.
    highlight : int, optional
        The class to draw in the second colour.
    """
    classes = np.arange(len(heights))
    colours = [ORANGE if k == highlight else BLUE for k in classes]
    ax.bar(classes, heights, color=colours)
    ax.set_xticks(classes, [str(k) for k in classes] if labels is None else labels)
    ax.set(title=title, xlabel="class", ylabel=ylabel)
    if ylabel == "probability":
        ax.set_ylim(0, 1)


def a_digit(k):
    """A class with its article.

    >>> a_digit(4), a_digit(8)
    ('a 4', 'an 8')
    """
    return f"{'an' if k == 8 else 'a'} {k}"


def percent(fraction):
    """A share in whole percent, of which only all of it is 100 and only nothing is 0.

    >>> percent(0.5), percent(0.9996), percent(1), percent(0.001)
    ('50 %', '99 %', '100 %', 'under 1 %')
    """
    fraction = float(fraction)
    if 0 < fraction < 0.005:
        return "under 1 %"
    return f"{min(round(100 * fraction), 100 if fraction == 1 else 99)} %"


def simplex_points(P):
    """Where probability vectors over three classes lie in the plane: the corners of an equilateral triangle.

    Parameters
    ----------
    P : ndarray, shape (..., 3)

    Returns
    -------
    points : ndarray, shape (..., 2)

    Examples
    --------
    >>> simplex_points(np.eye(3)).round(3)
    array([[0.   , 0.   ],
           [1.   , 0.   ],
           [0.5  , 0.866]])
    """
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(0.75)]])  # (3, 2)
    return np.asarray(P) @ corners  # (..., 3) @ (3, 2)


def simplex(ax, title=""):
    """Draw the triangle of all probability vectors over three classes, to plot `simplex_points` into."""
    corners = simplex_points(np.eye(3))
    ax.fill(*corners.T, facecolor="none", edgecolor=BLACK, linewidth=1)
    for k, (corner, offset) in enumerate(zip(corners, ((-8, -4), (8, -4), (0, 9)), strict=True)):
        ax.annotate(str(k), corner, offset, textcoords="offset points", ha="center", va="center")
    ax.set(title=title, aspect="equal", xlim=(-0.12, 1.12), ylim=(-0.08, 1.0))
    ax.axis("off")


def images_with_probabilities(X, y, P, indices):
    """Show images beside the probabilities they get; the true class is orange.

    Parameters
    ----------
    X : ndarray, shape (m, 784)
    y : ndarray of int, shape (m,)
    P : ndarray, shape (m, K)
    indices : sequence of int
        Which images.
    """
    figure, axes = plt.subplots(len(indices), 2, figsize=(7, 2.3 * len(indices)), width_ratios=[1, 2], squeeze=False)
    sentences = []
    for (left, right), i in zip(axes, indices, strict=True):
        best = P[i].argmax()
        digit(left, X[i], f"image {i}, a {y[i]}")
        bars(right, P[i], f"{100 * P[i, best]:.0f} % for the best class, {best}", highlight=y[i])
        right.get_xticklabels()[y[i]].set(color=VERMILION, fontweight="bold")
        shares = [f"{k} {100 * P[i, k]:.0f} %" for k in np.argsort(-P[i]) if P[i, k] >= 0.01]
        sentences.append(f"Image {i}, a {y[i]}, gets these probabilities of 1 % or more: {', '.join(shares)}.")
    show(figure, alt=" ".join(sentences))


def simplex_clouds(softmax, spreads, count=600):
    """Show where random logits of growing spread land on the simplex of three classes.

    Parameters
    ----------
    softmax : callable
        (m, K) -> (m, K)
    spreads : sequence of float
        Standard deviations of the logits, a triangle each.
    count : int
        Points in a triangle.
    """
    figure, axes = plt.subplots(1, len(spreads), figsize=(2.8 * len(spreads), 2.8))
    figure.suptitle("The further apart the logits, the nearer to a corner")
    sentences = [f"Triangles with {count} points each."]
    for ax, spread in zip(axes, spreads, strict=True):
        P = softmax(np.random.default_rng(0).normal(0, spread, (count, 3)))  # (m, 3)
        simplex(ax, f"spread {spread}")
        ax.scatter(*simplex_points(P).T, s=4, alpha=0.5)
        largest = P.max(axis=1).mean()
        sentences.append(f"For logits of spread {spread} the largest probability is {largest:.2f} on average.")
    sentences.append("The points move from the centre to the edges and into the corners.")
    show(figure, alt=" ".join(sentences))


def confidence_against_temperature(temperatures, confidence, accuracy):
    """Show how confidence depends on temperature, and accuracy does not.

    Parameters
    ----------
    temperatures : ndarray, shape (n,)
    confidence : sequence of float
        The mean probability of the predicted class at each temperature, in percent.
    accuracy : float
        In percent.
    """
    figure, ax = plt.subplots(figsize=(6, 3))
    ax.semilogx(temperatures, confidence, label="mean confidence")
    ax.axhline(accuracy, color=ORANGE, linestyle="--", label="accuracy")
    ax.set(xlabel="temperature T", ylabel="percent", title="Temperature changes how sure, never how often right")
    ax.set_xticks([0.1, 1, 10], ["0.1", "1", "10"])
    ax.legend()
    show(
        figure,
        alt=f"Mean confidence falls from {confidence[0]:.0f} % at T = {temperatures[0]:g} to {confidence[-1]:.0f} % at "
        f"T = {temperatures[-1]:g}. Accuracy is a flat line at {accuracy:.0f} %.",
    )


def digit_grid(images, labels, indices, columns=10, alt=None):
    """Show digits in rows, the label above each.

    Parameters
    ----------
    images : ndarray, shape (m, 28, 28) or (m, 784)
    labels : ndarray of int, shape (m,)
    indices : sequence of int
        Which images, row by row.
    columns : int
        Digits in a full row.
    alt : str, optional
        A text of your own; by default one that names the labels in order.
    """
    columns = min(columns, len(indices))
    rows = [indices[start : start + columns] for start in range(0, len(indices), columns)]
    figure, axes = plt.subplots(len(rows), columns, figsize=(0.8 * columns, 1.1 * len(rows)), squeeze=False)
    for ax in axes.flat:
        ax.axis("off")  # a last row may have empty places
    sentences = [f"{len(indices)} handwritten digits with their labels."]
    for number, (row, row_axes) in enumerate(zip(rows, axes, strict=True), start=1):
        for ax, i in zip(row_axes, row, strict=False):
            digit(ax, images[i], str(labels[i]))
        sentences.append(f"Row {number}: {', '.join(str(labels[i]) for i in row)}.")
    show(figure, alt=" ".join(sentences) if alt is None else alt)


def class_counts(y, num_classes=10):
    """Show how many samples every class has.

    Parameters
    ----------
    y : ndarray of int, shape (m,)
        Labels 0 … num_classes − 1.
    num_classes : int
    """
    counts = np.bincount(y, minlength=num_classes)  # (K,)
    figure, ax = plt.subplots(figsize=(6, 3))
    title = f"Class {counts.argmax()} is the most common, class {counts.argmin()} the rarest"
    bars(ax, counts, title, ylabel="images")
    ax.axhline(counts.mean(), color=BLACK, linestyle="--", linewidth=1)
    mean = f"{counts.mean():,.1f}".removesuffix(".0")
    # Beside the last bar, where no other bar can cover it.
    ax.annotate(f"mean\n{mean}", (1, counts.mean()), (4, 0), ("axes fraction", "data"), "offset points", va="center")
    ax.yaxis.set_major_formatter("{x:,.0f}")
    ax.yaxis.get_major_locator().set_params(integer=True)

    def classes_with(count):
        classes = np.flatnonzero(counts == count)
        return f"{'class' if len(classes) == 1 else 'classes'} {', '.join(map(str, classes))} with {count:,}"

    show(
        figure,
        alt=f"Bars of how many of {len(y):,} images each of {num_classes} classes has. The most: "
        f"{classes_with(counts.max())}. The fewest: {classes_with(counts.min())}. Dashed line at the mean, {mean}.",
    )


def mean_images(images, labels, num_classes=10):
    """Show the mean image of every class in a row.

    Parameters
    ----------
    images : ndarray, shape (m, 28, 28) or (m, 784)
    labels : ndarray of int, shape (m,)
    num_classes : int
    """
    figure, axes = plt.subplots(1, num_classes, figsize=(0.8 * num_classes, 1.3))
    figure.suptitle("The mean image of a class is bright where its writers agree", fontsize=11)
    brightest = {}
    for k, ax in enumerate(axes):
        ax.axis("off")
        if (labels == k).any():
            mean = images[labels == k].mean(axis=0, dtype=np.float64)
            brightest[k] = 100 * mean.max() / images.max()
            digit(ax, mean, str(k))
    most, least = max(brightest, key=brightest.get), min(brightest, key=brightest.get)
    show(
        figure,
        alt=f"The mean images of the classes {', '.join(map(str, brightest))}: blurred digits. Class {most} has the "
        f"brightest spot, {brightest[most]:.0f} % of full brightness; the brightest spot of class {least} is the "
        f"dimmest, {brightest[least]:.0f} %.",
    )


def surprise(p_values=(1, 0.5, 0.1, 0.01)):
    """Show the surprise −log p at what had probability p.

    Parameters
    ----------
    p_values : sequence of float
        The probabilities to mark on the curve, each above 0 and at most 1.
    """
    p_values = np.asarray(p_values, dtype=float)
    p = np.geomspace(min(0.003, p_values.min() / 2), 1, 500)
    figure, ax = plt.subplots(figsize=(6, 3))
    ax.plot(p, -np.log(p))
    ax.plot(p_values, 0 - np.log(p_values), "o", color=ORANGE, clip_on=False, zorder=3)
    for q in p_values:
        value = 0 - np.log(q)
        ax.annotate(f"{value:.2f}", (q, value), (6, 6), textcoords="offset points", annotation_clip=False)
    ax.set(
        xlim=(0, 1),
        ylim=(0, None),
        xlabel="probability p of what happened",
        ylabel="surprise −log p in nats",
        title="The less probable, the more surprising, without end",
    )
    points = ", ".join(f"{0 - np.log(q):.2f} nats at p = {q:g}" for q in p_values)
    show(
        figure,
        alt=f"The curve −log p falls from infinity at p = 0, steeply at first, to 0 at p = 1. Marked: {points}.",
    )


def clipped_losses(gaps, rows):
    """Show how far losses with an epsilon follow the exact loss.

    Parameters
    ----------
    gaps : ndarray, shape (n,)
        By how much the logit of a wrong class exceeds that of the true class, in ascending order.
    rows : dict of str to ndarray, shape (n,)
        Losses in nats; "exact" is drawn dashed. Where a loss is infinite its line ends.
    """
    figure, ax = plt.subplots(figsize=(6, 3.2))
    sentences = [f"Losses for logit gaps from {gaps[0]:g} to {gaps[-1]:g}."]
    colours = iter(OKABE_ITO)
    for label, losses in rows.items():
        losses = np.asarray(losses)
        exact = label == "exact"
        look = {"color": BLACK, "linestyle": "--", "zorder": 3} if exact else {"color": next(colours), "linewidth": 2.5}
        ax.plot(gaps, np.where(np.isfinite(losses), losses, np.nan), label=label, **look)
        if np.isfinite(losses).all():
            reached = gaps[np.argmax(losses >= 0.99 * losses.max())]
            stays = "" if reached > 0.9 * gaps[-1] else f" and stays there from a gap of about {reached:.0f} on"
            sentences.append(f"{label}: rises to {losses.max():.1f} nats{stays}.")
        else:
            broken = np.argmin(np.isfinite(losses))
            sentences.append(f"{label}: {losses[broken]} from a gap of about {gaps[broken]:.0f} on.")
    ax.set(
        xlabel="logit gap: how far a wrong class is ahead of the true one",
        ylabel="loss in nats",
        title="An epsilon caps the loss",
    )
    ax.legend()
    show(figure, alt=" ".join(sentences))


def losses_and_slopes(p, curves, slopes):
    """Show losses, and beside them the size of their gradients with respect to the true class's logit.

    Parameters
    ----------
    p : ndarray, shape (n,)
        Probabilities of the true class, each above 0, in ascending order.
    curves, slopes : dict of str to ndarray, shape (n,)
        For the name of each loss its values, and its derivatives.
    """
    figure, panels = plt.subplots(1, 2, figsize=(7.4, 3.2))
    colours = dict(zip(curves | slopes, OKABE_ITO, strict=False))
    contents = (
        (curves, "costs most", "loss", "Losses"),
        (
            {label: np.abs(slope) for label, slope in slopes.items()},
            "pulls hardest",
            "size of the gradient dL/dz",
            "Gradients",
        ),
    )
    sentences = []
    for ax, (lines, finding, ylabel, what) in zip(panels, contents, strict=True):
        for label, values in lines.items():
            ax.semilogx(p, values, label=label, color=colours[label])
        largest = max(lines, key=lambda label: lines[label][0])
        ax.set(
            title=f"Near p = 0, {largest} {finding}",
            xlabel="probability p of the true class",
            ylabel=ylabel,
        )
        ax.legend()
        ends = (f"{label} {values[0]:.3g} and {values[-1] + 0:.3g}" for label, values in lines.items())
        sentences.append(f"{what} at p = {p[0]:.2g} and p = {p[-1]:.2g}: {'; '.join(ends)}.")
    show(figure, alt=" ".join(sentences))


def two_decimals(value):
    """A number for a cell of a heat map, with a proper minus sign and without a negative zero.

    >>> two_decimals(0.2222), two_decimals(-0.1), two_decimals(-0.001)
    ('0.22', '−0.10', '0.00')
    """
    text = f"{value:.2f}"
    return "0.00" if text == "-0.00" else text.replace("-", "−")


def heat_map(ax, values, texts, limits, fontsize=11):
    """Draw a matrix in colours and write into every cell.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    values : ndarray, shape (n, K)
        A cell that is nan stays white.
    texts : sequence of sequence of str
        What to write into the cells, row by row.
    limits : tuple of float
        The values with the darkest and the brightest colour.
    fontsize : float

    Returns
    -------
    image : matplotlib.image.AxesImage
        For a colour bar.
    """
    image = ax.imshow(values, vmin=limits[0], vmax=limits[1])
    for (i, j), value in np.ndenumerate(values):
        red, green, blue, _ = image.to_rgba(value)
        dark = np.isfinite(value) and 0.299 * red + 0.587 * green + 0.114 * blue < 0.46  # white contrasts more
        ax.text(j, i, texts[i][j], ha="center", va="center", color="white" if dark else BLACK, fontsize=fontsize)
    ax.set_xticks(range(np.shape(values)[1]))
    ax.set_yticks(range(np.shape(values)[0]))
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return image


def jacobian(ax, J, title=""):
    """Draw one softmax Jacobian with its entries.

    No entry of such a matrix is larger than 0.25 in size, so the colours span −0.25 … 0.25, and pictures compare. A
    matrix with a larger one, which is wrong, gets a wider scale.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    J : ndarray, shape (K, K)
    title : str

    Returns
    -------
    image : matplotlib.image.AxesImage
    """
    limit = max(0.25, np.abs(J).max())
    texts = [[two_decimals(entry) for entry in row] for row in J]
    image = heat_map(ax, J, texts, (-limit, limit), fontsize=11 if len(J) < 4 else 9.5)
    ax.set(title=title, xlabel="logit $z_j$", ylabel="probability $p_i$")
    return image


def jacobians(softmax_jacobian, P, titles):
    """Show the softmax Jacobians of a few probability vectors side by side, on one scale of colours.

    Parameters
    ----------
    softmax_jacobian : callable
        As in notebook 4: (K,) -> (K, K)
    P : ndarray, shape (m, K)
        At most three rows, of three or four classes.
    titles : sequence of str
        One for each row of P.
    """
    P = np.asarray(P)
    figure, axes = plt.subplots(1, len(P), figsize=(2.15 * len(P) + 1, 2.7), squeeze=False)
    images, sentences = [], []
    for ax, p, title in zip(axes.flat, P, titles, strict=True):
        J = softmax_jacobian(p)  # (K, K)
        images.append(jacobian(ax, J, title))
        size = np.abs(J)
        # The first of those that are equal but for rounding.
        i, j = np.unravel_index(np.argmax(size >= size.max() - 1e-9), J.shape)
        largest = f"the largest entry in size is {two_decimals(J[i, j])}, in row {i} and column {j}"
        sentences.append(
            f"{title}: probabilities {', '.join(map(two_decimals, p))}; "
            f"{largest if size.max() >= 0.005 else 'every entry is 0.00'}."
        )
    limit = max(image.get_clim()[1] for image in images)
    for image in images:
        image.set_clim(-limit, limit)
    for ax in axes.flat[1:]:
        ax.set_ylabel("")
    figure.colorbar(images[0], ax=list(axes.flat), label=r"$\partial p_i / \partial z_j$", fraction=0.1)
    show(figure, alt=" ".join([f"Jacobians as heat maps, {len(P)} in a row.", *sentences]))


def difference_errors(h, errors):
    """Show how far numerical derivatives are off for longer and shorter steps.

    Parameters
    ----------
    h : ndarray, shape (n,)
        Lengths of the step.
    errors : dict of str to ndarray, shape (n,)
        For the name of each kind of difference its errors. The best step is marked: the one around which, a decade
        to either side, the logarithm of the error is smallest on average. A single lucky hit does not make a step good.
    """
    order = np.argsort(h)
    h = np.asarray(h, dtype=float)[order]
    figure, ax = plt.subplots(figsize=(6, 3.4))
    sentences = [f"Errors for steps from {h[0]:.0e} to {h[-1]:.0e}, on logarithmic axes: each line has a valley."]
    for (label, values), colour in zip(errors.items(), OKABE_ITO, strict=False):
        values = np.asarray(values, dtype=float)[order]
        values = np.where(np.isfinite(values), np.maximum(values, 1e-17), np.nan)  # an exact hit has a place, too
        near = np.abs(np.log10(h[:, np.newaxis] / h)) < 1.01  # (n, n)
        levels = np.where(near & np.isfinite(values), np.log(values), np.nan)  # (n, n)
        levels[np.isnan(values)] = np.inf  # at a step that fails the neighbours are no help
        best = np.nanmean(levels, axis=1).argmin()
        decade = round(np.log10(h[best]))
        look = {"color": colour, "label": f"{label}, best near $h = 10^{{{decade}}}$"}
        ax.loglog(h, values, **look)
        ax.plot(h[best], values[best], "o", color=colour, markersize=9, markeredgecolor=BLACK)
        sentences.append(f"{label}: the best step is about 10 to the power {str(decade).replace('-', '−')}.")
    ax.set(
        xlabel="step h",
        ylabel="error",
        title="Too long a step truncates, too short a step rounds",
    )
    ax.legend()
    show(figure, alt=" ".join(sentences))


def growth(sizes, seconds):
    """Show how measured times grow with the number of classes.

    Parameters
    ----------
    sizes : sequence of int, length n
        Numbers of classes K, in ascending order.
    seconds : dict of str to ndarray, shape (n,)
        For each method its times; nan where it was not tried.
    """
    sizes = np.asarray(sizes, dtype=float)
    seconds = {label: np.asarray(times, dtype=float) for label, times in seconds.items()}
    fastest = min(np.nanmin(times) for times in seconds.values())
    figure, ax = plt.subplots(figsize=(6, 3.6))
    ends = {}
    for (label, times), colour in zip(seconds.items(), OKABE_ITO, strict=False):
        measured = np.isfinite(times)
        ax.loglog(sizes[measured], times[measured] / fastest, "o-", label=label, color=colour)
        last = np.flatnonzero(measured)[-1]
        ends[label] = (last, times[last] / fastest)
    # Large sizes tell the slope, so each guide ends where a line does: that of the first and that of the last.
    low, high = ax.get_ylim()
    for slope, name, choose, va in ((1, "K", min, "top"), (2, "K²", max, "bottom")):
        last, height = choose(ends.values(), key=lambda end: end[1])
        guide = height * (sizes / sizes[last]) ** slope
        ax.plot(sizes, guide, color=BLACK, linestyle=":", linewidth=1.5, zorder=1)
        end = np.flatnonzero(guide <= high)[-1]
        ax.annotate(f"∝ {name}", (sizes[end], guide[end]), (6, 0), textcoords="offset points", va=va)
    ax.set(ylim=(low, high), xlabel="number of classes K", ylabel="time, relative to the fastest")
    ax.set_title("The Jacobian pays K times for the same answer")
    ax.legend()
    show(
        figure,
        alt=f"Measured times for K from {sizes[0]:,.0f} to {sizes[-1]:,.0f}, both axes logarithmic, one line each for "
        f"{' and '.join(seconds)}. At the largest K, the slowest is: {max(ends, key=ends.get)}. "
        "Dotted guides show what growth like K and like K² looks like.",
    )


def _epochs(ax):
    ax.set_xlabel("epoch")
    ax.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)


def _from_to(values, start, form):
    """How a quantity of every epoch went: "falls from 2.303 at epoch 0 to 0.268 at epoch 8"."""
    first, last = (form(value) for value in (values[0], values[-1]))
    end = start + len(values) - 1
    if first == last:
        return f"is {first} at epoch {start}" + (f" and at epoch {end}" if len(values) > 1 else "")
    verb = "falls" if values[-1] < values[0] else "rises" if values[-1] > values[0] else "goes"
    return f"{verb} from {first} at epoch {start} to {last} at epoch {end}"


def training_curves(history, title, start=0):
    """Show how loss and accuracy went, epoch by epoch.

    Parameters
    ----------
    history : dict
        "loss" in nats and "accuracy" as a fraction, each of shape (n,).
    title : str
    start : int
        The epoch of the first entries: 0 if they belong to the untrained model, 1 if there is no entry for that.
    """
    loss, accuracy = (np.asarray(history[key], dtype=float) for key in ("loss", "accuracy"))
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3), sharex=True)
    figure.suptitle(title, fontsize=11)
    epochs = start + np.arange(len(loss))
    left.plot(epochs, np.where(np.isfinite(loss), loss, np.nan), "o-", markersize=4)
    right.plot(epochs, 100 * accuracy, "o-", markersize=4, color=ORANGE)
    left.set(ylabel="loss in nats")
    left.set_ylim(bottom=0)
    right.set(ylabel="accuracy in percent")
    for ax in (left, right):
        _epochs(ax)
    show(
        figure,
        alt=f"{title}. The loss {_from_to(loss, start, '{:.3f}'.format)}. "
        f"The accuracy {_from_to(100 * accuracy, start, '{:.1f} %'.format)}.",
    )


def weight_templates(W):
    """Show the weights of every class as an image.

    Parameters
    ----------
    W : ndarray, shape (784, K)
    """
    num_classes = W.shape[1]
    columns = -(-num_classes // 2)  # two rows, so that the images are large enough
    figure, limit = _weight_images(W, columns, "Bright pixels speak for a class, dark ones against it")
    extremes = []
    for word, at in (("for", W.argmax()), ("against", W.argmin())):
        pixel, k = np.unravel_index(at, W.shape)
        place = f"row {pixel // 28}, column {pixel % 28}"
        extremes.append(f"the strongest one {word} a class is {two_decimals(W[pixel, k])}, for class {k} at {place}")
    told = " and ".join(extremes) if limit else "all of them are 0"
    show(figure, alt=f"The weights of the classes 0 to {num_classes - 1} as images of 28 × 28 pixels: {told}.")


def _weight_images(W, columns, title):
    """A figure of weights, each column as an image with its number above, all in one symmetric scale, and its limit."""
    count = W.shape[1]
    limit = float(np.abs(W).max())
    rows = -(-count // columns)
    size = min(1.2, 6 / columns)  # of an image, in inches
    height = 3.1 if rows == 2 and size == 1.2 else (0.85 * size + 0.3) * rows + 0.35
    figure, axes = plt.subplots(rows, columns, figsize=(size * columns + 0.8, height), squeeze=False)
    figure.suptitle(title, fontsize=11)
    for ax in axes.flat[count:]:
        ax.axis("off")
    for k, ax in enumerate(axes.flat[:count]):
        image = ax.imshow(W[:, k].reshape(28, 28), vmin=-(limit or 1), vmax=limit or 1)
        ax.set_title(str(k))
        ax.axis("off")
    figure.colorbar(image, ax=list(axes.flat), label="weight", aspect=10 * max(rows / 2, 1), fraction=0.05)
    return figure, limit


def confusion_matrix(y, predicted, num_classes=10):
    """Show which classes are taken for which.

    Parameters
    ----------
    y, predicted : ndarray of int, shape (m,)
        True classes and predicted ones, 0 … num_classes − 1.
    num_classes : int
    """
    pairs = np.asarray(y, dtype=np.int64) * num_classes + np.asarray(predicted, dtype=np.int64)
    counts = np.bincount(pairs, minlength=num_classes**2).reshape(num_classes, num_classes)  # (K, K)
    mistakes = np.where(np.eye(num_classes, dtype=bool), 0, counts)  # (K, K)
    most = [  # (true, predicted), the most frequent first
        divmod(int(pair), num_classes) for pair in np.argsort(-mistakes, axis=None, kind="stable")[:3]
    ]
    told = [
        f"{i} taken for {j}{{}} {'once' if mistakes[i, j] == 1 else f'{mistakes[i, j]:,} times'}"
        for i, j in most
        if mistakes[i, j]
    ]
    figure, ax = plt.subplots(figsize=(max(0.52 * num_classes + 1, 4), 0.44 * num_classes + 1))
    heat_map(
        ax,
        np.where(np.eye(num_classes, dtype=bool), np.nan, counts),
        [[str(count) for count in row] for row in counts],
        (0, max(mistakes.max(), 1)),
        fontsize=9,
    )
    ax.set_aspect("auto")
    ax.set(xlabel="predicted class", ylabel="true class")
    ax.set_title(told[0].format(" most often:") if told else "No class is taken for another")
    alt = f"Of {len(y):,} predictions {np.trace(counts):,} are right and lie on the diagonal."
    if told:
        alt += f" The most frequent confusions: {'; '.join(text.format(',') for text in told)}."
    show(figure, alt=alt)


def confident_mistakes(X, y, P, count=10):
    """Show the wrong predictions with the highest probabilities.

    Parameters
    ----------
    X : ndarray, shape (m, 784)
    y : ndarray of int, shape (m,)
    P : ndarray, shape (m, K)
    count : int
        How many to show; fewer if there are fewer mistakes.
    """
    predicted, confidence = P.argmax(axis=1), P.max(axis=1)  # (m,) both
    wrong = np.flatnonzero(predicted != y)
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:count]
    rows = max(-(-len(worst) // 5), 1)
    figure, axes = plt.subplots(rows, 5, figsize=(7, 1.85 * rows + 0.3 if len(worst) else 0.6), squeeze=False)
    title = f"{len(wrong):,} of {len(y):,} predictions {'is' if len(wrong) == 1 else 'are'} wrong"
    figure.suptitle(title + ", these with the most confidence" * (len(wrong) > len(worst)), fontsize=11)
    told = []
    for ax in axes.flat:
        ax.axis("off")
    for ax, i in zip(axes.flat, worst, strict=False):
        words = f"{a_digit(y[i])}, {percent(confidence[i])}"
        digit(ax, X[i], f"{words}\nsure of {predicted[i]}")
        told.append(f"{words} sure of {predicted[i]}")
    show(
        figure,
        alt=f"{title}. " + (f"The most confident ones: {'; '.join(told)}." if told else "There is none to show."),
    )


def log_losses(ax):
    """Give a panel a logarithmic axis for losses, with plain numbers beside it.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    """
    ax.set(yscale="log", ylabel="loss in nats")
    ax.yaxis.set_major_locator(mpl.ticker.LogLocator(subs=(1, 2, 5)))
    ax.yaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_minor_locator(mpl.ticker.NullLocator())


def learning_curves(runs, start=0):
    """Show how the loss went for several learning rates.

    Parameters
    ----------
    runs : dict of float to ndarray, shape (n,)
        For each learning rate the loss in nats of every epoch. Where it is infinite or nan its line ends.
    start : int
        The epoch of the first entries: 0 if they belong to the untrained model.
    """
    runs = {rate: np.asarray(runs[rate], dtype=float) for rate in sorted(runs)}
    diverged = [rate for rate, loss in runs.items() if not np.isfinite(loss).all()]
    rising = [rate for rate, loss in runs.items() if rate not in diverged and loss.max() > loss[0]]
    ends = {rate: loss[-1] for rate, loss in runs.items() if rate not in diverged}
    figure, ax = plt.subplots(figsize=(6.8, 3.4))
    for n, (rate, loss) in enumerate(runs.items()):
        look = _look(n)
        ax.plot(start + np.arange(len(loss)), _on_log_axis(loss), marker="o", markersize=4, label=f"{rate:g}", **look)
        _mark_break(ax, loss, start, look["color"])
    _epochs(ax)
    log_losses(ax)
    findings = [f"{min(ends, key=ends.get):g} ends lowest"] if ends else []
    if rising:
        findings.append(f"{_listed(rising, 'g')} {'rises above its' if len(rising) == 1 else 'rise above their'} start")
    if diverged:
        findings.append(f"{_listed(diverged, 'g')} {'diverges' if len(diverged) == 1 else 'diverge'}")
    title = f"Learning rate {'; '.join(findings)}"
    ax.set_title(title)
    ax.legend(title="learning rate", loc="center left", bbox_to_anchor=(1, 0.5))
    sentences = [f"{title}."]
    for rate, loss in runs.items():
        if rate not in rising + diverged:  # how those end depends on the last digit of every number on the way
            sentences.append(f"With {rate:g} the loss {_from_to(loss, start, '{:.2f}'.format)}.")
    show(figure, alt=" ".join(sentences))


def _on_log_axis(values):
    """What can be drawn on a logarithmic axis; there is a gap at the rest."""
    return np.where(np.isfinite(values) & (values > 0), values, np.nan)


def _mark_break(ax, loss, start, colour):
    """Mark the last loss before the first that is infinite or nan, if there is one."""
    finite = np.isfinite(loss)
    if finite[0] and not finite.all():
        last = np.argmin(finite) - 1
        ax.plot(start + last, _on_log_axis(loss)[last], "X", color=colour, markersize=11)


def _look(n):
    """Colour and style of line number n."""
    colours = [colour for colour in OKABE_ITO if colour != YELLOW]  # which is too bright for a line
    return {"color": colours[n % len(colours)], "linestyle": "-" if n < len(colours) else "--"}


def _listed(names, form=""):
    """Names or numbers in a sentence.

    >>> _listed(["He"]), _listed([1.0, 3.0, 10.0], "g")
    ('He', '1, 3 and 10')
    """
    *names, last = (format(name, form) for name in names)
    return f"{', '.join(names)} and {last}" if names else last


def two_digits(value):
    """A positive number of any size with its two leading digits.

    >>> two_digits(0.9961), two_digits(0.00123), two_digits(347.2), two_digits(1.26e-9), two_digits(1.26e9)
    ('1.0', '0.0012', '350', '1.3 × 10⁻⁹', '1.3 × 10⁹')
    """
    mantissa, exponent = f"{value:.1e}".split("e")
    exponent = int(exponent)
    if -5 < exponent < 6:
        return f"{float(f'{value:.1e}'):,.{max(1 - exponent, 0)}f}"
    return f"{mantissa} × 10{str(exponent).translate(SUPERSCRIPTS)}"


def decision_regions(X, y, models):
    """Show which class models give to every point of the plane.

    Parameters
    ----------
    X : ndarray, shape (m, 2)
        Points.
    y : ndarray of int, shape (m,)
        Their classes, 0 … 6 at most.
    models : dict of str to callable
        For the title of each panel a model, (n, 2) -> (n, K) probabilities. A model that is right for at least 95 % of
        the points is said to separate the classes.

    Raises
    ------
    ValueError
        If X is no array of points, if y does not fit, or if a model gives anything but a row for each point.
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y)
    if X.ndim != 2 or X.shape[1] != 2 or not len(X):
        raise ValueError(f"X must have shape (m, 2), got {X.shape}")
    if y.shape != (len(X),):
        raise ValueError(f"y must have shape ({len(X)},), a label for each row of X, got {y.shape}")
    low, high = X.min(axis=0), X.max(axis=0)
    room = 0.08 * (high - low).max() or 1
    (left, bottom), (right, top) = low - room, high + room
    side = 240
    columns, rows = np.meshgrid(np.linspace(left, right, side), np.linspace(bottom, top, side))  # (side, side) both
    plane = np.column_stack([columns.ravel(), rows.ravel()])  # (side², 2)
    rates, maps = {}, {}
    for title, model in models.items():
        rates[title] = (_predicted(model, X, title) == y).mean()
        maps[title] = _predicted(model, plane, title).reshape(side, side)
    width = min(3.2 * len(models), 7.6)
    shape = (top - bottom) / (right - left)  # of a panel; one that would be too flat or too tall is stretched
    aspect = "equal" if 0.5 < shape < 1.4 else "auto"
    height = (width / len(models) - 0.55) * (shape if aspect == "equal" else 1) + 1.75
    figure, axes = plt.subplots(1, len(models), figsize=(width, height), sharey=True, squeeze=False)
    classes = np.unique(y)
    sentences = []
    for ax, (title, regions) in zip(axes.flat, maps.items(), strict=True):
        shades = [CLASS_COLOURS[k % len(CLASS_COLOURS)] for k in range(max(regions.max(), 1) + 1)]
        tints = mpl.colors.ListedColormap([_tint(colour) for colour in shades])
        look = {"origin": "lower", "extent": (left, right, bottom, top), "interpolation": "nearest"}
        ax.imshow(regions, cmap=tints, vmin=-0.5, vmax=len(shades) - 0.5, aspect=aspect, **look)
        found = np.unique(regions)
        for k in found[1:]:  # a line, because tints are hard to tell apart
            ax.contour(columns, rows, regions == k, levels=[0.5], colors=BLACK, linewidths=0.8)
        for k in classes:
            colour, marker = CLASS_COLOURS[k % len(CLASS_COLOURS)], "o^sDvPX"[k % 7]
            points = {"color": colour, "marker": marker, "s": 16, "edgecolors": BLACK, "linewidths": 0.4}
            ax.scatter(*X[y == k].T, label=f"class {k}", **points)
        ax.set(title=f"{title}:\n{percent(rates[title])} right", xlabel="feature $x_1$")
        if len(found) == 1:
            told = f"it gives the whole plane to class {found[0]}"
        else:
            form = "straight" if _straight(regions) else "bent"
            told = f"it divides the plane between the classes {_listed(found)}, with {form} borders"
        sentences.append(f"{title}: {percent(rates[title])} right; {told}.")
    axes[0, 0].set(ylabel="feature $x_2$")
    finding = _who_separates(rates)
    figure.suptitle(finding, fontsize=11)
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=len(classes))
    counts = _listed([f"{np.count_nonzero(y == k):,} of class {k}" for k in classes])
    show(figure, alt=" ".join([f"{finding}. {len(y):,} points in the plane, {counts}.", *sentences]))


def _predicted(model, points, title):
    """The class that a model gives to each point."""
    P = np.asarray(model(points))
    if P.ndim != 2 or len(P) != len(points):
        raise ValueError(
            f"a model must return probabilities of shape ({len(points)}, K) for {len(points)} points, "
            f"got {P.shape} from {title!r}"
        )
    return P.argmax(axis=1)


def _tint(colour):
    return tuple(0.7 + 0.3 * np.array(mpl.colors.to_rgb(colour)))


def _straight(regions):
    """Whether the border between any two regions is a straight line; they are given by their class at each grid point.

    >>> rows, columns = np.indices((50, 50))
    >>> _straight((columns > 2 * rows).astype(int)), _straight((columns * rows > 300).astype(int))
    (True, False)
    """
    borders = []
    for offset, here, there in (
        ([0, 0.5], regions[:, :-1], regions[:, 1:]),
        ([0.5, 0], regions[:-1], regions[1:]),
    ):
        places = np.argwhere(here != there)  # (n, 2)
        pair = [np.minimum(here, there)[tuple(places.T)], np.maximum(here, there)[tuple(places.T)]]
        borders.append(np.column_stack([places + offset, *pair]))
    borders = np.concatenate(borders)  # (n, 4): row, column, and the two classes
    for pair in np.unique(borders[:, 2:], axis=0):
        points = borders[(borders[:, 2:] == pair).all(axis=1), :2]
        if len(points) > 2:
            points = points - points.mean(axis=0)
            across = np.linalg.svd(points, full_matrices=False)[2][1]  # of the line that fits best
            if np.abs(points @ across).max() > 1.5:
                return False
    return True


def _who_separates(rates):
    """The finding of `decision_regions`, from the share of right answers of every model.

    >>> _who_separates({"softmax classifier": 0.5, "MLP": 1.0})
    'Of 2 models only one separates the classes: MLP'
    >>> _who_separates({"one": 0.5, "other": 0.6})
    'No model separates the classes; other is right most often'
    """
    able = [title for title, rate in rates.items() if rate >= 0.95]
    best = max(rates, key=rates.get)
    if not able:
        tied = len({percent(rate) for rate in rates.values()}) == 1
        return "No model separates the classes" + ("" if tied else f"; {best} is right most often")
    if len(rates) == 1:
        return f"{best} separates the classes"
    if len(able) == len(rates):
        return "Every model separates the classes"
    number = "one separates" if len(able) == 1 else f"{len(able)} separate"
    return f"Of {len(rates)} models only {number} the classes: {_listed(able)}"


def relu_and_derivative():
    """Show the ReLU and its derivative, which the course takes to be 0 at 0."""
    z = np.linspace(-3, 3, 7)
    figure, (left, right) = plt.subplots(1, 2, figsize=(6.6, 2.9))
    left.plot(z, np.maximum(z, 0), linewidth=2.5)
    left.set(title="ReLU stops what is negative", xlabel="z", ylabel="relu(z)")
    look = {"color": ORANGE, "linewidth": 2.5}
    right.plot([-3, 0], [0, 0], **look)
    right.plot([0, 3], [1, 1], **look)
    right.plot(0, 1, "o", markersize=8, color=ORANGE, markerfacecolor="white", markeredgewidth=2)
    right.plot(0, 0, "o", markersize=8, color=ORANGE)
    right.annotate("at z = 0\nthe course takes 0", (0, 0), (8, 10), textcoords="offset points")
    right.set(
        title="Its derivative is 0 or 1", xlabel="z", ylabel="derivative of relu", yticks=[0, 1], ylim=(-0.15, 1.25)
    )
    show(
        figure,
        alt="Two curves for z from −3 to 3. Left, relu(z): 0 up to z = 0, then a line of slope 1, up to 3 at z = 3. "
        "Right, its derivative: 0 for negative z, 1 for positive z, and a jump at z = 0, where a filled point at 0 and "
        "an open one at 1 say that the course takes 0.",
    )


def signal_by_layer(stds):
    """Show how large activations are from layer to layer.

    Parameters
    ----------
    stds : dict of str to sequence of float, length L + 1
        For the name of each way to begin the standard deviations of the activations: layer 0 is the input, layer L the
        last hidden layer. Where one is 0, infinite or nan its line ends. A signal keeps its size if it ends within a
        factor of 3 of where it starts.

    Raises
    ------
    ValueError
        If there is nothing to draw, or if a standard deviation is negative.
    """
    stds = {name: np.asarray(values, dtype=float) for name, values in stds.items()}
    if not stds:
        raise ValueError("there must be at least one sequence of standard deviations, got none")
    for name, values in stds.items():
        if values.ndim != 1 or not len(values):
            raise ValueError(f"the standard deviations must have shape (L + 1,), got {values.shape} for {name!r}")
        if (values < 0).any():
            layer = np.argmax(values < 0)
            raise ValueError(
                f"standard deviations must not be negative, got {values[layer]} at layer {layer} of {name!r}"
            )
    figure, ax = plt.subplots(figsize=(7.2, 3.6))
    kept, sentences = [], []
    vanished = []  # name and the layer where it is 0
    for n, (name, values) in enumerate(stds.items()):
        drawn = _on_log_axis(values)
        look = _look(n) | {"marker": "os^Dv<>"[n % 7], "markersize": 5}
        ax.plot(np.arange(len(values)), drawn, label=name, **look)
        if np.isfinite(drawn).all():
            ratio = values[-1] / values[0]
            if 1 / 3 <= ratio <= 3:
                kept.append(name)
            sentences.append(
                f"{name}: from {two_digits(values[0])} at the input to {two_digits(values[-1])} at layer "
                f"{len(values) - 1}."
            )
        else:
            broken = int(np.argmax(np.isnan(drawn)))
            if values[broken] == 0:
                vanished.append((broken, drawn[broken - 1] if broken else None, look))
            end = f"{values[broken] + 0:g}"
            start = f"{two_digits(values[0])} at the input, " if broken else ""
            sentences.append(f"{name}: {start}{end} from layer {broken} on, where its line ends.")
    starts = np.array([values[0] for values in stds.values()])
    if np.isfinite(starts).all() and starts.min() > 0 and np.ptp(starts) <= 0.01 * starts.max():
        ax.axhspan(starts.mean() / 3, 3 * starts.mean(), color="0.9", zorder=0, label="within a factor of 3")
    ax.set(yscale="log", xlabel="layer (0: input)", ylabel="standard deviation\nof the activations")
    ax.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    low, high = ax.get_ylim()
    if high / low < 100:  # a decade to either side at least, so that small changes look small
        middle = np.sqrt(low * high)
        low, high = min(low, middle / 10), max(high, 10 * middle)
    ax.yaxis.set_major_locator(mpl.ticker.LogLocator(numticks=8))
    ax.yaxis.set_major_formatter(lambda value, _: _power_of_ten(value))
    ax.yaxis.set_minor_locator(mpl.ticker.NullLocator())
    ax.set_ylim(low, high)
    floor = low * (high / low) ** 0.05
    for layer, before, look in vanished:  # 0 has no place on a logarithmic axis, but the way down can be seen
        if before is not None:
            ax.plot([layer - 1, layer], [before, floor], color=look["color"], linestyle=":")
        ax.plot(layer, floor, "X", markersize=10, color=look["color"])
        ax.annotate("0", (layer, floor), (8, 0), textcoords="offset points", va="center")
    title = _who_keeps(kept, len(stds))
    ax.set_title(title)
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    show(
        figure,
        alt=" ".join([f"{title}. The standard deviation of the activations, on a logarithmic axis.", *sentences]),
    )


def _power_of_ten(value):
    """A number at an axis.

    >>> _power_of_ten(10.0**-5), _power_of_ten(1.0), _power_of_ten(10.0**4), _power_of_ten(1e-12)
    ('0.00001', '1', '10,000', '10⁻¹²')
    """
    if 0.9e-5 < value < 0.9e6:
        return f"{value:,.0f}" if value > 0.9 else np.format_float_positional(float(f"{value:.1g}"), trim="-")
    exponent = round(np.log10(value))
    return f"10{str(exponent).translate(SUPERSCRIPTS)}"


def _who_keeps(kept, count):
    """The finding of `signal_by_layer`."""
    if not kept:
        return "The signal does not keep its size" if count == 1 else "None keeps the signal's size"
    if len(kept) == count > 1:
        return "All keep the signal's size"
    verb = "keep" if len(kept) > 1 else "keeps"
    return f"{'Only ' if count > 1 else ''}{_listed(kept)} {verb} the signal's size"


def hidden_weights(W, count=24):
    """Show what the first hidden units weigh, as images.

    Parameters
    ----------
    W : ndarray, shape (784, n)
        The weights of the first layer.
    count : int
        How many units to show; fewer if there are fewer.

    Raises
    ------
    ValueError
        If W does not have a row for each pixel.
    """
    W = np.asarray(W)
    if W.ndim != 2 or W.shape[0] != 784 or not W.shape[1]:
        raise ValueError(f"W must have shape (784, n), got {W.shape}")
    shown = W[:, :count]  # (784, count)
    alike = _neighbours(shown)
    if not shown.any():
        title = "Every weight is 0: the units see nothing"
    elif alike >= 0.1:  # for random weights the correlation is within 0.05, but for a unit or two
        title = "Neighbouring weights are alike: the units look for strokes"
    else:
        title = "Neighbouring weights are unrelated: noise, no strokes"
    figure, limit = _weight_images(shown, min(8, shown.shape[1]), title)
    show(
        figure,
        alt=f"{title}. The weights of the first {shown.shape[1]} of {W.shape[1]} hidden units as images of 28 × 28 "
        f"pixels, on one scale from {two_decimals(-limit)} to {two_decimals(limit)}. Where digits lie, the weights of "
        f"neighbouring pixels have a correlation of {alike:.1f}.",
    )


def _neighbours(W):
    """How alike the weights of neighbouring pixels are where digits lie: their correlation, 0 if there is none.

    Parameters
    ----------
    W : ndarray, shape (784, n)

    Returns
    -------
    correlation : float
    """
    images = W.T.reshape(-1, 28, 28)[:, 4:24, 4:24].astype(np.float64)  # (n, 20, 20)
    pairs = ((images[:, :, 1:], images[:, :, :-1]), (images[:, 1:], images[:, :-1]))
    here, there = (np.concatenate([pair[side].ravel() for pair in pairs]) for side in (0, 1))
    if not here.std() or not there.std():
        return 0.0
    return max(float(np.corrcoef(here, there)[0, 1]), 0.0)


def compare_runs(runs, start=0, measured="accuracy"):
    """Show how loss and accuracy went in several runs.

    Parameters
    ----------
    runs : dict of str to dict
        For the name of each run "loss" in nats and "accuracy" as a fraction, each of shape (n,); n may differ from run
        to run. Where a loss is infinite or nan its line ends.
    start : int
        The epoch of the first entries: 0 if they belong to the untrained model, 1 if there is no entry for that. The
        accuracies of untrained models do not count for the range of the axis.
    measured : str
        What the accuracies are in the title, such as "training accuracy".

    Raises
    ------
    ValueError
        If there is no run, or one without entries, or with more of one kind than of the other.
    """
    runs = {
        name: [np.atleast_1d(np.asarray(run[key], dtype=float)) for key in ("loss", "accuracy")]
        for name, run in runs.items()
    }
    if not runs:
        raise ValueError("there must be at least one run, got none")
    for name, (loss, accuracy) in runs.items():
        if len(loss) != len(accuracy) or not len(loss):
            raise ValueError(
                "a run needs as many losses as accuracies, at least one, "
                f"got {len(loss)} and {len(accuracy)} for {name!r}"
            )
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.5))
    sentences = []
    for n, (name, (loss, accuracy)) in enumerate(runs.items()):
        epochs = start + np.arange(len(loss))
        look = _look(n) | {"marker": "os^Dv<>"[n % 7], "markersize": 4 if len(epochs) <= 30 else 0}
        left.plot(epochs, _on_log_axis(loss), label=name, **look)
        _mark_break(left, loss, start, look["color"])
        right.plot(epochs, 100 * accuracy, **look)
        if np.isfinite(loss).all():
            told = f"the loss {_from_to(loss, start, _loss)}"
        else:
            broken = np.argmin(np.isfinite(loss))
            told = f"the loss is {loss[broken]} from epoch {start + broken} on"
        sentences.append(f"{name}: {told}, the accuracy {_from_to(100 * accuracy, start, '{:.1f} %'.format)}.")
    log_losses(left)
    # Next to an untrained model all others would look alike.
    untrained = 1 if start == 0 else 0
    shown = 100 * np.concatenate([accuracy[min(untrained, len(accuracy) - 1) :] for _, accuracy in runs.values()])
    room = max(0.08 * np.ptp(shown), 0.2)
    right.set(ylabel="accuracy in percent", ylim=(max(shown.min() - room, -1), min(shown.max() + room, 100.2)))
    for ax in (left, right):
        _epochs(ax)
    ends = {name: f"{100 * accuracy[-1]:.1f} %" for name, (_, accuracy) in runs.items()}
    highest = max(runs, key=lambda name: runs[name][1][-1])
    best = [name for name in runs if ends[name] == ends[highest]]
    title = f"{_listed(best)} {'end' if len(best) > 1 else 'ends'} with the highest {measured}, {ends[highest]}"
    if len(runs) == 1:
        title = f"{highest} ends with {ends[highest]} {measured}"
    figure.suptitle(title, fontsize=11)
    figure.legend(loc="outside lower center", ncols=min(len(runs), 3))
    show(figure, alt=" ".join([f"{title}.", *sentences]))


def _loss(value):
    return two_digits(value) if value > 0 else "0"
