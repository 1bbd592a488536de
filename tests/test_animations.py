"""Players show the untrained start first, play without a network, and are small."""

import base64
import io
import re
import time

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from shared import animations, plots

STEPS = np.arange(400)
EPOCHS = {"loss": np.array([2.3026, 0.9, 0.5, 0.2794]), "accuracy": np.array([0.0987, 0.7, 0.85, 0.9224])}
LONG = {
    "loss": 2.3 * np.exp(-STEPS / 60) + 0.3 + 0.1 * np.random.default_rng(0).random(400),
    "accuracy": 0.9 - 0.8 * np.exp(-STEPS / 50),
}


LABELS = np.random.default_rng(0).integers(0, 10, 400).astype(np.uint8)
CENTRES = np.column_stack([np.cos(np.arange(10) * 0.628), np.sin(np.arange(10) * 0.628)])
# A cloud that comes apart into ten: (11, 400, 2).
CLOUDS = np.random.default_rng(1).normal(0, 0.2, (11, 400, 2)) + np.linspace(0, 3, 11)[:, None, None] * CENTRES[LABELS]


@pytest.fixture
def play(monkeypatch):
    """Run an animation; returns what it displays: the player, and the still with its metadata."""
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    plt.close("all")
    plots.use_course_style()

    def run(function, *arguments, **options):
        shown = []
        monkeypatch.setattr(animations, "display", lambda data, raw: shown.append(data))
        monkeypatch.setattr(plots, "display", lambda data, metadata, raw: shown.append(data | {"metadata": metadata}))
        function(*arguments, **options)
        assert not plt.get_fignums(), "a figure is left open"
        player, still = shown
        return player, still

    return run


@pytest.fixture
def image():
    return np.random.default_rng(0).random(784)


def texts(player):
    return re.search(r'data-texts="([^"]*)"', player["text/html"])[1].split("|")


def frames(player):
    """What a reader sees: the first picture, and above it the layer of each frame."""
    html = player["text/html"]
    first = re.search(r'src="data:image/png;base64,([^"]*)"', html)[1]
    layers = re.search(r'data-layers="([^"]*)"', html)[1].split(" ")
    pictures = []
    for layer in layers:
        picture, above = (Image.open(io.BytesIO(base64.b64decode(png))).convert("RGBA") for png in (first, layer))
        picture.alpha_composite(above)
        pictures.append(np.asarray(picture)[:, :, :3].astype(int))
    return pictures


def pixels(picture, colour):
    """Where a picture has a colour of the course."""
    return (np.abs(picture - 255 * np.array(to_rgb(colour))).max(axis=2) < 3).nonzero()


def stored(player, still):
    """How many bytes of the notebook they take."""
    return len(player["text/html"]) + len(base64.b64encode(still["image/png"]))


def test_curves_begin_with_the_untrained_model_and_grow(play):
    player, _ = play(animations.loss_and_accuracy, EPOCHS)
    assert texts(player) == [
        "epoch 0, untrained: loss 2.303, accuracy 9.9 %",
        "epoch 1: loss 0.900, accuracy 70.0 %",
        "epoch 2: loss 0.500, accuracy 85.0 %",
        "epoch 3: loss 0.279, accuracy 92.2 %",
    ]
    pictures = frames(player)
    widths = []
    for colour in (plots.BLUE, plots.ORANGE):
        rows, columns = pixels(pictures[0], colour)
        assert len(rows) > 20, "the point of the untrained model cannot be seen"
        assert np.ptp(rows) < 15 and np.ptp(columns) < 15, "more than one point"
        widths.append([np.ptp(pixels(picture, colour)[1]) for picture in pictures])
    assert all(width == sorted(set(width)) for width in widths), "the curves should grow with every frame"


def test_text_stands_in_for_the_player(play):
    player, still = play(animations.loss_and_accuracy, EPOCHS)
    assert player["text/plain"] == (
        "Loss and accuracy grow point by point. 4 frames, from epoch 0, untrained: loss 2.303, accuracy 9.9 % to "
        "epoch 3: loss 0.279, accuracy 92.2 %."
    )
    assert still["text/plain"] == "The last frame: epoch 3: loss 0.279, accuracy 92.2 %."
    assert still["metadata"]["image/png"]["alt"] == still["text/plain"]


def test_still_is_the_last_frame(play, image):
    P = np.random.default_rng(1).dirichlet(np.ones(10), 4)
    for call in ((animations.loss_and_accuracy, EPOCHS), (animations.probability_bars, image, 3, P)):
        player, still = play(*call)
        shown = np.asarray(Image.open(io.BytesIO(still["image/png"])).convert("RGB")).astype(int)
        last = frames(player)[-1]
        assert last.shape == shown.shape
        # The player has fewer colours, so that the edges of letters differ a little, and nothing else.
        assert (np.abs(last - shown).max(axis=2) > 50).mean() < 0.002
        assert (np.abs(frames(player)[0] - shown).max(axis=2) > 50).mean() > 0.002


def test_bars_follow_the_probabilities(play, image):
    P = np.full((3, 10), 0.1)
    P[1] = [0.02] * 7 + [0.36, 0.48, 0.02]
    P[2] = [0.01] * 7 + [0.83, 0.09, 0.01]
    player, _ = play(animations.probability_bars, image, 7, P)
    assert texts(player) == [
        "epoch 0, untrained: 0 with 10 %, the true class 7 with 10 %",
        "epoch 1: 8 with 48 %, the true class 7 with 36 %",
        "epoch 2: 7 with 83 %, the true class 7 with 83 %",
    ]
    # All that is orange is the bar of the true class; its height is the probability.
    heights = [np.ptp(pixels(picture, plots.ORANGE)[0]) + 1 for picture in frames(player)]
    np.testing.assert_allclose(np.divide(heights, heights[-1]), [0.1 / 0.83, 0.36 / 0.83, 1], atol=0.02)
    assert player["text/plain"].startswith("The probabilities of one image, a 7. 3 frames, from epoch 0, untrained:")


def test_a_long_history_keeps_its_ends_in_thirty_frames(play):
    player, _ = play(animations.loss_and_accuracy, LONG, unit="step")
    told = texts(player)
    assert len(told) == len(frames(player)) == 30
    assert told[0].startswith("step 0, untrained: loss") and told[-1].startswith("step 399: loss")
    assert len(set(told)) == 30


def test_thirty_frames_are_small_and_quickly_made(play, image):
    P = np.random.default_rng(0).dirichlet(np.ones(10), 30)
    for call in ((animations.loss_and_accuracy, LONG), (animations.probability_bars, image, 3, P)):
        start = time.process_time()
        player, still = play(*call)
        seconds = time.process_time() - start
        size = stored(player, still)
        print(f"{call[0].__name__}: {size} bytes, {seconds:.2f} s")
        assert size < 300_000
        assert seconds < 6, "should be 2 s on a machine that has nothing else to do"


def test_player_needs_no_network_and_no_ids(play):
    html = play(animations.loss_and_accuracy, EPOCHS)[0]["text/html"]
    assert "http" not in html and "//" not in re.sub(r"[A-Za-z0-9+/=]{200,}", "", html)
    assert not re.search(r"\bid=", html), "two players on a page would get in each other's way"
    for control in (">play<", ">previous<", ">next<", 'type="range"'):
        assert control in html


def test_player_is_the_same_every_time(play, image):
    for call in ((animations.loss_and_accuracy, EPOCHS), (animations.probability_bars, image, 8, np.eye(10))):
        assert play(*call)[0] == play(*call)[0]


def test_player_has_the_colours_of_the_course(play, image):
    P = np.random.default_rng(1).dirichlet(np.ones(10), 2)
    (picture, _) = frames(play(animations.probability_bars, image, 3, P)[0])
    for colour in (plots.BLUE, plots.ORANGE):
        assert len(pixels(picture, colour)[0]) > 100
    flat, _ = np.unique(picture.reshape(-1, 3), axis=0, return_counts=True)
    assert len(flat) <= 70


@pytest.mark.parametrize("loss", [[2.3, np.inf, np.nan], [np.nan] * 3, [0.0] * 3])
def test_run_that_breaks_is_shown_as_far_as_it_goes(play, loss):
    player, _ = play(animations.loss_and_accuracy, {"loss": loss, "accuracy": [0.1, 0.2, 0.1]})
    assert f"epoch 2: loss {loss[2]:.3f}, accuracy 10.0 %" in texts(player)
    assert f"epoch 1: loss {loss[1]:.3f}, accuracy 20.0 %" in texts(player)
    assert (len(pixels(frames(player)[0], plots.BLUE)[0]) > 20) == np.isfinite(loss[0])


def test_untrained_model_alone_is_one_frame(play):
    player, _ = play(animations.loss_and_accuracy, {"loss": [2.3], "accuracy": [0.1]})
    assert len(frames(player)) == 1 and ". One frame, epoch 0, untrained" in player["text/plain"]


def test_nothing_is_drawn_while_nbgrader_grades(play, image, monkeypatch):
    calls = ((animations.loss_and_accuracy, EPOCHS), (animations.probability_bars, image, 3, np.eye(10)))
    told = [[output["text/plain"] for output in play(*call)] for call in calls]
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.setattr(animations, "_pixels", None)
    for call, expected in zip(calls, told, strict=True):
        player, still = play(*call)
        assert set(player) == {"text/plain"} and "image/png" not in still
        assert [player["text/plain"], still["text/plain"]] == expected


def test_hidden_activations_come_apart(play):
    player, still = play(animations.hidden_activations, CLOUDS, LABELS, np.linspace(0.0849, 0.9759, 11))
    told = texts(player)
    assert len(told) == len(frames(player)) == 11
    assert re.fullmatch(
        r"epoch 0, untrained: accuracy 8 %; of ten images \d lie nearest to the mean of their class", told[0]
    )
    assert told[-1] == "epoch 10: accuracy 98 %; of ten images 10 lie nearest to the mean of their class"
    assert int(told[0].split("ten images ")[1][0]) <= 3
    assert player["text/plain"] == (
        f"The hidden activations of 400 images, each drawn as its digit. 11 frames, from {told[0]} to {told[-1]}."
    )
    assert still["text/plain"] == f"The last frame: {told[-1]}."
    places = [pixels(picture, plots.GREEN) for picture in frames(player)]  # of the twos, which go up
    heights = [rows.mean() for rows, _ in places]
    assert all(len(rows) > 20 for rows, _ in places) and heights == sorted(heights, reverse=True)


def test_hidden_activations_do_not_tell_the_last_digits(play):
    accuracies = np.linspace(0.1, 0.9, 11)
    told = texts(play(animations.hidden_activations, CLOUDS, LABELS, accuracies)[0])
    noise = np.random.default_rng(2).normal(0, 1e-5, CLOUDS.shape)
    assert texts(play(animations.hidden_activations, CLOUDS + noise, LABELS, accuracies + 1e-5)[0]) == told


def test_hidden_activations_without_accuracies_and_in_steps(play):
    player, _ = play(animations.hidden_activations, CLOUDS[[0, 5]], LABELS, unit="step")
    assert re.fullmatch(r"step 1: of ten images \d+ lie nearest to the mean of their class", texts(player)[-1])
    player, _ = play(animations.hidden_activations, np.zeros((1, 3, 2)), np.array([4, 4, 4]), [1])
    assert texts(player) == [
        "epoch 0, untrained: accuracy 100 %; of ten images 10 lie nearest to the mean of their class"
    ]


def test_hidden_activations_keep_their_axes(play, monkeypatch):
    limits, draw = [], animations._pixels
    monkeypatch.setattr(animations, "_pixels", lambda figure: limits.append(figure.axes[0].axis()) or draw(figure))
    play(animations.hidden_activations, CLOUDS, LABELS)
    assert len(limits) == 11 and len(set(limits)) == 1
    left, right, bottom, top = limits[0]
    assert (CLOUDS > [left, bottom]).all() and (CLOUDS < [right, top]).all()


def test_ten_digits_have_ten_colours_of_the_palette():
    palette = np.reshape(animations.PALETTE.getpalette()[: 3 * animations.TRANSPARENT], (-1, 3)).tolist()
    colours = [[round(255 * part) for part in to_rgb(colour)] for colour in animations.DIGIT_COLOURS]
    assert all(colour in palette for colour in colours) and len({tuple(colour) for colour in colours}) == 10


def test_hidden_activations_are_small_and_quickly_made(play):
    start = time.process_time()
    size = stored(*play(animations.hidden_activations, CLOUDS, LABELS))
    seconds = time.process_time() - start
    print(f"hidden_activations: {size} bytes, {seconds:.2f} s")
    assert size < 300_000
    assert seconds < 6, "should be 1 s on a machine that has nothing else to do"


def test_hidden_activations_while_nbgrader_grades(play, monkeypatch):
    told = [output["text/plain"] for output in play(animations.hidden_activations, CLOUDS, LABELS)]
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.setattr(animations, "_pixels", None)
    player, still = play(animations.hidden_activations, CLOUDS, LABELS)
    assert set(player) == {"text/plain"} and [player["text/plain"], still["text/plain"]] == told


@pytest.mark.parametrize(
    "points, labels, accuracies, words",
    [
        (CLOUDS[0], LABELS, None, r"points must have shape \(frames, n, 2\), got \(400, 2\)"),
        (CLOUDS[:0], LABELS, None, r"points must have shape \(frames, n, 2\), got \(0, 400, 2\)"),
        (CLOUDS, LABELS[1:], None, r"labels must have shape \(400,\), one for each point, got \(399,\)"),
        (CLOUDS[:, :3], [1, 10, 2], None, "labels must lie in 0…9, got 10 at index 1"),
        (CLOUDS[:, :3] * [[[1], [np.nan], [1]]], [1, 2, 3], None, "finite, got .* at index 1 of frame 0"),
        (CLOUDS, LABELS, [0.5], "accuracies must have length 11, one for each frame, got 1"),
    ],
)
def test_hidden_activations_say_what_does_not_fit(points, labels, accuracies, words):
    with pytest.raises(ValueError, match=words):
        animations.hidden_activations(points, labels, accuracies)
    assert not plt.get_fignums()
