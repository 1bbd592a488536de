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
    if "NBGRADER_EXECUTION" not in os.environ:  # nobody looks at figures while nbgrader validates or grades
        png = io.BytesIO()
        figure.savefig(png, format="png")
        data["image/png"] = png.getvalue()
    plt.close(figure)
    display(data, metadata={"image/png": {"alt": alt}}, raw=True)


def svg(figure, alt):
    """A figure as SVG text for an HTML widget, labelled for screen readers; closes the figure.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    alt : str

    Returns
    -------
    html : str
    """
    text = io.StringIO()
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
