"""What every master promises its reader: small pieces, speaking headers, links that work, alternative texts."""

import ast
import re

import course
import pytest

from shared import plots

CODE_WIDTH = 88
STORY_LINES, SOLUTION_LINES = 25, 10
MARKDOWN_WORDS, OPENING_WORDS = 130, 160
HEADER = re.compile(
    r"### (Exercise|Question) \d\.\d+ · .+\n\n\*\*(\d+) points? · (\d+) minutes · (easy|medium|hard)\*\*\n"
)

every_master = pytest.mark.parametrize("path", course.MASTERS, ids=course.name)


def prose(source):
    """The words of a Markdown cell that are read in one go: no formulas, no tables, no folded hints, no scheme."""
    source = re.sub(r"### BEGIN MARK SCHEME.*?### END MARK SCHEME", "", source, flags=re.DOTALL)
    source = re.sub(r"<details>.*?</details>", "", source, flags=re.DOTALL)
    source = re.sub(r"\$\$.*?\$\$|\$.*?\$", " formula ", source, flags=re.DOTALL)
    source = re.sub(r"^\|.*$", "", source, flags=re.MULTILINE)
    return source.split()


@every_master
def test_opens_with_what_the_reader_needs(path):
    first = course.read(path).cells[0].source
    number = int(course.name(path)[:2])
    assert re.match(rf"# {number} · \S", first), f"the title should begin '# {number} · '"
    for promise in ("**You will**", "**You need**", "**Time**", "notebooks/README.md"):
        assert promise in first, f"the first cell lacks {promise}"


@every_master
def test_closes_with_a_summary_and_the_way_on(path):
    summary, further = (cell.source for cell in course.read(path).cells[-2:])
    assert summary.startswith("## ") and further.startswith("**Going further**")
    assert 4 <= len(re.findall(r"^- ", summary, re.MULTILINE)) <= 6, "sum up in five lines"
    if path != course.MASTERS[-1] or len(course.MASTERS) < 6:
        assert "**Next**" in summary


@every_master
def test_links_lead_somewhere(path):
    for cell in course.read(path).cells:
        if cell.cell_type == "markdown":
            for target in re.findall(r"\]\(([^)#]+)", cell.source):
                if not re.match(r"https?://", target):
                    assert (path.parent / target).exists(), f"{target} does not exist, seen from {path.parent}"


@every_master
def test_neighbouring_notebooks_are_linked(path):
    text = "\n".join(cell.source for cell in course.read(path).cells if cell.cell_type == "markdown")
    place = course.MASTERS.index(path)
    for neighbour in course.MASTERS[max(place - 1, 0) : place] + course.MASTERS[place + 1 : place + 2]:
        assert f"../{neighbour.parent.name}/{neighbour.name}" in text, f"no link to {neighbour.name}"


@every_master
def test_exercises_have_headers_points_and_hints(path):
    notebook = course.read(path)
    for position, cell in enumerate(notebook.cells):
        if course.role(cell) not in ("solution", "manual"):
            continue
        name = course.grade_id(cell)
        header = HEADER.search(notebook.cells[position - 1].source)
        assert header, f"above {name}: '### Exercise N.n · name', then '**P points · M minutes · easy**'"
        if course.role(cell) == "manual":
            assert cell.metadata.nbgrader.points == int(header[2])
            continue
        tests = course.tests_of(notebook, name)
        assert [course.grade_id(test) for test in tests] == [f"{name}-test-{i + 1}" for i in range(len(tests))]
        assert sum(test.metadata.nbgrader.points for test in tests) == int(header[2]), f"points of {name}"
        after = notebook.cells[position + 1 + len(tests)].source
        assert after.count("<details>") >= 2, f"two folded hints belong below the tests of {name}"


@every_master
def test_minutes_fit_the_time_given(path):
    notebook = course.read(path)
    total = int(re.search(r"\*\*Time\*\* (\d+) minutes", notebook.cells[0].source)[1])
    exercises = sum(int(header[3]) for cell in notebook.cells if (header := HEADER.search(cell.source)))
    assert 0.4 * total <= exercises <= 0.8 * total, f"{exercises} minutes of exercises in {total} minutes"


@every_master
def test_pieces_are_small(path):
    for position, cell in enumerate(course.read(path).cells):
        if cell.cell_type == "markdown" and course.role(cell) != "manual":
            words = len(prose(cell.source))
            assert words <= (MARKDOWN_WORDS if position else OPENING_WORDS), f"{words} words: {cell.source[:60]!r}"
        if cell.cell_type == "code":
            lines = course.visible(cell.source).splitlines()
            wide = [line for line in cell.source.splitlines() if len(line) > CODE_WIDTH]
            assert not wide, f"wider than {CODE_WIDTH} columns: {wide[0]!r}"
            if course.role(cell) == "story":
                assert len(lines) <= STORY_LINES, f"{len(lines)} lines: {cell.source[:60]!r}"
            if course.role(cell) == "solution":
                for answer in re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", cell.source, re.DOTALL):
                    assert len(answer.strip().splitlines()) <= SOLUTION_LINES, f"a long answer: {course.grade_id(cell)}"


@every_master
def test_every_picture_has_an_alternative_text(path):
    for cell in course.read(path).cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                alt = output.metadata.get("image/png", {}).get("alt", "")
                assert len(alt.split()) >= 5, f"use plots.show(figure, alt=...): {cell.source[:60]!r}"
                assert output.data["text/plain"] == alt


@every_master
def test_every_widget_has_a_still_beside_it(path):
    cells = [cell for cell in course.read(path).cells if cell.cell_type == "code"]
    for position, cell in enumerate(cells):
        if "widgets." in cell.source or "DrawingPad(" in cell.source:
            near = [output for other in cells[max(position - 1, 0) : position + 2] for output in other.outputs]
            assert any("image/png" in output.get("data", {}) for output in near), f"no still near {cell.source!r}"


@every_master
def test_colours_come_from_the_palette(path):
    for cell in course.read(path).cells:
        if cell.cell_type != "code":
            continue
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.keyword) and node.arg in ("color", "c", "colors", "cmap", "facecolor", "edgecolor"):
                named = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
                allowed = not named or node.value.value in (*plots.OKABE_ITO, "cividis", "none")
                assert allowed, f"{node.value.value!r} is not of the palette (shared.plots)"


@every_master
def test_master_is_stored_executed_without_errors_and_under_a_megabyte(path):
    notebook = course.read(path)
    assert path.stat().st_size < 1_000_000, f"{path.stat().st_size} bytes stored"
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1)), "run `make execute`: cells were not run in order, once"
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error" and output.get("name") != "stderr", f"{cell.source[:60]!r}"
    assert "widgets" not in notebook.metadata and "version" not in notebook.metadata.language_info


@every_master
def test_formulas_render_everywhere(path):
    """No delimiters or commands that one of KaTeX and MathJax does not know, numbered formulas in order."""
    text = "\n\n".join(cell.source for cell in course.read(path).cells if cell.cell_type == "markdown")
    for trap in (r"\(", r"\[", r"\boxed", r"\begin{align}", r"\label", r"\eqref", "$\\("):
        assert trap not in text, f"{trap} does not render everywhere"
    outside_code = re.sub(r"`[^`]*`", "", text)
    assert outside_code.replace(r"\$", "").count("$") % 2 == 0, "an odd number of dollar signs"
    tags = [int(number) for number in re.findall(r"\\tag\{(\d+)\}", text)]
    assert tags == list(range(1, len(tags) + 1)), f"formulas are numbered {tags}"


@every_master
def test_ids_are_readable_and_unique(path):
    ids = [cell.id for cell in course.read(path).cells]
    assert len(set(ids)) == len(ids)
    for cell in course.read(path).cells:
        if course.grade_id(cell):
            assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", course.grade_id(cell))


@every_master
def test_voice(path):
    for cell in course.read(path).cells:
        if cell.cell_type == "markdown":
            assert not re.search(
                r"[^\w]!(\s|$)|\w!(\s|$)", prose_text := re.sub(r"`[^`]*`|\$[^$]*\$", "", cell.source)
            ), f"an exclamation mark: {prose_text[:60]!r}"
