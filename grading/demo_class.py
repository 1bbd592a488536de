"""A class of simulated students, whose scores are known: `grading/demo_class_scores/`.

Each hands in one notebook made from the release. They show what a real class does to a grader: good work, blank work,
every mistake of the catalogue, and mishaps. A student called ``demo-mistaken-07`` believes, in every exercise at
once, the seventh misconception about each of its functions; exercises are graded independently, so one such student
tests many.
"""

import ast
import copy
import inspect
import textwrap
from pathlib import Path

import nbformat

from grading.release import MASTERS, released
from shared import misconceptions, reference

SCORES = Path(__file__).with_name("demo_class_scores")  # a CSV file an assignment


def hand_in(submitted, assignment, mistaken=None):
    """Write the submissions of the class.

    Parameters
    ----------
    submitted : Path
        nbgrader's folder of submissions; each goes to ``student/assignment/notebook.ipynb`` below it.
    assignment : str
    mistaken : int, optional
        How many students who are mistaken in everything; by default as many as there are mistakes.

    Returns
    -------
    students : list of str
    """
    (master,) = (MASTERS / assignment).glob("*.ipynb")
    notebook = master.stem
    students = class_of(released(assignment, notebook), nbformat.read(master, as_version=4), mistaken)
    for student, handed_in in students.items():
        folder = Path(submitted) / student / assignment
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        name = f"{notebook} (1).ipynb" if student == "demo-renamed" else f"{notebook}.ipynb"
        content = handed_in if isinstance(handed_in, str) else nbformat.writes(handed_in)
        (folder / name).write_text(content, encoding="utf-8")
    return list(students)


def class_of(release, master, most=None):
    """The submissions of the class: a dict from student to a notebook, or to text that is none."""
    right = {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in master.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }
    exercises = [grade_id for grade_id, source in right.items() if functions_of(source)]
    perfect = answered(release, right)
    half = [grade_id for i, grade_id in enumerate(right) if i < len(right) // 2]

    students = {
        "demo-perfect": perfect,
        "demo-blank": copy.deepcopy(release),
        "demo-half": answered(release, {grade_id: right[grade_id] for grade_id in half}),
        "demo-warned": _with_warning(perfect, exercises),
        "demo-syntax-error": answered(release, right | {exercises[-1]: right[exercises[-1]] + "\nreturn return"}),
        "demo-endless-loop": answered(release, right | {exercises[0]: _endless(right[exercises[0]])}),
        "demo-deleted-test": _with_deleted_tests(release, right, exercises[1]),
        "demo-duplicated": _duplicated(perfect, exercises[1]),
        "demo-pasted-stub": _with_stub_pasted_below(perfect, release, exercises[1]),
        "demo-renamed": perfect,
        "demo-not-json": nbformat.writes(perfect)[:2000],
    }
    mistakes = most_mistakes(right.values())
    for number in range(1, (mistakes if most is None else min(most, mistakes)) + 1):
        wrong = {grade_id: mistaken(source, number) for grade_id, source in right.items()}
        students[f"demo-mistaken-{number:02d}"] = answered(release, wrong)
    return students


def functions_of(source):
    """The functions a solution cell defines for which there is a reference, in order."""
    if not _is_code(source):
        return []
    definitions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    return [node.name for node in definitions if reference.find(node.name)]


def most_mistakes(sources):
    """The largest number of misconceptions about any function that these solution cells define."""
    names = [name for source in sources for name in functions_of(source)]
    return max(len(misconceptions.about(reference.find(name))) for name in names)


def mistaken(source, number):
    """A solution cell in which every function is replaced by its misconception of that number, where it has one."""
    for name in functions_of(source):
        known = misconceptions.about(reference.find(name))
        if number <= len(known):
            (node,) = [node for node in ast.parse(source).body if getattr(node, "name", None) == name]
            lines = source.splitlines()
            lines[node.lineno - 1 : node.end_lineno] = _source(known[number - 1].answer, name).splitlines()
            # The marker that closes a solution is a comment, so it is not part of the function.
            source = "\n".join(line for line in lines if "### END SOLUTION" not in line)
    return source


def answered(release, answers):
    """A copy of the release with sources filled in: a dict from grade id to source."""
    notebook = copy.deepcopy(release)
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in answers:
            cell.source = answers[grade_id]
    return notebook


def release_source(release, grade_id):
    """The source that a cell has in the release."""
    return next(cell.source for cell in release.cells if _id(cell) == grade_id)


def _is_code(source):
    """Whether a source is Python: an answer to a written question is not."""
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def _id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def _source(function, name):
    """The source of a misconception under the name that the exercise asks for."""
    lines = textwrap.dedent(inspect.getsource(function))
    definition = lines[lines.index("def ") :]
    return definition.replace(f"def {function.__name__}(", f"def {name}(", 1).rstrip()


def _with_warning(perfect, exercises):
    """Right answers that overflow on the way and talk on stderr, which nbgrader itself scores with 0."""
    noise = "\n    import sys\n    print('a word on stderr', file=sys.stderr)\n    np.exp(np.array([1e6]))"
    notebook = copy.deepcopy(perfect)
    for cell in notebook.cells:
        if _id(cell) in exercises:
            docstring_end = cell.source.index('"""', cell.source.index('"""') + 3) + 3
            cell.source = cell.source[:docstring_end] + noise + cell.source[docstring_end:]
    return notebook


def _endless(source):
    docstring_end = source.index('"""', source.index('"""') + 3) + 3
    return source[:docstring_end] + "\n    while True:\n        pass" + source[docstring_end:]


def _with_deleted_tests(release, right, exercise):
    """Somebody who did not solve an exercise deletes its test cells."""
    notebook = answered(release, {grade_id: source for grade_id, source in right.items() if grade_id != exercise})
    notebook.cells = [cell for cell in notebook.cells if not (_id(cell) or "").startswith(f"{exercise}-test-")]
    return notebook


def _exercise_cells(notebook, exercise):
    return [
        i
        for i, cell in enumerate(notebook.cells)
        if _id(cell) == exercise or (_id(cell) or "").startswith(f"{exercise}-test-")
    ]


def _duplicated(perfect, exercise):
    """An exercise copied with its tests and pasted below."""
    notebook = copy.deepcopy(perfect)
    indices = _exercise_cells(notebook, exercise)
    copies = [_fresh_id(copy.deepcopy(notebook.cells[i]), "copy") for i in indices]
    notebook.cells[indices[-1] + 1 : indices[-1] + 1] = copies
    return notebook


def _with_stub_pasted_below(perfect, release, exercise):
    """Somebody keeps the stub, for another try, below an answer that is right."""
    notebook = copy.deepcopy(perfect)
    index = _exercise_cells(notebook, exercise)[0]
    stub = copy.deepcopy(notebook.cells[index])
    stub.source = release_source(release, exercise)
    notebook.cells.insert(index + 1, _fresh_id(stub, "stub"))
    return notebook


def _fresh_id(cell, suffix):
    cell["id"] = f"{cell['id']}-{suffix}"[:64]
    return cell
