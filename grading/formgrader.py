"""Formgrader without anybody else's code in it: nbgrader's own, started in a safer way.

Its pages have the origin of the Jupyter server, so whatever runs in one may start kernels and write into the gradebook.
By itself, nbgrader renders a submission with nbconvert as it is: scripts in outputs, Markdown and SVG run, and so does
what stands in a student's name. jupyter_config.py names this module as the extension of the server that starts
Formgrader, instead of nbgrader's. Where it cannot be loaded there is no Formgrader, rather than an open one. It sees to
five things:

- a submission is shown by `Page`: what the student wrote goes through `grading.harmless`, formulas become MathML, links
  are text, and a policy in the page allows no script but those of nbgrader,
- the lists escape the names in them, and those in their addresses,
- answers of its interface to programs say that they are text, so that no browser takes one for a page,
- files handed in beside a notebook are not served: an HTML file among them would be a page of this origin,
- the configuration, which is Python, is loaded from the folder of this course only, and not from any that an address
  names: ``/formgrader/?path=submitted/...`` is all that a picture in a notebook would have to ask for.
"""

import base64
import hashlib
import html
import math
import re
from pathlib import Path

from bs4 import BeautifulSoup
from jinja2 import pass_context
from jupyter_server.utils import url_path_join
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode, v4
from nbgrader.server_extensions.formgrader import formgrader, handlers
from tornado import web

from grading import harmless, release
from grading.feedback import joined
from grading.formulas import font

TEMPLATES = Path(__file__).with_name("templates")
# All below /formgrader/submissions/ but nbgrader's own files, a submission, and the ways on from it.
_FILE = r"/formgrader/submissions/(?!components/|[^/]+/?$|[^/]+/(?:next_incorrect|prev_incorrect|next|prev)/?$).+"
_GRADE_ID = re.compile(r"[\w-]+", re.ASCII)


def _load_jupyter_server_extension(server):
    """Start Formgrader; Jupyter Server calls this."""
    application = server.web_app
    base = application.settings["base_url"]
    # Of two handlers for an address, the first gets it.
    application.add_handlers(
        ".*$", [(url_path_join(base, "/formgrader/?"), Entrance), (url_path_join(base, _FILE), NotServed)]
    )
    formgrader.load_jupyter_server_extension(server)
    application.settings["nbgrader_exporter"] = Page()
    application.settings["nbgrader_jinja2_env"].autoescape = True
    application.transforms.append(NotHtml)


# What the server answers


class Entrance(handlers.FormgraderHandler):
    """The address that may name a folder, the configuration of which nbgrader then loads."""

    @web.authenticated
    def get(self):
        path, root = self.get_argument("path", ""), Path(self.coursedir.root).resolve()
        if path and Path(path).resolve() != root:
            raise web.HTTPError(403, f"expected the folder of the course, {root}, got {path!r}: not loaded")
        return super().get()


class NotServed(handlers.Template404):
    """Whatever a student has handed in beside the notebook."""


class NotHtml(web.OutputTransform):
    """Says what nbgrader's interface answers: a text of JSON, which tornado would call HTML.

    Not that it is JSON, for then jQuery gives a value to nbgrader's scripts, which parse a text.
    """

    def __init__(self, request):
        self.concerned = "/formgrader/api/" in request.path

    def transform_first_chunk(self, status_code, headers, chunk, finishing):
        if self.concerned and headers.get("Content-Type", "").startswith("text/html"):
            headers["Content-Type"] = "text/plain; charset=UTF-8"
        return status_code, headers, chunk


# How a submission is shown


class Page(HTMLExporter):
    """A graded notebook in nbgrader's form, with scores and comments to fill in."""

    def __init__(self, **options):
        super().__init__(
            template_name="formgrade",
            template_file="formgrader.html.j2",
            extra_template_basedirs=[handlers.template_path],
            extra_template_paths=[str(TEMPLATES)],
            filters={"highlight_code": lambda source, metadata=None: harmless.code(source)},
            **options,
        )

    @pass_context
    def markdown2html(self, context, source):
        cell = context["cell"]
        return harmless.markdown(source, ours=True) if cell.metadata["ours"] else _inert(harmless.markdown(source))

    def from_notebook_node(self, nb, resources=None, **kw):
        # nbgrader's template escapes none of these.
        about = {key: html.escape(value) if isinstance(value, str) else value for key, value in resources.items()}
        ours = _sources(resources["assignment_id"], resources["notebook_id"])
        about["policy"], about["font"] = self.policy(), _font(ours)
        return super().from_notebook_node(rebuilt(nb, ours), about, **kw)

    def policy(self):
        """What the page may do from its body on: a Content-Security-Policy.

        By then nbgrader's scripts are loaded. The body has one more, and handlers of clicks; they are known by their
        hashes.
        """
        macros = self.environment.get_template("formgrade_macros.html.j2").module
        body = BeautifulSoup(macros.nav({"index": 0, "total": 1}), "html.parser")
        allowed = [script.text for script in body("script")] + [each["onclick"] for each in body.select("[onclick]")]
        hashes = sorted({f"'sha256-{_sha256(code)}'" for code in allowed})
        return "; ".join(
            [
                "default-src 'none'",
                f"script-src 'unsafe-hashes' {' '.join(hashes)}",
                "connect-src 'self'",
                "style-src 'self' 'unsafe-inline'",
                "font-src 'self' data:",
                "img-src data:",
                "base-uri 'none'",
                "form-action 'none'",
            ]
        )


def _sha256(text):
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _sources(assignment, notebook):
    """What the cells say that we wrote, questions with their mark schemes among them: a frozenset."""
    try:
        cells = release.master(assignment, notebook).cells
    except OSError:  # without a master, everything counts as theirs
        return frozenset()
    return frozenset(cell.source for cell in cells if cell.cell_type == "markdown")


def _font(ours):
    formulas = "".join(harmless.markdown(source, ours=True) for source in ours if "$" in source)
    characters = frozenset("".join(re.findall(r"<math.*?</math>", formulas, re.DOTALL)))
    return font(characters) if characters else ""


def rebuilt(notebook, ours=frozenset()):
    """A notebook of which only that is left which the page shows, each output as harmless HTML.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        As it was graded.
    ours : set of str
        The Markdown cells that we wrote.

    Returns
    -------
    rebuilt : nbformat.NotebookNode
        With nothing of the student's in its metadata.
    """
    return v4.new_notebook(cells=[_cell(cell, ours) for cell in notebook.cells])


def _cell(cell, ours):
    source = harmless.plain(cell.source)
    if cell.cell_type == "code":
        count = cell.get("execution_count")
        shown = [_inert(harmless.output(output)) for output in joined(cell.get("outputs", []))]
        outputs = [v4.new_output("display_data", {"text/html": each}) for each in shown]
        made = v4.new_code_cell(source, outputs=outputs, execution_count=count if isinstance(count, int) else None)
    elif cell.cell_type == "markdown":
        made = v4.new_markdown_cell(source)
    else:
        made = v4.new_markdown_cell("".join(f"    {line}\n" for line in source.splitlines()))
    made.metadata["ours"] = cell.cell_type == "markdown" and cell.source in ours
    if role := _role(cell):
        made.metadata["nbgrader"] = NotebookNode(role)
    return made


def _role(cell):
    """What nbgrader's template reads of a cell's metadata, or None where that is not what nbgrader writes."""
    role = cell.metadata.get("nbgrader")
    if not isinstance(role, dict) or not _GRADE_ID.fullmatch(str(role.get("grade_id", ""))):
        return None
    points = role.get("points", 0)
    if not isinstance(points, int | float) or not math.isfinite(points):
        return None
    known = {key: role.get(key) is True for key in ("grade", "solution", "locked", "task")}
    return known | {"grade_id": role["grade_id"], "points": points}


def _inert(text):
    """HTML from `grading.harmless` whose links are text and whose elements have no names.

    One click on a link may open a page of this server, and a name may be that of a score box.
    """
    if "<a" not in text and "id=" not in text:
        return text
    soup = BeautifulSoup(text, "html.parser")
    for link in soup("a"):
        if (address := link.get("href")) and address != link.text:
            link.append(f" ({address})")
        link.unwrap()
    for element in soup.select("[id]"):
        del element["id"]
    return str(soup)
