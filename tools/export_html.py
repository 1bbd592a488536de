"""Write notebooks as pages to read and to print: one file each, which asks no other machine for anything.

usage: python tools/export_html.py [--solutions] [--to FOLDER]    every notebook of the course, and an index
       python tools/export_html.py NOTEBOOK ...                   these notebooks as they are, each beside its file

The course's pages show what a student gets: stubs, visible tests, hints. Only the outputs of the story cells come from
the masters. With --solutions they show the masters, with every answer, hidden test and mark scheme.
"""

import argparse
import contextlib
import html
import os
import re
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import unquote

import nbformat
from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from traitlets import Callable, Unicode

from grading.formulas import font, mathml

ROOT = Path(__file__).resolve().parents[1]
MASTERS, RELEASES = ROOT / "solutions", ROOT / "notebooks"
README = RELEASES / "README.md"  # tells the order and the notation: the index
INDEX, NOTATION = "index.html", "index.html#Notation"
COURSE = "Digits from Scratch"
EDITIONS = {
    "exercises": "exercises; the outputs come from a run in which all are solved",
    "solutions": "with solutions, hidden tests and mark schemes",
}


@dataclass
class Page:
    """A notebook, and the page it becomes."""

    notebook: nbformat.NotebookNode
    source: Path  # from where its links lead on
    target: Path
    edition: str = ""  # one of EDITIONS; none outside the course
    previous: "Page | None" = None
    next: "Page | None" = None

    @property
    def title(self):
        first = self.notebook.cells[0].source if self.notebook.cells else ""
        heading = re.search(r"^# +(.+)$", first, re.MULTILINE)
        return heading[1] if heading else self.source.stem


# What is exported


def course_pages(folder, solutions=False):
    """The pages of the course, the index first.

    Parameters
    ----------
    folder : Path
        Where they will lie.
    solutions : bool
        Whether they show the masters as they are.
    """
    edition = "solutions" if solutions else "exercises"
    index = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(README.read_text(encoding="utf-8"))])
    pages = [Page(index, README, folder / INDEX, edition)]
    for master in sorted(MASTERS.glob("[!.]*/*.ipynb")):
        notebook = nbformat.read(master, as_version=4) if solutions else student_edition(master)
        pages.append(Page(notebook, master, folder / f"{master.parent.name}.html", edition))
    for before, after in zip(pages, pages[1:], strict=False):
        before.next, after.previous = after, before
    return pages


def student_edition(master):
    """What a student gets, with the outputs that the master stores for its story cells."""
    from grading.release import released  # brings nbgrader, which a notebook outside the course does not need

    with contextlib.chdir(ROOT):
        notebook = released(master.parent.name, master.stem)
    outputs = {cell.id: cell.get("outputs", []) for cell in nbformat.read(master, as_version=4).cells}
    for cell in notebook.cells:
        if cell.cell_type == "code" and role(cell) == "story":
            cell.outputs = outputs[cell.id]
    return notebook


def role(cell):
    """One of "test", "answer", "written" (an answer in words), "locked" and "story"."""
    meta = cell.metadata.get("nbgrader", {})
    if meta.get("grade"):
        return "written" if meta.get("solution") else "test"
    return "answer" if meta.get("solution") else "locked" if meta.get("locked") else "story"


# Links


def course_link(page, url):
    """Where a link of a course page leads: None for a file of the repository that is no page."""
    if re.match(r"[a-z]+:|#", url):
        return url
    path, _, fragment = unquote(url).partition("#")
    target = (page.source.parent / path).resolve()
    if target == README:
        return f"{INDEX}#{fragment}" if fragment else INDEX if page.source == README else NOTATION
    for folder in (MASTERS, RELEASES):
        # The releases have the places of the masters, from which they are made.
        if target.is_relative_to(folder) and (MASTERS / target.relative_to(folder)).is_file():
            return f"{target.parent.name}.html" + (f"#{fragment}" if fragment else "")
    return None


# Formulas


def formula(tex, display, warn):
    """MathML, which browsers draw by themselves; the source where it is no LaTeX that the converter knows."""
    number = re.search(r"\\tag\{([^}]*)\}", tex) if display else None
    try:
        drawn = mathml(tex.replace(number[0], "") if number else tex, display)
    except ValueError as error:
        warn(f"expected LaTeX that math-core knows, got {tex.strip()!r} ({error}): it is shown as it is written")
        return f'<code class="source">{html.escape(tex)}</code>'
    if not display:
        return drawn
    number = f'<span class="number">({html.escape(number[1])})</span>' if number else ""
    return f'<span class="formula">{drawn}{number}</span>'


def characters_of_formulas(page):
    formulas = "".join(re.findall(r"<math.*?</math>", page, re.DOTALL))
    return frozenset(html.unescape(re.sub(r"<[^>]*>", "", formulas))) - {"\n"}


# Pages


class Renderer(IPythonRenderer):
    """Markdown to HTML, with formulas as MathML, links that lead to pages, and tables that scroll by themselves."""

    def __init__(self, link_to, warn, folder="", **options):
        super().__init__(escape=False, exclude_anchor_links=True, embed_images=True, **options)
        self.link_to, self.warn, self.folder = link_to, warn, folder

    def inline_math(self, body):
        return formula(body, False, self.warn)

    def block_math(self, body):
        return formula(body, True, self.warn)

    def latex_environment(self, name, body):
        return formula(rf"\begin{{{name}}}{body}\end{{{name}}}", True, self.warn)

    def link(self, text, url, title=None):
        target = self.link_to(url)
        return super().link(text, target, title) if target else text

    def image(self, text, url, title=None):
        if not re.match(r"[a-z]+:", url):
            url = os.path.relpath(os.path.join(self.folder, url), self.path or ".")
        return super().image(text, url, title)

    def heading(self, text, level, **attributes):
        name = html.escape(re.sub(r"\s+", "-", re.sub(r"<[^>]*>", "", text)))
        return f'<h{level} id="{name}">{text}</h{level}>\n'

    def block_html(self, html):
        # Embedding pictures means parsing, and that would close <details> before its text begins.
        return super().block_html(html) if "<img" in html else f"{html}\n"

    def inline_html(self, html):
        return super().inline_html(html) if "<img" in html else html

    def table(self, text):
        return f'<div class="table"><table>\n{text}</table></div>\n'


class PageExporter(HTMLExporter):
    """Notebooks to self-contained pages, by the template beside this file."""

    link_to = Callable(lambda url: url)
    source = Unicode()

    def __init__(self, **options):
        super().__init__(
            template_name="export_html_template",
            extra_template_basedirs=[str(ROOT / "tools")],
            exclude_input_prompt=True,
            exclude_output_prompt=True,
            **options,
        )
        # Joins what one cell prints, and lets a progress bar overwrite itself.
        self.register_preprocessor("nbconvert.preprocessors.CoalesceStreamsPreprocessor", enabled=True)

    def default_filters(self):
        yield from super().default_filters()
        yield "role", role

    def warn(self, text):
        print(f"{self.source}: {text}", file=sys.stderr)

    @pass_context
    def markdown2html(self, context, source):
        page = context["resources"]["page"]
        folder = page.source.parent
        renderer = Renderer(
            self.link_to,
            self.warn,
            folder=folder,
            path=str(ROOT if page.edition else folder),  # no picture from outside is embedded
            attachments=context.get("cell", {}).get("attachments", {}),
        )
        return MarkdownWithMath(renderer=renderer).render(source)

    def from_notebook_node(self, nb, resources=None, **kw):
        page, resources = super().from_notebook_node(nb, resources, **kw)
        if characters := characters_of_formulas(page):
            page = page.replace("</head>", f"<style>{font(characters)}</style>\n</head>", 1)
        return page, resources


def write(page, link_to=lambda url: url):
    """Write one page.

    Parameters
    ----------
    page : Page
    link_to : callable
        From an address in the notebook to one in the page, or None for no link.
    """
    exporter = PageExporter(link_to=link_to, source=os.path.relpath(page.source))
    course = {"course": COURSE, "edition": EDITIONS.get(page.edition), "index": INDEX}
    text, _ = exporter.from_notebook_node(page.notebook, course | {"page": page})
    page.target.parent.mkdir(parents=True, exist_ok=True)
    page.target.write_text(text, encoding="utf-8")
    print(f"{os.path.relpath(page.target)}: {len(text.encode()) / 1000:.0f} kB")


def export_course(folder, solutions=False):
    """Write the pages of the course, and return them."""
    pages = course_pages(folder, solutions)
    for page in pages:
        write(page, partial(course_link, page))
    return pages


def read(path):
    """The page of a notebook, beside its file."""
    if not path.is_file():
        raise ValueError(f"expected the path of a notebook, got {str(path)!r}: there is no such file")
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:  # nbformat raises what its parsers raise
        raise ValueError(f"expected a Jupyter notebook, got {str(path)!r}: {error}") from error
    return Page(notebook, path.resolve(), path.with_suffix(".html"))


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK", help="default: the whole course")
    parser.add_argument("--solutions", action="store_true", help="show the masters of the course as they are")
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="default: build/html, or build/html-solutions")
    options = parser.parse_args(arguments)
    if options.notebooks and (options.solutions or options.to):
        parser.error("--solutions and --to are for the whole course, but there are also notebooks")
    try:
        pages = [read(path) for path in options.notebooks]
    except ValueError as error:
        parser.error(str(error))
    for page in pages:
        write(page)
    if not pages:
        export_course(
            options.to or ROOT / "build" / ("html-solutions" if options.solutions else "html"), options.solutions
        )


if __name__ == "__main__":
    main()
