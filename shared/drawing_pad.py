"""The drawing pad that ends the course: draw a digit, and watch your own network make up its mind.

What is drawn reaches the network in the form of MNIST's images, which `centred` gives it. The page that is drawn on,
drawing_pad.js, sends drawings and shows what is answered here.
"""

import math
from pathlib import Path

import anywidget
import matplotlib.pyplot as plt
import numpy as np
import traitlets
from PIL import Image

from shared.wording import describe, describe_error, number

FIELD = 28  # pixels along each side of an image of MNIST
BOX = 20  # pixels along the longer side of the digit in it
MIDDLE = 14  # the row and the column of the middle of MNIST's field, counted from 0
CLASSES = 10
NOTHING_DRAWN = "draw a digit"


def centred(drawing):
    """A drawing in the form of MNIST's images: the digit 20 pixels long, its centre of mass in the middle.

    The drawing is cropped to its ink and scaled until its longer side has 20 pixels. A pixel of the image takes the
    mean of the pixels it covers, so edges become grey. Then the digit is moved by whole pixels until its centre of mass
    is at most half a pixel away from row 14 and column 14, counted from 0. That is where MNIST has it: of its 70,000
    images all but 19 come back unchanged.

    Parameters
    ----------
    drawing : ndarray, shape (h, w)
        Ink on an empty ground: floats from 0 (empty) to 1 (ink), or uint8 from 0 to 255.

    Returns
    -------
    image : ndarray of float32, shape (28, 28)
        From 0 to 1; all zeros if nothing is drawn. The digit always lies in it as a whole: one that is so lopsided
        that it would stick out stays at the edge.

    Raises
    ------
    ValueError
        If the drawing has not two axes, or other values.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, *Gradient-based learning applied to document recognition*, Proceedings
    of the IEEE 86 (1998), section III.A. The page of MNIST, http://yann.lecun.com/exdb/mnist/, describes the same: a
    box of 20 × 20 pixels that keeps the aspect ratio, grey levels by anti-aliasing, the centre of mass.

    Examples
    --------
    >>> drawing = np.zeros((300, 400))
    >>> drawing[20:220, 30:60] = 1  # a 1 in a corner, 200 pixels high and 30 wide
    >>> image = centred(drawing)
    >>> rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    >>> image.shape, len(rows), len(columns)
    ((28, 28), 20, 3)
    >>> float(rows.mean()), float(columns.mean())
    (13.5, 14.0)
    """
    ink = _greys(drawing)
    image = np.zeros((FIELD, FIELD), dtype=np.float32)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if len(rows) == 0:
        return image
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]

    scale = BOX / max(ink.shape)
    height, width = (max(round(scale * length), 1) for length in ink.shape)  # a thin 1 keeps a pixel
    digit = Image.fromarray(ink).resize((width, height), Image.Resampling.BOX)  # the mean of what a pixel covers
    digit = np.asarray(digit) / np.float32(255)  # (height, width)

    total = digit.sum()
    centre_row = digit.sum(axis=1) @ np.arange(height) / total
    centre_column = digit.sum(axis=0) @ np.arange(width) / total
    top = min(max(round(MIDDLE - centre_row), 0), FIELD - height)
    left = min(max(round(MIDDLE - centre_column), 0), FIELD - width)
    image[top : top + height, left : left + width] = digit
    return image


def _greys(drawing):
    """A drawing as floats from 0 to 255, in whole steps, as MNIST has them: what is fainter is no ink."""
    drawing = np.asarray(drawing)
    if drawing.ndim != 2:
        raise ValueError(f"a drawing must have two axes, got the shape {drawing.shape}")
    if drawing.dtype == np.uint8:
        return drawing.astype(np.float32)
    return np.rint(255 * _from_0_to_1(drawing, "a drawing"))


def _from_0_to_1(values, what):
    """Values as float32, if they lie where they must."""
    values = np.asarray(values)
    wrong = ~((values >= 0) & (values <= 1))  # nan is wrong, too
    if wrong.any():
        place = np.argwhere(wrong)[0].tolist()
        raise ValueError(f"{what} must hold values in 0…1, got {number(values[tuple(place)])} at index {place}")
    return values.astype(np.float32)


class DrawingPad(anywidget.AnyWidget):
    """A pad to draw a digit on, and the probabilities that a network gives it, while the pen moves.

    Parameters
    ----------
    predict_proba : callable
        The network: it gets one image, float32 of shape (1, 784) from 0 to 1, and returns the probabilities of the ten
        classes, shape (1, 10). Where it fails, the pad says how, and goes on.
    samples : ndarray, shape (n, 784) or (n, 28, 28)
        Digits from 0 to 1, each on a button, for those who cannot draw.

    Attributes
    ----------
    drawing : bytes
        What is on the pad, row by row, as many rows as columns: 0 is empty, 255 is ink. No bytes are an empty pad.
        Who sets it, draws.
    picture : bytes
        What the network sees: 28 × 28 pixels from 0 to 255, row by row.
    probabilities : list of float
        The ten probabilities; empty if nothing is drawn, or the network failed.
    text : str
        What the pad says.
    failed : bool
        Whether it says what is wrong with the network.

    Raises
    ------
    ValueError
        If the samples have another shape, or other values.

    Examples
    --------
    >>> def undecided(X):
    ...     return np.full((len(X), 10), 0.1)
    >>> pad = DrawingPad(undecided, samples=np.zeros((3, 784)))
    >>> pad.text
    'draw a digit'
    >>> pad.drawing = bytes([0, 255] * 2)  # two rows of two pixels: a vertical line on the right
    >>> pad.text, len(pad.probabilities)
    ('the network says 0 with 10 %', 10)
    """

    _esm = Path(__file__).with_suffix(".js")
    _css = Path(__file__).with_suffix(".css")

    # Set by the page. Without echo_update=False every drawing would travel back; it arrives as a memoryview.
    drawing = traitlets.Bytes().tag(sync=True, echo_update=False, from_json=lambda value, widget: bytes(value))
    # Shown by the page.
    picture = traitlets.Bytes(bytes(FIELD * FIELD)).tag(sync=True)
    probabilities = traitlets.List(traitlets.Float()).tag(sync=True)
    text = traitlets.Unicode(NOTHING_DRAWN).tag(sync=True)
    failed = traitlets.Bool(False).tag(sync=True)
    # Never changed: the samples, 784 bytes each, and the colours of the 256 greys, 4 bytes each.
    samples = traitlets.Bytes().tag(sync=True)
    palette = traitlets.Bytes().tag(sync=True)

    def __init__(self, predict_proba, samples):
        samples = np.asarray(samples)
        if samples.shape[1:] not in ((FIELD * FIELD,), (FIELD, FIELD)):
            raise ValueError(f"samples must have the shape (n, 784) or (n, 28, 28), got {samples.shape}")
        greys = np.rint(255 * _from_0_to_1(samples, "samples")).astype(np.uint8)
        colours = plt.get_cmap("cividis")(np.arange(256), bytes=True)  # (256, 4): red, green, blue, opacity
        self._predict_proba = predict_proba
        super().__init__(samples=greys.tobytes(), palette=colours.tobytes())

    @traitlets.validate("drawing")
    def _square(self, proposal):
        length = len(proposal.value)
        if math.isqrt(length) ** 2 != length:
            raise traitlets.TraitError(f"a drawing must have as many rows as columns, got {length} bytes")
        return proposal.value

    @traitlets.observe("drawing")
    def _answer(self, _):
        side = math.isqrt(len(self.drawing))
        image = centred(np.frombuffer(self.drawing, np.uint8).reshape(side, side))
        probabilities, text, failed = [], NOTHING_DRAWN, False
        if image.any():
            try:
                probabilities = _probabilities(self._predict_proba, image)
                text = _in_words(probabilities)
            except ValueError as error:
                text, failed = str(error), True
        with self.hold_sync():  # one message to the page
            self.picture = np.rint(255 * image).astype(np.uint8).tobytes()
            self.probabilities, self.text, self.failed = probabilities, text, failed

    def __repr__(self):
        # The same in every run, as the outputs of a notebook must be; the default tells an address in memory.
        return f"DrawingPad({len(self.samples) // (FIELD * FIELD)} samples)"


def _probabilities(predict_proba, image):
    """The network's ten probabilities as a list; a ValueError that a student understands, if they are none."""
    try:
        P = predict_proba(image.reshape(1, FIELD * FIELD).copy())  # it may write into what it gets
    except Exception as error:  # whatever a student's code may raise
        raise ValueError(f"predict_proba should return probabilities, but it raised {describe_error(error)}") from error
    if not isinstance(P, np.ndarray) or P.shape != (1, CLASSES) or P.dtype.kind not in "biuf":
        raise ValueError(f"predict_proba should return an array of the shape (1, {CLASSES}), got {describe(P)}")
    for k, p in enumerate(P[0]):
        if not 0 <= p < np.inf:  # neither is nan
            raise ValueError(f"predict_proba should return probabilities, 0…1, got {number(p)} for class {k}")
    if abs(P.sum() - 1) > 1e-3:
        raise ValueError(f"predict_proba should return probabilities that sum to 1, got a sum of {number(P.sum())}")
    return P[0].astype(float).tolist()


def _in_words(probabilities):
    """The most probable class. Only a probability of 1 is 100 %.

    >>> _in_words([0.0, 0.0004, 0.9996]), _in_words([1.0, 0.0])
    ('the network says 2 with 99 %', 'the network says 0 with 100 %')
    """
    best = int(np.argmax(probabilities))
    p = probabilities[best]
    return f"the network says {best} with {min(round(100 * p), 100 if p == 1 else 99)} %"
