"""The numbers on the report's page, counted again: from the gradebook's tables and the notebooks' JSON, without
`grading.report.records`, `verdicts`, `measures` and `flags`, and of `alike` only what cuts an answer into passages.

What the page says is taken out of it piece by piece as it is compared; `nothing_else` then finds no number left.
"""

import inspect
import itertools
import json
import re
import sqlite3
from collections import Counter, defaultdict

import course
import numpy as np
from bs4 import BeautifulSoup

from grading.report import alike, page
from shared import misconceptions, reference
from shared.plots import percent

ENDED = "full points", "part of the points", "passes the visible tests only", "a known mistake"
ENDED += "wrong in a way unknown", "does not run to the end", "left open", "waits to be read"
FULL, PART, BLIND, KNOWN, UNKNOWN, BROKEN, OPEN, WAITS = ENDED
EXPLAINED = re.compile(r"\(((?:[^()]|\([^()]*\))+)\)\. Ask yourself: ")


def number(value):
    return f"{value:,.1f}".removesuffix(".0")


def short(title):
    return re.sub(r"^\w+ ([\d.]+) · ", r"\1 ", title)


def flat(text):
    return " ".join(text.split())


class Class:
    """A graded assignment of a course, as its files tell it."""

    def __init__(self, folder, assignment):
        self.assignment = assignment
        (self.master,) = (folder / "solutions" / assignment).glob("*.ipynb")
        self.notebook = course.read(self.master)
        graded = course.cells(self.notebook, "test", "manual")
        self.cells = defaultdict(list)
        for cell in graded:
            self.cells[re.sub(r"-test-\d+$", "", course.grade_id(cell))].append(course.grade_id(cell))
        self.worth = {course.grade_id(cell): cell.metadata.nbgrader.points for cell in graded}
        self.maximum = {name: sum(self.worth[cell] for cell in cells) for name, cells in self.cells.items()}
        self.titles = dict(zip(self.cells, self._headings(), strict=True))
        self._read_gradebook(folder)
        self.notebooks = {student: self._read(folder, student) for student in self.points}
        self.bad = {s for s, n in self.notebooks.items() if not n or "digits_no_notebook" in n["metadata"]}
        self.ok = [student for student in sorted(self.points) if student not in self.bad]

    def _headings(self):
        text = "\n".join(cell.source for cell in self.notebook.cells if cell.cell_type == "markdown")
        return [each.replace("`", "") for each in re.findall(r"^### ((?:Exercise|Question) .+)$", text, re.MULTILINE)]

    def _read_gradebook(self, folder):
        with sqlite3.connect(folder / "gradebook.db") as db:
            ask = f"""from submitted_assignment sa join assignment a on sa.assignment_id = a.id
                join submitted_notebook sn on sn.assignment_id = sa.id {{}} where a.name = '{self.assignment}'"""
            grades = db.execute(
                "select sa.student_id, c.name, coalesce(g.manual_score, g.auto_score, 0), g.needs_manual_grade "
                + ask.format("join grade g on g.notebook_id = sn.id join base_cell c on g.cell_id = c.id")
            )
            self.points, self.waits = defaultdict(Counter), defaultdict(set)
            for student, cell, score, waits in grades:
                exercise = re.sub(r"-test-\d+$", "", cell)
                self.points[student][exercise] += score
                if waits:
                    self.waits[student].add(exercise)
            late = "select sa.student_id, coalesce(sn.late_submission_penalty, 0) "
            self.late = dict(db.execute(late + ask.format("")).fetchall())
            self.newest = db.execute("select max(sa.timestamp) " + ask.format("")).fetchone()[0]
            stubs = """select c.name, c.source from source_cell c join notebook n on c.notebook_id = n.id
                join assignment a on n.assignment_id = a.id where a.name = ?"""
            self.stubs = dict(db.execute(stubs, [self.assignment]).fetchall())
            self.names = {
                student: " ".join(filter(None, names)) or student
                for student, *names in db.execute("select id, first_name, last_name from student")
            }
        self.absent = sorted(set(self.names) - set(self.points))
        self.seconds = self._read_seconds(folder / "autograded" / ".seconds" / f"{self.assignment}.jsonl")

    def _read(self, folder, student):
        path = folder / "autograded" / student / self.assignment / self.master.name
        notebook = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"metadata": {}}
        return notebook if notebook["metadata"].get("digits_graded") else None

    def _read_seconds(self, path):
        """Student → stage → seconds; of those who were graded several times, the last line counts."""
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return {entry["student"]: entry["seconds"] for entry in map(json.loads, filter(None, lines))}

    def total(self, student):
        return max(0, sum(self.points[student].values()) - self.late[student])

    def read(self, exercise):
        """The students whose points of an exercise are known."""
        return [student for student in self.ok if exercise not in self.waits[student]]

    def outputs(self, student, exercise):
        """For each test cell of an exercise what was printed, and the last error: its name and message, or None."""
        found = []
        for cell in self.notebooks[student]["cells"]:
            if (cell["metadata"].get("nbgrader") or {}).get("grade_id") in self.cells[exercise]:
                if cell["cell_type"] != "code":
                    continue
                printed = "".join("".join(each.get("text", "")) for each in cell["outputs"])
                errors = [(each["ename"], flat(each["evalue"])) for each in cell["outputs"] if "ename" in each]
                found.append((printed, errors[-1] if errors else None))
        return found

    def ended(self, student, exercise):
        if exercise in self.waits[student]:
            return WAITS
        score = self.points[student][exercise]
        if score == self.maximum[exercise]:
            return FULL
        failed = [(printed, *error) for printed, error in self.outputs(student, exercise) if error]
        if not failed:
            return PART if score else OPEN
        if any(EXPLAINED.search(said) for _, _, said in failed):
            return KNOWN
        kinds = {name for _, name, _ in failed}
        endless = any("is there a loop that never ends?" in said for _, _, said in failed)
        if endless or kinds - {"AssertionError", "NotImplementedError"}:
            return BROKEN
        if all("visible tests passed" in printed for printed, _, _ in failed):
            return BLIND
        if kinds == {"NotImplementedError"}:
            return OPEN if len(failed) == len(self.cells[exercise]) else PART
        return UNKNOWN

    def sources(self, student):
        """What stands in a student's cells: by grade id, for cells without one by their place."""
        return {
            (cell["metadata"].get("nbgrader") or {}).get("grade_id", place): "".join(cell["source"])
            for place, cell in enumerate(self.notebooks[student]["cells"])
        }

    def visible_only(self, student):
        """The points of test cells that pass only where students see them, in a sentence; empty if they are few."""
        tests = {cell: points for cell, points in self.worth.items() if "-test-" in cell}
        blind = []
        for cell in self.notebooks[student]["cells"]:
            grade_id = (cell["metadata"].get("nbgrader") or {}).get("grade_id")
            if grade_id in tests:
                printed = "".join("".join(each.get("text", "")) for each in cell["outputs"])
                errors = [(each["ename"], flat(each["evalue"])) for each in cell["outputs"] if "ename" in each]
                said = " ".join(words for _, words in errors)
                explained = EXPLAINED.search(said) or "is there a loop that never ends?" in said
                wrong = {name for name, _ in errors} == {"AssertionError"}
                if wrong and not explained and "visible tests passed" in printed:
                    blind.append(grade_id)
        points, most = sum(tests[cell] for cell in blind), sum(tests.values())
        return f"{points:g} of {most:g} points: {', '.join(blind)}" if blind and points >= 0.2 * most else ""

    def mistakes(self, exercise):
        """(function, name of the mistake) → students surely, students perhaps."""
        found = defaultdict(lambda: (set(), set()))
        for student in self.ok:
            for _, error in self.outputs(student, exercise):
                if error and error[0] == "AssertionError":
                    function = re.match(r"(?:A hidden test fails: )?(\w+)\(", error[1])
                    names = set(EXPLAINED.findall(error[1]))
                    sure = len(names) == 1 and " Or when " not in error[1] and "look the same" not in error[1]
                    for name in names:
                        found[function and function[1], name][0 if sure else 1].add(student)
        return {key: (sure, perhaps - sure) for key, (sure, perhaps) in found.items()}


def compare(text, folder, *assignments):
    """Assert that every number on the page is what it should be.

    Parameters
    ----------
    text : str
        The page.
    folder : Path
        The root of the course.
    *assignments : str
        Those that are graded.
    """
    soup = BeautifulSoup(text, "html.parser")
    for each in soup(["style", "script"]):
        each.extract()
    overview = [[flat(cell.text) for cell in row(["td", "th"])] for row in soup.main.table.tbody("tr")]
    soup.main.table.extract()
    expected = []
    for assignment in assignments:
        found = Class(folder, assignment)
        section = soup.find(id=assignment).find_parent("section")
        flagged = _look(section, found)
        expected.append(_numbers(section, found, flagged))
        _lessons(section, found)
        _figures(section, found)
        _exercises(section, found)
        _mistakes(section, found)
        _grid(section, found)
        _alike(section, found)
        _stages(section, found)
        section.h2.extract()  # a title has a number
        nothing_else(section)
    assert overview == expected


def nothing_else(section):
    rest = section.get_text(" ")
    assert not re.findall(r"\d+", rest.replace("95 %", "").replace("it takes 20 students", "")), flat(rest)


def _table(section, heading):
    """The rows of the table below a heading, as text, and the table, which is taken out of the page."""
    head = section.find(id=re.compile(f"-{heading}$"))
    table = head.find_next("table")
    rows = [[flat(cell.text) for cell in row(["td", "th"])] for body in table("tbody") for row in body("tr")]
    return rows, table.extract()


def _look(section, found):
    """The flags that need no judgement: their students and evidence, from the metadata alone."""
    expected = defaultdict(dict)
    for student in sorted(found.points):
        notebook = found.notebooks[student]
        metadata = notebook["metadata"] if notebook else {}
        repairs, stops = metadata.get("digits_repairs", []), metadata.get("digits_stops", [])
        if not notebook:
            expected["failed"][student] = ["Its status is “failed”."]
        elif student in found.bad:
            expected["no notebook"][student] = repairs or ["Its status is “no notebook”."]
        elif stops:
            expected["stopped"][student] = stops
        if repairs and student not in found.bad:
            expected["repaired"][student] = repairs
    for student in found.ok:
        if blind := found.visible_only(student):
            expected["hidden tests fail"][student] = [blind]
    head = section.find(id=re.compile("-look$"))
    if "Nobody" in head.find_next("p").text:
        assert not expected
        return set()
    _, table = _table(section, "look")
    students, flags, seen = set(), 0, {}
    for body in table("tbody"):
        group, *rows = body("tr")
        kind, count = re.match(r"(.+?), ([\d,]+) students?\b", flat(group.text)).groups()
        seen[kind] = {flat(row.th.text): [flat(each.text) for each in row("li")] or [flat(row.td.text)] for row in rows}
        assert int(count) == len(rows), f"{kind}: a class of this size is listed as a whole"
        students |= set(seen[kind])
        flags += len(rows)
    for kind, mentioned in expected.items():
        assert seen.pop(kind) == {found.names[s]: [flat(e) for e in evidence] for s, evidence in mentioned.items()}
    assert set(seen) <= {"reads the course's answers"}
    for name, evidence in seen.get("reads the course's answers", {}).items():
        (student,) = [each for each in found.ok if found.names[each] == name]
        sources = found.sources(student)
        for said in evidence:
            place, line, what = re.fullmatch(r"In (.+): line (\d+), (.+)", said).groups()
            written = [sources[place.split("'")[1]]] if place.startswith("the answer") else sources.values()
            last = re.split(r"[./\\]", what)[-1]
            assert any(last in "".join(source.splitlines()[int(line) - 1 : int(line)]) for source in written), said
    plural = "" if flags == 1 else "s"
    assert flat(table.caption.text) == f"{flags} flag{plural} on {page.counted(len(students), 'student')}"
    return students


def _numbers(section, found, flagged):
    """Compare the numbers at a glance; gives the row of the overview."""
    totals = [found.total(student) for student in found.ok]
    unread = sum(len(found.waits[student]) for student in found.ok)
    waiting = sum(bool(found.waits[student]) for student in found.ok)
    enrolled, handed_in = len(found.points) + len(found.absent), len(found.points)
    shown = [(flat(pair.dt.text), flat(pair.dd.text)) for pair in section.find(class_="numbers")("div")]
    maximum = number(sum(found.maximum.values()))
    median = f"{number(np.median(totals))} of {maximum}"
    did_not = f"; {len(found.absent)} did not" if found.absent else ""
    expected = [
        (f"handed in{did_not}", f"{handed_in:,} of {enrolled:,}"),
        ("median total", median),
        ("mean total", number(np.mean(totals))),
        ("answer waits to be read" if unread == 1 else "answers wait to be read", f"{unread:,}"),
    ]
    failed = sum(not notebook for notebook in found.notebooks.values())
    expected += [("not a notebook", str(len(found.bad) - failed))] if len(found.bad) > failed else []
    expected += [("not graded", str(failed))] if failed else []
    assert shown == expected
    section.find(class_="numbers").extract()
    for paragraph in section("p"):
        said = flat(paragraph.text)
        if said.startswith("What waits to be read"):
            assert f"those of {page.counted(waiting, 'student')} may" in said
            paragraph.extract()
        elif "handed in nothing: " in said:
            names = ", ".join(found.names[student] for student in found.absent)
            assert said == f"{page.counted(len(found.absent), 'student')} handed in nothing: {names}."
            paragraph.extract()
        elif said.startswith("The newest submission"):
            assert said == f"The newest submission is of {found.newest[:10]}."
            paragraph.extract()
    lost = {name: _lost(found, name) for name in found.cells}
    worst = max(lost, key=lost.get)  # the first of equals, as the notebook has it
    hurdle = short(found.titles[worst]) if lost[worst] else "–"
    title = re.search(r"^# (.+)$", found.notebook.cells[0].source, re.MULTILINE)[1]
    return [title, f"{enrolled:,}", f"{handed_in:,}", f"{unread:,}", median, hurdle, f"{len(flagged):,}"]


def _lost(found, exercise):
    return sum(found.maximum[exercise] - found.points[student][exercise] for student in found.read(exercise))


def _lessons(section, found):
    lost = {name: _lost(found, name) for name in found.cells}
    ranked = [name for name in sorted(lost, key=lambda name: -lost[name]) if lost[name]][:5]
    items = section.find(class_="lessons")
    items = items("li") if items else []
    assert [flat(item.h4.text) for item in items] == [found.titles[name] for name in ranked]
    for item, name in zip(items, ranked, strict=True):
        share = lost[name] / sum(lost.values())
        points = f"{number(lost[name])} point{'' if lost[name] == 1 else 's'} lost"
        assert flat(item.find(class_="loss").text) == f"{points}, {percent(share)} of all that were"
        bar = float(re.search(r"width:([\d.]+)%", str(item.find(class_="bar")))[1])
        assert abs(bar - 100 * share) <= 0.051
        said = flat(item("p")[0].text)
        counts = Counter(found.ended(student, name) for student in found.ok)
        assert [int(each.replace(",", "")) for each in re.findall(r"[\d,]*\d", said)] == [
            len(found.ok),
            *(counts[ending] for ending in ENDED if counts[ending]),
        ]
        mistakes = found.mistakes(name)
        top = item.find(class_="mistake")
        assert bool(top) == bool(mistakes)
        if top:
            often = sorted(((len(sure), len(perhaps)) for sure, perhaps in mistakes.values()), reverse=True)
            said, mine = flat(top.p.text), next(v for k, v in mistakes.items() if k[1] == top.strong.text)
            sure, perhaps = map(len, mine)
            assert (sure, perhaps) == often[0]
            who = page.counted(sure, "student") if sure else f"perhaps {page.counted(perhaps, 'student')}"
            assert len(mistakes) > 1 or said.startswith(f"{top.strong.text}, {who}. It")
            if len(mistakes) > 1:
                most = "one of the most frequent" if often[0] == often[1] else "the most frequent"
                assert said.startswith(f"{top.strong.text}, {who}: {most} of {len(mistakes)} known mistakes here. It")
            _as_in_catalogue(found, name, top)
        item.extract()


def _as_in_catalogue(found, exercise, place):
    """What is said of a mistake stands in the catalogue so."""
    source = next(cell.source for cell in found.notebook.cells if course.grade_id(cell) == exercise)
    functions = [reference.find(name) for name in course.bound_names(source) if reference.find(name)]
    known = [each for function in functions for each in misconceptions.about(function)]
    said = flat(place.text)
    assert any(each.name == place.strong.text and flat(each.why) in said and flat(each.hint) in said for each in known)


def _figures(section, found):
    totals = [found.total(student) for student in found.ok]
    histogram, endings = (figure.svg.extract() for figure in section("figure"))
    lower, median, upper = (number(each) for each in np.quantile(totals, [0.25, 0.5, 0.75]))
    maximum = number(sum(found.maximum.values()))
    label = histogram["aria-label"]
    assert f"Median {median}." in label and f"of {maximum} points" in label.partition(". Median")[0]
    if len(totals) >= 8 and lower != upper:
        assert label.startswith(f"Half of the class has between {lower} and {upper} of {maximum} points")
    assert sum(found.maximum.values()) <= 25, "wider bins are tested by hand"
    bars = Counter(int(total) for total in totals)
    assert label.rpartition("points: ")[2] == ", ".join(f"{bin}: {bars[bin]}" for bin in sorted(bars)) + "."
    counts = {name: Counter(found.ended(student, name) for student in found.ok) for name in found.cells}
    told = [
        f"{found.titles[name]}: " + ", ".join(f"{count[ending]} {ending}" for ending in ENDED if count[ending])
        for name, count in counts.items()
    ]
    assert endings["aria-label"].endswith(f"Students by how an exercise ended. {'. '.join(told)}.")
    hurdle = min(counts.values(), key=lambda count: count[FULL] + count[WAITS])
    if hurdle[FULL] + hurdle[WAITS] < len(found.ok):
        assert f"{hurdle[FULL]:,} of {len(found.ok):,} have its full points" in endings["aria-label"]


def _exercises(section, found):
    rows, table = _table(section, "exercises")
    unread = {name for student in found.ok for name in found.waits[student]}
    expected, widths = [], []
    for name, title in found.titles.items():
        read = found.read(name)
        points = np.array([found.points[student][name] for student in read], dtype=float)
        others = [other for other in found.cells if other != name and other not in unread]
        rest = np.array([sum(found.points[student][other] for other in others) for student in read], dtype=float)
        if len(read) < 20:
            said = "too few students"
        elif np.ptp(points) == 0 or np.ptp(rest) == 0:
            said = "all have the same points"
        else:
            r = np.corrcoef(points, rest)[0, 1]
            room = 1.959964 / np.sqrt(len(read) - 3)
            low, high = np.tanh([np.arctanh(r) - room, np.arctanh(r) + room])
            said = f"{r:.2f} ({low:.2f} to {high:.2f})".replace("-", "−")
        share = points.mean() / found.maximum[name] if len(read) else None
        middle = [percent(share), ""] if len(read) else ["waits to be read"]
        widths += [share] if len(read) else []
        most, lost = number(found.maximum[name]), number(_lost(found, name))
        wait = len(found.ok) - len(read)
        students = f"{len(read):,}" + (f" {wait:,} unread" if wait else "")
        expected.append([short(title), most, students, *middle, lost, said])
    assert rows == expected
    bars = [float(each) for each in re.findall(r"width:([\d.]+)%", str(table))]
    assert np.allclose(bars, 100 * np.array(widths), atol=0.051)


def _mistakes(section, found):
    expected = {}
    for name in found.cells:
        if mistakes := found.mistakes(name):
            expected[found.titles[name]] = sorted(
                (mistake, len(sure), len(perhaps), _who(found, sure, perhaps))
                for (_, mistake), (sure, perhaps) in mistakes.items()
            )
    if not expected:
        return
    _, table = _table(section, "mistakes")
    shown = {}
    for body in table("tbody"):
        group, *rows = body("tr")
        (name,) = [name for name, title in found.titles.items() if title == flat(group.text)]
        listed = []
        for row in rows:
            sure, _, perhaps = flat(row("td")[0].get_text(" ")).partition(" perhaps ")
            listed.append((row.th.strong.text, int(sure.replace(",", "")), int(perhaps or 0), flat(row("td")[1].text)))
            _as_in_catalogue(found, name, row.th)
        often = [each[1:3] for each in listed]
        assert often == sorted(often, reverse=True)
        shown[flat(group.text)] = sorted(listed)
    assert shown == expected


def _who(found, sure, perhaps):
    def some(students):
        names = [found.names[student] for student in sorted(students)]
        return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")

    return "; ".join([*([some(sure)] if sure else []), *([f"perhaps {some(perhaps)}"] if perhaps else [])])


def _grid(section, found):
    for mark in section(class_="mark"):
        mark.extract()  # what it means stands beside it for those who do not see it
    rows, _ = _table(section, "students")
    expected = []
    for student in sorted(found.points):
        metadata = (found.notebooks[student] or {"metadata": {}})["metadata"]
        status = (
            ("no notebook" if found.notebooks[student] else "failed")
            if student in found.bad
            else "stopped"
            if metadata.get("digits_stops")
            else "waits to be read"
            if found.waits[student]
            else "repaired"
            if metadata.get("digits_repairs")
            else "graded"
        )
        if student in found.bad:
            expected.append([found.names[student], "", "–", status])
            continue
        cells = []
        for name in found.cells:
            ending = found.ended(student, name)
            points = "" if ending == WAITS else number(found.points[student][name])
            cells.append(f"{points} {ending}".strip())
        expected.append([found.names[student], *cells, number(found.total(student)), status])
    assert rows == expected


def _alike(section, found):
    expected = _copies(found)
    if not expected:
        assert section.find(id=re.compile("-alike$")).find_next_sibling().text.startswith("No two students wrote alike")
        return
    rows, _ = _table(section, "alike")
    assert rows == expected


def _copies(found):
    """The rows of the table of answers that are alike, by comparing each student with each."""
    solutions = {course.grade_id(cell): cell for cell in course.cells(found.notebook, "solution", "manual")}
    names = [name for cell in solutions.values() for name in _functions(cell.source)]
    wrong = [inspect.getsource(each.answer) for name in names for each in misconceptions.about(reference.find(name))]
    given = [cell.source for cell in solutions.values()] + [found.stubs[name] for name in solutions] + wrong
    known = alike.names_in(given)
    ours = {passage for source in given for words in (None, known) for passage in alike.passages(source, words)}
    own = {
        student: {
            cell: alike.passages(source, known if solutions[cell].cell_type == "code" else None) - ours
            for cell, source in found.sources(student).items()
            if cell in solutions
        }
        for student in found.ok
    }
    whole = {student: frozenset().union(*cells.values()) for student, cells in own.items()}
    often = Counter(passage for different in set(whole.values()) for passage in different)
    usual = max(10, len(set(whole.values())) / 20)
    rare = {student: {passage for passage in mine if often[passage] <= usual} for student, mine in whole.items()}
    together, shares = {student: {student} for student in found.ok if len(rare[student]) >= 30}, {}
    for one, other in itertools.combinations(together, 2):
        share = len(rare[one] & rare[other]) / len(rare[one] | rare[other])
        if share >= 0.8:
            shares[one] = min(share, shares.get(one, 1))
            joined = together[one] | together[other]
            together |= dict.fromkeys(joined, joined)
    groups = []
    for students in {tuple(sorted(each)) for each in together.values() if len(each) > 1}:
        same = [cell for cell, mine in own[students[0]].items() if mine and all(own[s][cell] == mine for s in students)]
        lowest = min(shares[student] for student in students if student in shares)
        groups.append((-lowest, students, min(len(rare[student]) for student in students), same))
    rows = []
    for lowest, students, few, same in sorted(groups):
        called = ", ".join(found.names[student] for student in students)
        rows.append([called, percent(-lowest), f"{few:,}", ", ".join(same) or "no answer as a whole"])
    return rows


def _functions(source):
    try:
        return [name for name in course.bound_names(source) if reference.find(name)]
    except SyntaxError:  # a proof in words
        return []


STAGES = "kernels", "own cells", "visible tests", "hidden tests", "saving"


def _stages(section, found):
    taken = {student: found.seconds[student] for student in sorted(found.seconds) if found.notebooks.get(student)}
    if not taken:
        said = section.find(id=re.compile("-seconds$")).find_next_sibling().text
        assert said.startswith("Not known: no times were kept")
        return
    rows, table = _table(section, "seconds")
    met = list(dict.fromkeys(stage for each in taken.values() for stage in each))
    names = [stage for stage in STAGES if stage in met] + [stage for stage in met if stage not in STAGES]
    columns = {name: [each.get(name, 0) for each in taken.values()] for name in names}
    columns["all stages"] = [sum(each.values()) for each in taken.values()]
    expected, widths = [], []
    for name, values in columns.items():
        share = sum(values) / sum(columns["all stages"])
        widths.append(100 * share)
        numbers = [np.median(values), np.quantile(values, 0.9), max(values)]
        slowest = [student for student, value in zip(taken, values, strict=True) if value == max(values)][-1]
        shown = [page.took(sum(values)), percent(share), "", *map(page.took, numbers), found.names[slowest]]
        expected.append([name, *shown])
    assert rows == expected
    assert flat(table.caption.text).endswith(f"over {page.counted(len(taken), 'submission')}")
    bars = [float(each) for each in re.findall(r"width:([\d.]+)%", str(table))]
    assert np.allclose(bars, widths, atol=0.051)
