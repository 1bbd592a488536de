"""HTML of what others wrote: their Markdown, their code, and what it printed and drew. Nothing of theirs can act in it.

Four things see to that. Markdown is rendered with its raw HTML as text. HTML that code has displayed goes through
Bleach, which keeps a list of elements and drops scripts, styles, classes and ids. Pictures are pictures in data
addresses: an SVG in one runs no script. And everything else is escaped. A page that shows it forbids scripts as well.

Whatever is too long, or provokes an error, is shown as plain text: it must not cost its author the page.
"""

import base64
import contextlib
import html
import re
from functools import lru_cache

import bleach
from nbconvert.filters import ansi2html
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from grading.formulas import mathml

MOST_TEXT = 50_000  # characters of a text of theirs
MOST_PICTURE = 4_000_000  # characters of a picture in base64
PICTURES = ("image/png", "image/jpeg", "image/svg+xml")
# What HTML of theirs may hold: text in its usual forms, lists and tables.
_ELEMENTS = set(
    re.findall(
        r"\w+",
        """
        a b blockquote br caption code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins kbd li ol p pre s samp small
        span strong sub sup table tbody td tfoot th thead tr u ul var
        """,
    )
)
_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s]+", re.IGNORECASE)
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif);base64,[A-Za-z0-9+/=\s]+")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text, most=MOST_TEXT):
    """A text, whatever was given for it, without control characters and cut where it is too long."""
    text = "".join(map(str, text)) if isinstance(text, list) else str(text)
    cut = f"\n… ({len(text) - most:,} characters more)" if len(text) > most else ""
    return _CONTROL.sub("", text[:most]) + cut


def terminal(text):
    """What a program printed: its colours are kept, other commands to a terminal are not."""
    text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in plain(text).split("\n"))
    return f"<pre>{ansi2html(text)}</pre>"


@lru_cache(2_000)
def code(source):
    """Python, highlighted."""
    with contextlib.suppress(Exception):  # whatever a stranger's text provokes
        if len(source) <= MOST_TEXT:
            return highlight(_CONTROL.sub("", source), get_lexer_by_name("ipython3"), HtmlFormatter())
    return f'<div class="highlight"><pre>{html.escape(plain(source))}</pre></div>'


@lru_cache(2_000)
def markdown(source, ours=False):
    """Markdown, with formulas as MathML.

    Parameters
    ----------
    source : str
    ours : bool
        Whether we wrote it: then HTML in it is HTML.
    """
    with contextlib.suppress(Exception):  # whatever a stranger's text provokes
        if len(source) <= MOST_TEXT:
            return MarkdownWithMath(renderer=Renderer(escape=not ours)).render(_CONTROL.sub("", source))
    return f"<pre>{html.escape(plain(source))}</pre>"


class Renderer(IPythonRenderer):
    """Markdown to HTML, with links to the outside only and pictures from nowhere else."""

    def __init__(self, escape):
        super().__init__(escape=escape, allow_harmful_protocols=False, exclude_anchor_links=True)

    def inline_math(self, body):
        return _formula(body, False)

    def block_math(self, body):
        return _formula(body, True)

    def latex_environment(self, name, body):
        return _formula(rf"\begin{{{name}}}{body}\end{{{name}}}", True)

    def link(self, text, url, title=None):
        return super().link(text, url, title) if _ADDRESS.fullmatch(url) else text

    def image(self, text, url, title=None):
        return super().image(text, url, title) if _PICTURE.fullmatch(url) else text

    def block_mermaidjs(self, code):
        return f"<pre>{html.escape(code)}</pre>"

    def table(self, text):
        return f'<div class="table"><table>\n{text}</table></div>\n'


def _formula(tex, display):
    number = re.search(r"\\tag\{([^}]*)\}", tex) if display else None
    try:
        drawn = mathml(tex.replace(number[0], "") if number else tex, display)
    except ValueError:
        return f'<code class="source">{html.escape(tex)}</code>'
    if not display:
        return drawn
    number = f'<span class="number">({html.escape(number[1])})</span>' if number else ""
    return f'<span class="formula">{drawn}{number}</span>'


def _kept(element, name, value):
    """Whether an attribute of HTML that code displayed is kept."""
    if element == "a":
        return name == "href" and bool(_ADDRESS.fullmatch(value))
    if element == "img":
        return name == "alt" or (name == "src" and bool(_PICTURE.fullmatch(value)))
    return element in ("td", "th") and name in ("colspan", "rowspan")


def markup(source):
    """HTML that code has displayed, cleaned; empty where nothing of it is left to see."""
    source = plain(source, most=10 * MOST_TEXT)
    # Bleach shows the text of scripts and styles; this only spares the reader that.
    source = re.sub(r"<(script|style)\b.*?</\1\s*>", "", source, flags=re.DOTALL | re.IGNORECASE)
    if len(source) > MOST_TEXT:
        return ""
    protocols = ("http", "https", "mailto", "data")
    cleaned = bleach.clean(source, tags=_ELEMENTS, attributes=_kept, protocols=protocols, strip=True)
    seen = re.sub(r"<(?!img)[^>]*>", "", cleaned)
    return f'<div class="html">{cleaned}</div>' if seen.strip() else ""


def picture(kind, data, description=""):
    """A picture in a data address.

    Parameters
    ----------
    kind : str
        One of `PICTURES`.
    data : str
        In base64, that of an SVG its text.
    description : str
        For who cannot see it.
    """
    data = "".join(map(str, data)) if isinstance(data, list) else str(data)
    if kind == "image/svg+xml":
        data = base64.b64encode(data.encode("utf-8", "replace")).decode()
    if len(data) > MOST_PICTURE or not _BASE64.fullmatch(data):
        return ""
    return (
        f'<figure><img src="data:{kind};base64,{data.strip()}" alt="{html.escape(plain(description, 1_000))}"></figure>'
    )


ELSEWHERE = '<p class="note">What the cell shows here can be seen in JupyterLab.</p>'


def output(output):
    """An output of a code cell, as it stands in a notebook file."""
    try:
        return _SHOW[output["output_type"]](output)
    except Exception:  # whatever a stranger's kernel sent
        return ELSEWHERE


def _error(output):
    text = output.get("traceback") or [f"{output.get('ename', '')}: {output.get('evalue', '')}"]
    return terminal("\n".join(map(str, text)))


def _display(output):
    data = output["data"]
    for kind in PICTURES:
        if kind in data:
            described = output.get("metadata", {}).get(kind, {})
            alt = described.get("alt", "") if isinstance(described, dict) else ""
            if drawn := picture(kind, data[kind], alt):
                return drawn
    if "application/vnd.jupyter.widget-view+json" in data:
        return ELSEWHERE
    if "text/html" in data:
        return markup(data["text/html"]) or ELSEWHERE
    for kind in ("text/markdown", "text/latex"):
        if kind in data:
            return markdown(plain(data[kind]))
    return terminal(data["text/plain"]) if "text/plain" in data else ELSEWHERE


_SHOW = {
    "stream": lambda output: terminal(output["text"]),
    "error": _error,
    "display_data": _display,
    "execute_result": _display,
}
