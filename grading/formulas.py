"""Formulas for pages that ask no other machine for anything: LaTeX as MathML, and the font to draw it with."""

import base64
import contextlib
import io
import re
import unicodedata
from functools import lru_cache
from html.entities import html5
from importlib.metadata import distribution
from xml.etree import ElementTree

from fontTools import subset
from math_core import LatexError, LatexToMathML

# Chromium stretches no arrow below its label, so a long one stands there from the start.
CONVERTER = LatexToMathML(macros={"xrightarrow": r"\overset{#1}{\longrightarrow}"}, fancy_error=False)
FONT = "ziamath/fonts/STIXTwoMath-Regular.ttf"  # STIX Two Math, under the SIL Open Font License
MOST_LATEX = 5_000  # characters
_ELEMENT = re.compile(r"math|m[a-z]+|semantics|annotation")
_ATTRIBUTE = re.compile(r"(?!on|href|src|xlink)[a-z]+")
_ENTITY = re.compile(r"&(?!amp;|lt;|gt;|quot;|apos;)(\w+);")
_STYLE = re.compile(r"[\w\-:;.,#%() ]*")


def _character(entity):
    """What an entity of HTML, which XML does not know, stands for."""
    return html5.get(f"{entity[1]};", entity[0])


@lru_cache(4_000)
def mathml(tex, display):
    """A formula as MathML.

    Parameters
    ----------
    tex : str
        LaTeX, of anybody.
    display : bool
        Whether it stands in a line of its own.

    Returns
    -------
    mathml : str
        Well-formed, and of mathematical elements only, whatever was in the LaTeX.

    Raises
    ------
    ValueError
        If it is no LaTeX that the converter knows.

    Examples
    --------
    >>> mathml("x^2", False)
    '<math><msup><mi>x</mi><mn>2</mn></msup></math>'
    """
    if len(tex) > MOST_LATEX:
        raise ValueError(f"a formula may take {MOST_LATEX} characters, got {len(tex)}")
    try:
        text = _ENTITY.sub(_character, CONVERTER.convert_with_local_state(tex, displaystyle=display))
        for element in ElementTree.fromstring(text).iter():
            if not _ELEMENT.fullmatch(element.tag):
                raise ValueError(f"a formula holds no element {element.tag!r}")
            for name, value in element.attrib.items():
                if not _ATTRIBUTE.fullmatch(name) or (name == "style" and not _STYLE.fullmatch(value)):
                    raise ValueError(f"an element of a formula has no attribute {name!r} of {value!r}")
    except (LatexError, ElementTree.ParseError) as error:
        raise ValueError(str(error)) from error
    return text


@lru_cache(8)
def font(characters):
    """A style sheet that holds the part of a mathematical font that some characters need.

    Without one, roots, large brackets and sums do not grow with what stands in them.

    Parameters
    ----------
    characters : frozenset of str
    """
    # A browser replaces the only letter of an identifier by its italic twin, and draws roots itself.
    italics = map(chr, (0x210E, *range(0x1D434, 0x1D468), *range(0x1D6E2, 0x1D71C)))
    characters |= {twin for twin in italics if unicodedata.normalize("NFKC", twin) in characters} | {"√"}
    options = subset.Options(flavor="woff", layout_features=["ssty"], hinting=False, notdef_outline=True)
    file = io.BytesIO()
    with contextlib.closing(subset.load_font(distribution("ziamath").locate_file(FONT), options)) as math_font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=map(ord, characters))
        subsetter.subset(math_font)
        subset.save_font(math_font, file, options)
    data = base64.b64encode(file.getvalue()).decode()
    return f'@font-face {{ font-family: "Formulas"; src: url(data:font/woff;base64,{data}) format("woff"); }}'
