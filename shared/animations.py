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
    plots.digit(left, image, f"{'an' if label == 8 else 'a'} {label}")
    plots.bars(right, P[0], highlight=label)

    def draw(entry):
        for bar, height in zip(right.patches, P[entry], strict=True):
            bar.set_height(height)
        best = P[entry].argmax()
        title = f"epoch {entry}{', untrained' * (entry == 0)}: {best} with {100 * P[entry, best]:.0f} %"
        right.set_title(title)
        return f"{title}, the true class {label} with {100 * P[entry, label]:.0f} %"

    _play(figure, draw, len(P), f"The probabilities of one image, {'an' if label == 8 else 'a'} {label}")


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
