"""Training, frame by frame: players that need no network, each with a still of its last frame below.

The first frame always shows the untrained model. A player's pictures lie in the notebook, so they are few, and small.
"""

import base64
import io
import os
from html import escape

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display
from matplotlib.colors import to_rgb
from PIL import Image

from shared import plots

MOST_FRAMES = 30
SECONDS = 6  # that the longest animation plays

# What does not change from the first frame on is stored once: every frame is a transparent layer above the first.
#
# The script looks for players that nobody has set up yet, so they need no ids, which would differ in every run or be
# the same in two cells. JupyterLab leaves its keys to the buttons.
PLAYER = """<div class="digits-player" data-layers="{layers}" data-texts="{texts}" data-interval="{interval}"
  data-lm-suppress-shortcuts="true" style="max-width: {width}px">
<div style="position: relative; line-height: 0">
<img width="{width}" style="max-width: 100%; height: auto" alt="{text}" src="data:image/png;base64,{first}">
</div>
<div style="display: flex; gap: 6px; align-items: center; margin: 2px 0 8px">
<button type="button" style="min-width: 5em">play</button>
<button type="button">previous</button>
<button type="button">next</button>
<input type="range" min="0" max="{last}" value="0" aria-label="frame" aria-valuetext="{text}" style="flex: 1">
<span>1 of {count}</span>
</div>
</div>
<script>
for (const player of document.querySelectorAll(".digits-player:not([data-ready])")) {{
  player.dataset.ready = "true";
  const texts = player.dataset.texts.split("|");
  const picture = player.querySelector("img"), place = player.querySelector("input");
  const [play, previous, next] = player.querySelectorAll("button");
  const layers = player.dataset.layers.split(" ").map(png => {{
    const layer = new Image();
    layer.src = "data:image/png;base64," + png;
    layer.alt = "";
    layer.style = "position: absolute; top: 0; left: 0; width: 100%; height: auto; visibility: hidden";
    picture.parentNode.append(layer);
    return layer;
  }});
  const last = layers.length - 1;
  let frame = 0, timer = null;
  const show = number => {{
    layers[frame].style.visibility = "hidden";
    frame = Math.min(Math.max(number, 0), last);
    layers[frame].style.visibility = "visible";
    picture.alt = texts[frame];
    place.setAttribute("aria-valuetext", texts[frame]);
    place.value = frame;
    player.querySelector("span").textContent = `${{frame + 1}} of ${{layers.length}}`;
  }};
  const pause = () => {{ clearInterval(timer); timer = null; play.textContent = "play"; }};
  play.onclick = () => {{
    if (timer !== null) return pause();
    if (frame === last) show(0);
    play.textContent = "pause";
    timer = setInterval(() => {{
      show(frame + 1);
      if (frame === last) pause();
    }}, Number(player.dataset.interval));
  }};
  previous.onclick = () => {{ pause(); show(frame - 1); }};
  next.onclick = () => {{ pause(); show(frame + 1); }};
  place.oninput = () => {{ pause(); show(Number(place.value)); }};
}}
</script>
"""


def loss_and_accuracy(history, unit="epoch"):
    """Watch the loss fall and the accuracy rise, point by point.

    Parameters
    ----------
    history : dict
        "loss" in nats and "accuracy" as a fraction, each of shape (n,). Entry 0 belongs to the untrained model.
    unit : str
        What lies between two entries, such as "epoch" or "step".
    """
    loss, accuracy = (np.asarray(history[key], dtype=float) for key in ("loss", "accuracy"))
    drawn = np.where(np.isfinite(loss), loss, np.nan)
    figure, axes = plt.subplots(1, 2, figsize=(6.6, 2.7))
    curves = []
    for ax, values, colour, ylabel in zip(
        axes, (drawn, 100 * accuracy), plots.OKABE_ITO, ("loss in nats", "accuracy in percent"), strict=False
    ):
        (line,) = ax.plot([], [], color=colour, marker="o" if len(values) <= MOST_FRAMES else "", markersize=4)
        (point,) = ax.plot([], [], "o", color=colour, markersize=9, markeredgecolor=plots.BLACK, clip_on=False)
        room = 0.06 * max(len(values) - 1, 1)
        ax.set(xlim=(-room, max(len(values) - 1, 1) + room), xlabel=unit, ylabel=ylabel)
        ax.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
        curves.append((values, line, point))
    axes[0].set_ylim(0, 1.08 * max(np.nanmax(drawn, initial=0), 0.1))
    axes[1].set_ylim(0, 105)

    def draw(entry):
        for values, line, point in curves:
            line.set_data(np.arange(entry + 1), values[: entry + 1])
            point.set_data([entry], [values[entry]])
        when = f"{unit} {entry}" + ", untrained" * (entry == 0)
        axes[0].set_title(f"{when}: loss {loss[entry]:.3f}")
        axes[1].set_title(f"accuracy {100 * accuracy[entry]:.1f} %")
        return f"{when}: loss {loss[entry]:.3f}, accuracy {100 * accuracy[entry]:.1f} %"

    _play(figure, draw, len(loss), "Loss and accuracy grow point by point")


def probability_bars(image, label, P):
    """Watch a model make up its mind about one image.

    Parameters
    ----------
    image : ndarray, shape (784,) or (28, 28)
    label : int
        The true class, which is orange.
    P : ndarray, shape (n, K)
        The image's probabilities after every epoch. Row 0 belongs to the untrained model.
    """
    P = np.asarray(P)
    figure, (left, right) = plt.subplots(1, 2, figsize=(6.6, 2.7), width_ratios=[1, 2.2])
    plots.digit(left, image, plots.a_digit(label))
    plots.bars(right, P[0], highlight=label)

    def draw(entry):
        for bar, height in zip(right.patches, P[entry], strict=True):
            bar.set_height(height)
        best = P[entry].argmax()
        title = f"epoch {entry}{', untrained' * (entry == 0)}: {best} with {100 * P[entry, best]:.0f} %"
        right.set_title(title)
        return f"{title}, the true class {label} with {100 * P[entry, label]:.0f} %"

    _play(figure, draw, len(P), f"The probabilities of one image, {plots.a_digit(label)}")


# Ten of the colours that the palette has; the digits that wear them tell those apart who see no colours.
DIGIT_COLOURS = (
    plots.BLUE,
    plots.ORANGE,
    plots.GREEN,
    plots.VERMILION,
    plots.SKY,
    plots.PURPLE,
    plots.BLACK,
    "#929292",  # grey
    "#6A2F00",  # vermilion, half as bright
    "#787221",  # yellow, half as bright
)


def hidden_activations(points, labels, accuracies=None, unit="epoch"):
    """Watch the classes drift apart in a hidden layer, each image drawn as the digit that it shows.

    Parameters
    ----------
    points : ndarray, shape (frames, n, 2)
        The hidden activations of n images, projected to a plane that stays the same. Frame 0 belongs to the untrained
        network.
    labels : ndarray of int, shape (n,)
        The images' classes, 0 … 9.
    accuracies : sequence of float, length frames, optional
        As fractions; for the titles.
    unit : str
        What lies between two frames, such as "epoch" or "step".

    Raises
    ------
    ValueError
        If the shapes do not fit, if a label is none, or if a point lies nowhere.
    """
    points, labels = np.asarray(points, dtype=float), np.asarray(labels)
    if points.ndim != 3 or points.shape[2] != 2 or not points.size:
        raise ValueError(f"points must have shape (frames, n, 2), got {points.shape}")
    if labels.shape != points.shape[1:2]:
        raise ValueError(f"labels must have shape ({points.shape[1]},), one for each point, got {labels.shape}")
    if not np.isin(labels, range(10)).all():
        i = np.argmin(np.isin(labels, range(10)))
        raise ValueError(f"labels must lie in 0…9, got {labels[i]} at index {i}")
    if not np.isfinite(points).all():
        frame, i, _ = np.argwhere(~np.isfinite(points))[0]
        raise ValueError(f"points must be finite, got {points[frame, i]} at index {i} of frame {frame}")
    if accuracies is not None and len(accuracies) != len(points):
        raise ValueError(f"accuracies must have length {len(points)}, one for each frame, got {len(accuracies)}")
    figure, ax = plt.subplots(figsize=(5.6, 4.2))
    low, high = points.min(axis=(0, 1)), points.max(axis=(0, 1))  # (2,) both
    room = np.maximum(0.05 * (high - low), 1e-9)
    (left, right), (bottom, top) = zip(low - room, high + room, strict=True)
    ax.set(xlim=(left, right), ylim=(bottom, top), xlabel="first coordinate", ylabel="second coordinate")
    clouds = []
    for k in np.unique(labels):
        (cloud,) = ax.plot([], [], linestyle="", marker=rf"$\mathbf{{{k}}}$", markersize=7, color=DIGIT_COLOURS[k])
        cloud.set_markeredgewidth(0)
        clouds.append((labels == k, cloud))

    def draw(entry):
        for of_class, cloud in clouds:
            cloud.set_data(*points[entry, of_class].T)
        when = f"{unit} {entry}" + ", untrained" * (entry == 0)
        near = f"of ten images {_near_their_class(points[entry], labels)} lie nearest to the mean of their class"
        if accuracies is None:
            ax.set_title(f"{when}: {near}")
            return f"{when}: {near}"
        told = f"{when}: accuracy {plots.percent(accuracies[entry])}"
        ax.set_title(told)
        return f"{told}; {near}"

    _play(figure, draw, len(points), f"The hidden activations of {len(labels)} images, each drawn as its digit")


def _near_their_class(points, labels):
    """How many points of ten lie nearer to the mean of their class than to that of any other.

    >>> _near_their_class(np.array([[0.0, 0], [1, 0], [9, 0], [2, 0]]), np.array([3, 3, 5, 5]))
    8
    """
    classes = np.unique(labels)
    means = np.array([points[labels == k].mean(axis=0) for k in classes])  # (K, 2)
    nearest = ((points[:, np.newaxis] - means) ** 2).sum(axis=2).argmin(axis=1)  # (n,)
    return int(np.round(10 * (classes[nearest] == labels).mean()))


def _play(figure, draw, count, what):
    """Display a player, and below it the last frame.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    draw : callable
        Brings the figure to an entry, 0 … count − 1, and returns what it then shows, in words.
    count : int
    what : str
        What is to be seen, without a full stop.
    """
    entries = np.unique(np.linspace(0, count - 1, min(count, MOST_FRAMES)).round().astype(int)).tolist()
    texts = [draw(entries[0])]
    data = {}
    if "NBGRADER_EXECUTION" not in os.environ:  # nobody plays while nbgrader validates or grades
        figure.draw_without_rendering()
        figure.set_layout_engine("none")  # from here on nothing moves but the curves, and a frame takes half the time
        frames = [_pixels(figure)]
        for entry in entries[1:]:
            texts.append(draw(entry))
            frames.append(_pixels(figure))
        data["text/html"] = _html(frames, texts)
    last = draw(entries[-1])
    number = f"{len(entries)} frames, from {texts[0]} to {last}" if len(entries) > 1 else f"One frame, {last}"
    display({"text/plain": f"{what}. {number}."} | data, raw=True)
    plots.show(figure, alt=f"The last frame: {last}.")


def _palette():
    """The colours of the course with their blends into white and black, greys and cividis; the last is transparent."""
    colours = [(grey, grey, grey) for grey in np.linspace(0, 1, 8)]
    for colour in plots.OKABE_ITO[:-1]:
        rgb = np.array(to_rgb(colour))
        colours += [rgb / 2, rgb, 1 / 3 + 2 / 3 * rgb, 2 / 3 + 1 / 3 * rgb]
    colours += [plt.get_cmap("cividis")(value)[:3] for value in np.linspace(0, 1, 24)]
    palette = Image.new("P", (1, 1))
    palette.putpalette((255 * np.array(colours)).round().astype(np.uint8).tobytes())
    return palette, len(colours)


PALETTE, TRANSPARENT = _palette()


def _pixels(figure):
    """The figure as it is now: for every pixel the number of its colour in the palette."""
    figure.canvas.draw()
    pixels = Image.fromarray(np.asarray(figure.canvas.buffer_rgba())[:, :, :3])
    return np.asarray(pixels.quantize(palette=PALETTE, dither=Image.Dither.NONE))


def _png(pixels):
    """A PNG in base64."""
    image, file = Image.fromarray(pixels), io.BytesIO()
    image.putpalette(PALETTE.getpalette() + [0, 0, 0])
    image.save(file, format="png", transparency=TRANSPARENT)
    return base64.b64encode(file.getvalue()).decode()


def _html(frames, texts):
    first = frames[0]
    layers = [np.where(frame == first, TRANSPARENT, frame).astype(np.uint8) for frame in frames]
    return PLAYER.format(
        layers=" ".join(map(_png, layers)),
        texts=escape("|".join(texts)),
        text=escape(texts[0]),
        first=_png(first),
        count=len(frames),
        last=len(frames) - 1,
        width=first.shape[1],
        interval=min(round(1000 * SECONDS / len(frames)), 500),
    )
