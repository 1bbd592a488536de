"""The drawing pad without a browser: drawings become images of MNIST, and whatever a network answers is said."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import traitlets
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from shared import drawing_pad, mnist, plots
from shared.drawing_pad import DrawingPad, centred
from shared.reference.data_preparation import scale_and_flatten
from shared.reference.mlp import mlp_forward, train_mlp

JAVASCRIPT = Path(drawing_pad.__file__).with_suffix(".js").read_text()
STYLE = Path(drawing_pad.__file__).with_suffix(".css").read_text()
SIDE, PEN = (int(re.search(rf"^const {name} = (\d+);", JAVASCRIPT, re.MULTILINE)[1]) for name in ("SIDE", "PEN"))


def circle(x, y, rx, ry, start=0, end=360):
    """Points on an ellipse, clockwise; 0 is on the right, 90 at the bottom."""
    angles = np.radians(np.linspace(start, end, 24))
    return [*zip(x + rx * np.cos(angles), y + ry * np.sin(angles), strict=True)]


# Digits as people draw them: strokes of points in a square of 100 × 100, from the left and from the top.
DRAWN = [
    (0, [circle(50, 50, 30, 45)]),
    (0, [circle(50, 50, 22, 45, -60, -420)]),
    (1, [[(50, 5), (50, 95)]]),
    (1, [[(60, 5), (42, 95)]]),
    (1, [[(30, 25), (52, 5), (52, 95)], [(28, 95), (76, 95)]]),
    (2, [[*circle(48, 30, 28, 25, 180, 390), (25, 93), (80, 93)]]),
    (3, [circle(46, 28, 26, 22, -150, 80) + circle(46, 72, 30, 24, -80, 150)]),
    (3, [[(22, 7), (72, 7), (46, 40), *circle(46, 68, 28, 27, -80, 150)]]),
    (4, [[(25, 8), (22, 52), (75, 52)], [(72, 5), (70, 97)]]),
    (4, [[(60, 97), (60, 5), (15, 65), (85, 65)]]),
    (5, [[(75, 7), (30, 7), (27, 42), *circle(45, 66, 30, 27, -110, 140)]]),
    (5, [[(28, 8), (25, 45), *circle(45, 67, 30, 27, -110, 145)], [(28, 8), (76, 8)]]),
    (6, [[(65, 5), (40, 30), (27, 60), *circle(48, 70, 22, 24, 180, -180)]]),
    (7, [[(20, 8), (80, 8), (42, 96)]]),
    (7, [[(20, 8), (80, 8), (42, 96)], [(35, 50), (72, 50)]]),
    (8, [circle(50, 28, 22, 22, 90, 450) + circle(50, 73, 26, 23, -90, 270)]),
    (9, [[*circle(48, 30, 24, 24, 0, -360), (72, 30), (68, 95)]]),
]


def drawn(strokes, height, centre=(SIDE / 2, SIDE / 2)):
    """What the pad holds after these strokes, blown up to a height in pixels."""
    fine = 4  # Pillow draws without grey edges, so larger
    picture = Image.new("L", (fine * SIDE, fine * SIDE))
    pen, radius = ImageDraw.Draw(picture), fine * PEN / 2
    for stroke in strokes:
        points = fine * ((np.array(stroke) - 50) * height / 100 + centre)
        pen.line([tuple(point) for point in points], fill=255, width=fine * PEN)
        for x, y in points:
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(picture.reduce(fine))


@cache
def network():
    """A small network, trained for a second: 94 % of the test images."""
    data = mnist.load()
    X, y = scale_and_flatten(data.train_images[:10000]), data.train_labels[:10000]
    params, _ = train_mlp(X, y, [784, 64, 10], 0.2, 32, 5, np.random.default_rng(0))
    return params


def predict_proba(X):
    return mlp_forward(X, network())[0]


def centre_of_mass(image):
    return [float(image.sum(axis=1 - axis) @ np.arange(28) / image.sum()) for axis in (0, 1)]


def box(image):
    """First and last row, first and last column of the ink."""
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    return tuple(int(edge) for edge in (rows[0], rows[-1], columns[0], columns[-1]))


# The form of MNIST's images


def test_images_of_mnist_come_back_however_enlarged_and_moved():
    rng = np.random.default_rng(0)
    images = mnist.load().test_images[:300]
    for image in images:
        factor, before, after = rng.integers(1, 12), rng.integers(0, 60, 2), rng.integers(0, 60, 2)
        large = np.pad(np.kron(image, np.ones((factor, factor), np.uint8)), [*zip(before, after, strict=True)])
        np.testing.assert_allclose(centred(large), image / 255, atol=1e-6)


def test_smoothly_enlarged_images_stay_close_and_are_recognised_as_often():
    data = mnist.load()
    images, y = data.test_images[:500], data.test_labels[:500]
    large = [Image.fromarray(image).resize((200, 200), Image.Resampling.BICUBIC) for image in images]
    again = np.array([centred(np.pad(np.asarray(image), ((0, 70), (90, 0)))) for image in large])
    assert np.abs(again - images / 255).mean() < 0.04
    assert abs(again.mean() - images.mean() / 255) < 0.02
    right, right_again = (
        (predict_proba(X.reshape(-1, 784)).argmax(axis=1) == y).mean() for X in (scale_and_flatten(images), again)
    )
    assert right > 0.9 and right_again > right - 0.02


@pytest.mark.parametrize("height", [100, 150, 220])
def test_drawn_digits_are_recognised_at_any_size_and_place(height):
    room = (SIDE - height - PEN) / 2
    rng = np.random.default_rng(height)
    wrong = []
    for digit, strokes in DRAWN:
        drawing = drawn(strokes, height, SIDE / 2 + rng.uniform(-room, room, 2))
        P = predict_proba(centred(drawing).reshape(1, 784))
        if P.argmax() != digit:
            wrong.append(f"a {digit} is taken for a {P.argmax()}")
    assert len(wrong) <= 1, wrong  # the network is a small one


def test_pen_gives_the_ink_of_mnist():
    ink = np.mean([centred(drawn(strokes, height)) for _, strokes in DRAWN for height in (110, 150, 220)])
    assert abs(ink - mnist.load().train_images.mean() / 255) < 0.02


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_drawing_gets_the_form(data):
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    height, width = (data.draw(st.integers(1, 90)) for _ in range(2))
    drawing = rng.random((height, width)) ** 4 * (rng.random((height, width)) < data.draw(st.floats(0, 1)))
    image = centred(drawing)
    assert image.shape == (28, 28) and image.dtype == np.float32
    assert 0 <= image.min() and image.max() <= 1
    if np.rint(255 * drawing).any():
        top, bottom, left, right = box(image)
        centre = centre_of_mass(image)
        for middle, first, last in ((centre[0], top, bottom), (centre[1], left, right)):
            at_the_edge = first == 0 or last == 27
            assert abs(middle - 14) <= 0.5 + 1e-4 or at_the_edge
    else:
        assert not image.any()


def test_place_and_size_of_a_drawing_do_not_matter():
    digit = drawn(DRAWN[7][1], 180)
    image = centred(digit)
    np.testing.assert_array_equal(centred(np.pad(digit, ((0, 300), (40, 0)))), image)
    np.testing.assert_allclose(centred(np.kron(digit, np.ones((3, 3), np.uint8))), image, atol=0.05)
    np.testing.assert_allclose(centred(digit / 255), image, atol=1e-6)
    np.testing.assert_allclose(centred(image), image, atol=0.5 / 255, err_msg="what has the form keeps it")


def test_proportions_are_kept():
    for height, width, expected in ((200, 20, (20, 2)), (50, 100, (10, 20)), (90, 90, (20, 20)), (400, 3, (20, 1))):
        drawing = np.zeros((500, 400), np.uint8)
        drawing[5 : 5 + height, 9 : 9 + width] = 255
        image = centred(drawing)
        top, bottom, left, right = box(image)
        assert (bottom - top + 1, right - left + 1) == expected
        assert image.max() == 1 and set(np.unique(image)) == {0, 1}, "an even surface stays even"


def test_edges_become_grey():
    drawing = np.zeros((100, 100))
    drawing[:, :50] = np.tri(100)[:, :50]
    image = centred(drawing)
    assert ((image > 0.3) & (image < 0.7)).sum() >= 10 and (image == 1).sum() > 50


def test_single_pixels():
    for place in ((0, 0), (0, 279), (279, 140), (279, 279)):
        drawing = np.zeros((280, 280), np.uint8)
        drawing[place] = 255
        image = centred(drawing)
        assert box(image) == (4, 23, 4, 23)
        assert image.sum() == 400, "a dot is blown up as everything is: its longer side has 20 pixels"


def test_lopsided_drawing_is_not_cut_off():
    drawing = np.zeros((200, 200), np.uint8)
    drawing[:5, :] = 255  # nearly all ink at the top, and a thin line down from it
    drawing[:, 100] = 20
    image = centred(drawing)
    top, bottom, _, _ = box(image)
    assert bottom == 27 and bottom - top + 1 == 20
    assert centre_of_mass(image)[0] < 13.5


@pytest.mark.parametrize(
    "empty", [np.zeros((280, 280), np.uint8), np.zeros((3, 5)), np.zeros((0, 0)), np.zeros((0, 9))]
)
def test_empty_drawing(empty):
    image = centred(empty)
    assert image.shape == (28, 28) and image.dtype == np.float32 and not image.any()


def test_drawing_is_left_alone():
    drawing = drawn(DRAWN[0][1], 150).copy()
    before = drawing.copy()
    centred(drawing)[:] = 1
    np.testing.assert_array_equal(drawing, before)


@pytest.mark.parametrize(
    "drawing, message",
    [
        (np.zeros(784), r"a drawing must have two axes, got the shape \(784,\)"),
        (np.zeros((28, 28, 3), np.uint8), r"two axes, got the shape \(28, 28, 3\)"),
        (np.eye(3) * 255, r"a drawing must hold values in 0…1, got 255 at index \[0, 0\]"),
        (-np.eye(3), r"0…1, got -1 at index \[0, 0\]"),
        (np.array([[0, np.nan]]), r"0…1, got nan at index \[0, 1\]"),
    ],
)
def test_other_things_are_no_drawings(drawing, message):
    with pytest.raises(ValueError, match=message):
        centred(drawing)


# The widget


@pytest.fixture
def samples():
    data = mnist.load()
    return data.test_images[[np.flatnonzero(data.test_labels == k)[1] for k in range(10)]] / 255


def in_bytes(image):
    return np.rint(255 * np.asarray(image)).astype(np.uint8).tobytes()


def test_pad_answers_a_drawing(samples):
    pad = DrawingPad(predict_proba, samples)
    assert (pad.text, pad.probabilities, pad.failed) == ("draw a digit", [], False)
    assert pad.drawing == b"" and not any(pad.picture)

    drawing = drawn(DRAWN[2][1], 150)
    pad.drawing = drawing.tobytes()
    image = centred(drawing)
    expected = predict_proba(image.reshape(1, 784))[0]
    np.testing.assert_allclose(pad.probabilities, expected, rtol=1e-5)
    assert pad.picture == in_bytes(image)
    assert re.fullmatch(r"the network says 1 with \d+ %", pad.text) and not pad.failed

    pad.drawing = b""
    assert (pad.text, pad.probabilities, pad.failed) == ("draw a digit", [], False)
    assert not any(pad.picture)


def test_cleared_pad_may_come_as_zeros(samples):
    pad = DrawingPad(predict_proba, samples)
    pad.drawing = drawn(DRAWN[2][1], 150).tobytes()
    pad.drawing = bytes(SIDE * SIDE)
    assert (pad.text, pad.probabilities) == ("draw a digit", [])


@pytest.mark.parametrize("shape", [(10, 784), (10, 28, 28)])
def test_sample_reaches_the_network_as_it_is(samples, shape):
    seen = []

    def network(X):
        seen.append(X)
        return predict_proba(X)

    pad = DrawingPad(network, samples.reshape(shape))
    assert pad.samples == in_bytes(samples)
    for k in range(10):
        pad.drawing = pad.samples[784 * k : 784 * (k + 1)]  # what the button does
        assert pad.picture == pad.drawing
        assert np.argmax(pad.probabilities) == k and pad.text.startswith(f"the network says {k} with ")
    assert all(X.shape == (1, 784) and X.dtype == np.float32 and 0 <= X.min() < X.max() <= 1 for X in seen)


def test_page_gets_one_message_a_drawing(samples, monkeypatch):
    pad = DrawingPad(predict_proba, samples)
    sent = []
    monkeypatch.setattr(pad, "_send", lambda message, buffers=None: sent.append(message))
    # As it comes from the page: a memoryview.
    pad.set_state({"drawing": memoryview(drawn(DRAWN[2][1], 150).tobytes())})
    assert isinstance(pad.drawing, bytes) and pad.text.startswith("the network says 1")
    (message,) = sent
    assert set(message["state"]) | {path[0] for path in message["buffer_paths"]} == {"picture", "probabilities", "text"}


def uniform(X):
    return np.full((len(X), 10), 0.1)


def raises(X):
    raise NotImplementedError()


@pytest.mark.parametrize(
    "wrong, message",
    [
        (raises, r"it raised NotImplementedError"),
        (lambda X: X @ np.ones((3, 10)), r"it raised ValueError: matmul: "),
        (lambda X: None, r"an array of the shape \(1, 10\), got None$"),
        (lambda X: uniform(X)[0], r"an array of the shape \(1, 10\), got float64 \(10,\), from 0.1 to 0.1$"),
        (lambda X: uniform(X).T, r"an array of the shape \(1, 10\), got float64 \(10, 1\)"),
        (lambda X: (uniform(X), {}), r"an array of the shape \(1, 10\), got tuple"),
        (lambda X: uniform(X).tolist(), r"an array of the shape \(1, 10\), got list \[\[0.1, "),
        (lambda X: uniform(X).astype(object), r"an array of the shape \(1, 10\), got object"),
        (lambda X: uniform(X) * [1, 1, np.nan, 1, 1, 1, 1, 1, 1, 1], r"probabilities, 0…1, got nan for class 2$"),
        (lambda X: uniform(X) * np.inf, r"probabilities, 0…1, got inf for class 0$"),
        (lambda X: np.arange(9.0, -1, -1)[None] - 2, r"probabilities, 0…1, got -1 for class 8$"),
        (lambda X: 3 * uniform(X), r"probabilities that sum to 1, got a sum of 3$"),
        (lambda X: np.zeros((1, 10)), r"probabilities that sum to 1, got a sum of 0$"),
    ],
)
def test_failure_of_the_network_is_said_and_the_pad_goes_on(samples, wrong, message):
    answers = [wrong, uniform, wrong]
    pad = DrawingPad(lambda X: answers[0](X), samples)
    for digit in (2, 5, 9):
        pad.drawing = drawn(DRAWN[digit][1], 150).tobytes()
        assert any(pad.picture)
        if answers.pop(0) is uniform:
            assert (pad.text, pad.failed) == ("the network says 0 with 10 %", False)
            assert pad.probabilities == [0.1] * 10
        else:
            assert re.match("predict_proba should return ", pad.text) and re.search(message, pad.text), pad.text
            assert pad.failed and pad.probabilities == []
    pad.drawing = b""
    assert (pad.text, pad.failed) == ("draw a digit", False)


def test_network_may_spoil_its_input(samples):
    def greedy(X):
        X[:] = 7
        return uniform(X)

    pad = DrawingPad(greedy, samples)
    pad.drawing = in_bytes(samples[3])
    assert pad.picture == in_bytes(samples[3]) and not pad.failed


def test_rounded_float32_and_integers_are_probabilities(samples):
    for P in (np.float32(uniform(np.zeros(1))), np.eye(10, dtype=int)[[4]], np.eye(10, dtype=bool)[[4]]):
        pad = DrawingPad(lambda X, P=P: P, samples)
        pad.drawing = in_bytes(samples[3])
        assert not pad.failed and len(pad.probabilities) == 10
    assert pad.text == "the network says 4 with 100 %"


@pytest.mark.parametrize(
    "wrong, message",
    [
        (np.zeros(784), r"shape \(n, 784\) or \(n, 28, 28\), got \(784,\)"),
        (np.zeros((2, 10)), r"shape \(n, 784\) or \(n, 28, 28\), got \(2, 10\)"),
        (np.full((2, 784), 255), r"samples must hold values in 0…1, got 255 at index \[0, 0\]"),
    ],
)
def test_samples_of_another_form_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        DrawingPad(uniform, wrong)


def test_drawing_must_be_a_square(samples):
    pad = DrawingPad(uniform, samples)
    with pytest.raises(traitlets.TraitError, match="as many rows as columns, got 3 bytes"):
        pad.drawing = bytes(3)


def test_text_is_the_same_in_every_run(samples):
    assert repr(DrawingPad(uniform, samples)) == repr(DrawingPad(uniform, samples)) == "DrawingPad(10 samples)"
    assert repr(DrawingPad(uniform, samples[:0])) == "DrawingPad(0 samples)"


def test_notebook_that_stores_the_widget_stays_small(samples):
    pad = DrawingPad(predict_proba, samples)
    pad.drawing = drawn(DRAWN[0][1], 150).tobytes()
    stored = sum(len(value) for value in pad.get_state().values() if isinstance(value, str | bytes))
    assert stored < 120_000


# The page


def test_page_asks_no_other_machine():
    for text in (JAVASCRIPT, STYLE):
        assert not re.search(r"https?:|//\w+\.\w|\bimport\b|@import|url\(|fetch\(|XMLHttpRequest|WebSocket", text)


def test_page_has_the_colours_of_the_course(samples):
    assert set(re.findall(r"#[0-9a-f]{6}", re.sub(r"var\([^)]*\)", "", STYLE))) == {
        colour.lower() for colour in (plots.BLUE, plots.ORANGE, plots.VERMILION)
    }
    palette = np.frombuffer(DrawingPad(uniform, samples).palette, np.uint8).reshape(256, 4)
    assert palette[0].tolist() == [0, 34, 77, 255] and palette[-1].tolist() == [253, 231, 55, 255]
