"""`nbgrader zip_collect` for what Canvas and Moodle let an instructor download: whose is each file, and which counts.

Canvas names a file ``family+given[_LATE]_user_attachment_name``, where the name is the student's sortable name in small
letters without spaces and signs, and both numbers are Canvas's own; a file handed in again is called ``name-1``.
Moodle makes a folder ``Given Family_participant_assignsubmission_file`` (with a ``_`` more in older versions), or, if
told so, puts that before the file's name. A participant number belongs to one assignment; the grading worksheet that
Moodle offers beside the download says which student it is.
"""

import csv
import re
import shutil
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dateutil.parser
from nbgrader.api import Gradebook
from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin
from traitlets import Int, Unicode

from grading import archives

CANVAS = re.compile(
    r"((?P<name>[\w-]*?)_)??(?P<late>LATE_)?(?P<user>[0-9]+|anon_[^\W_]+)_"
    r"((?P<attachment>[0-9]+)_(?P<file>.+)|(?P<typed>text\.html|link\.html))",
    re.I,
)
# A person called "x_101" would otherwise hand in for user 101: what then follows begins with a number.
CANVAS_DOUBTFUL = re.compile(r"(LATE_)?[0-9]+_.+", re.I)
# The first such part is Moodle's; what comes after it is the student's choice.
MOODLE = re.compile(r"(?P<name>.*?)_(?P<participant>[0-9]+)_assignsubmission_[a-z]+(_(?P<file>.*))?", re.I)
ARCHIVE = re.compile(r"\.(zip|gz|tgz|tar|bz2|xz|7z|rar)$", re.I)
# Browsers and mail programs that do not know notebooks add an ending.
NOTEBOOK = re.compile(r"(?P<stem>.+)\.ipynb(\.txt|\.json)?$", re.I)
COPY = re.compile(r"(?P<stem>.+?)(?:-(?P<canvas>\d+)| ?\((?P<browser>\d+)\))")
LEFT_BY_A_SYSTEM = re.compile(r"^(\.ipynb_checkpoints|__MACOSX|\._.*|\.DS_Store|Thumbs\.db|desktop\.ini)$")


@dataclass(frozen=True)
class Sender:
    """Who handed in, as the learning platform writes it.

    `number` is Canvas's user or Moodle's participant; empty where Canvas grades anonymously, or where it could be read
    in two ways, since the student's file begins with a number. `name` is how the
    platform spells the person, which for Canvas is family and given name run together.
    """

    platform: str
    number: str
    name: str

    def __str__(self):
        number = {"Canvas": "Canvas user", "Moodle": "Moodle participant"}[self.platform]
        return f"{_printable(self.name) or 'somebody without a name'} ({number} {self.number or 'unknown'})"


@dataclass
class Arrival:
    """A file of the archive.

    `order` sorts the files of one student, the newest last: Canvas's attachment numbers grow; of Moodle's files, the
    later download has the newer ones, and within a download ``name (1)`` came after ``name``.
    """

    path: Path
    sender: Sender
    file: str
    late: bool = False
    order: tuple = ()
    target: str = ""
    sent: datetime | None = None


def arrival(path, relative):
    """Read a file's sender off its path.

    Parameters
    ----------
    path : Path
    relative : Path
        The part of the path that the platform made.

    Returns
    -------
    arrival : Arrival or None
        None if no part of the path is of Canvas's or Moodle's making.

    Examples
    --------
    >>> arrival(Path(), Path("obrienzoë_LATE_101_9001_softmax-1.ipynb")).sender
    Sender(platform='Canvas', number='101', name='obrienzoë')
    >>> found = arrival(Path(), Path("Zoë OBrien_77_assignsubmission_file_/sub/softmax.ipynb"))
    >>> found.sender, found.file
    (Sender(platform='Moodle', number='77', name='Zoë OBrien'), 'softmax.ipynb')
    """
    parts = [unicodedata.normalize("NFC", part) for part in relative.parts]
    for part in parts:
        if match := MOODLE.fullmatch(part):
            sender = Sender("Moodle", match["participant"], match["name"])
            return Arrival(path, sender, match["file"] or parts[-1])
    match = CANVAS.fullmatch(parts[-1])
    if match is None:
        return None
    hidden = match["user"].lower().startswith("anon") or CANVAS_DOUBTFUL.fullmatch(match["file"] or "")
    number = "" if hidden else match["user"]
    sender = Sender("Canvas", number, match["name"] or "")
    order = (int(match["attachment"] or 0),)
    return Arrival(path, sender, match["file"] or match["typed"], bool(match["late"]), order)


def folded(name, keep_accents=False):
    """A name as it is compared: letters and digits only, without case and, unless told, without Latin accents.

    Examples
    --------
    >>> folded("O'Brien, Zoë"), folded("O'Brien, Zoë", keep_accents=True)
    ('obrienzoe', 'obrienzoë')
    """
    letters = unicodedata.normalize("NFC" if keep_accents else "NFKD", name).casefold()
    # Vowel signs of other scripts are marks as well, and tell names apart; only the accents of Latin, Greek and
    # Cyrillic go.
    return "".join(
        letter for letter in letters
        if letter.isalnum() or (unicodedata.category(letter)[0] == "M" and not "\u0300" <= letter <= "\u036f")
    )  # fmt: skip


class Roster:
    """The students of the gradebook, found by what a platform knows of them.

    Parameters
    ----------
    students : iterable
        With `id`, `first_name`, `last_name`, `email` and `lms_user_id`, as nbgrader has them.
    """

    def __init__(self, students):
        self.students = list(students)
        self.ids = {student.id for student in self.students}
        self._by_number, self._by_contact = defaultdict(set), defaultdict(set)
        self._by_name = {True: defaultdict(set), False: defaultdict(set)}
        self._number = {}
        for student in self.students:
            self._number[student.id] = student.lms_user_id or ""
            # A student whose platform number is not entered may be enrolled under that number.
            self._by_number[student.lms_user_id or student.id].add(student.id)
            for contact in (student.id, student.email):
                if contact:
                    self._by_contact[contact.casefold()].add(student.id)
            given, family = student.first_name or "", student.last_name or ""
            for keep_accents, names in self._by_name.items():
                for name in (f"{given} {family}", f"{family} {given}"):
                    names[folded(name, keep_accents)].add(student.id)

    def __len__(self):
        return len(self.students)

    def find(self, sender, contacts=()):
        """The id of a sender's student.

        Parameters
        ----------
        sender : Sender
        contacts : iterable of str
            Addresses and ids that a grading worksheet gives for the sender.

        Returns
        -------
        student, sure : str, bool
            Sure is what rests on a number or an address; what rests on a name alone is not.

        Raises
        ------
        LookupError
            If no student fits, or more than one; the message says which.
        """
        found = set().union(*(self._by_contact[contact.casefold()] for contact in contacts))
        if sender.platform == "Canvas" and sender.number:
            found |= self._by_number[sender.number]
        if found:
            return _only(found, sender), True
        for keep_accents in (True, False):
            name = folded(sender.name, keep_accents)
            found = self._by_name[keep_accents][name] if name else set()
            # Who has a number in Canvas is known by that, and a namesake is somebody else.
            found = {id for id in found if sender.platform != "Canvas" or not self._number[id]}
            if found:
                return _only(found, sender), False
        raise LookupError(f"{sender} is nobody in the gradebook")


def _only(found, sender):
    if len(found) > 1:
        raise LookupError(f"{sender} may be any of {', '.join(sorted(found))}")
    return next(iter(found))


class Worksheets:
    """Moodle's grading worksheets: who the participants of an assignment are, and when they handed in.

    Headers depend on Moodle's language, so a row is read by its contents as far as possible: the first cell ends
    with the participant's number, an address has an @.

    Parameters
    ----------
    zone : ZoneInfo or None
        In which Moodle showed its times; None is where this machine stands.
    """

    CONTACTS = {"id number", "username", "email address"}
    SENT = "last modified (submission)"

    def __init__(self, zone=None):
        self.zone = zone
        self.contacts, self.sent = defaultdict(set), {}

    def read(self, path):
        """Add a worksheet; False if the file is none."""
        with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
            try:
                head, *rows = csv.reader(file)
            except (csv.Error, ValueError):
                return False
        head = [cell.strip().casefold() for cell in head]
        participants = [re.fullmatch(r"\D+(\d+)", row[0]) if row else None for row in rows]
        if not any(participants):
            return False
        for participant, row in zip(participants, rows, strict=True):
            if participant is None:
                continue
            for title, cell in zip(head, row, strict=False):
                if cell and ("@" in cell or title in self.CONTACTS):
                    self.contacts[participant[1]].add(cell.strip())
                if title == self.SENT and (sent := self._moment(cell)):
                    self.sent[participant[1]] = sent
        return True

    def _moment(self, text):
        """A moment as Moodle writes it, in UTC without saying so, which is what nbgrader keeps; None if unreadable."""
        try:
            moment = dateutil.parser.parse(text)
        except (ValueError, OverflowError):
            return None
        moment = moment.replace(tzinfo=self.zone) if self.zone else moment.astimezone()
        return moment.astimezone(UTC).replace(tzinfo=None)


@dataclass
class Report:
    """What became of each file, to be read by the instructor."""

    collected: list = field(default_factory=list)
    unmatched: list = field(default_factory=list)
    refused: list = field(default_factory=list)
    replaced: list = field(default_factory=list)
    other: list = field(default_factory=list)
    nothing_from: list = field(default_factory=list)

    SECTIONS = {
        "unmatched": "Not collected, because nobody can be sure whose it is",
        "refused": "Refused",
        "replaced": "Not collected, because the same student handed in something newer",
        "other": "Not collected, because it is no notebook",
        "nothing_from": "Students of the gradebook from whom there is nothing",
        "collected": "Collected",
    }
    ADVICE = {
        "unmatched": "Enter Canvas's numbers (nbgrader db student import, columns id and lms_user_id), or"
        " lay Moodle's grading worksheet beside its download, and collect once more with --force.",
    }

    def text(self):
        counts = {name: len(getattr(self, name)) for name in self.SECTIONS}
        lines = [
            f"{counts[name]} {title[0].lower()}{title[1:]}" for name, title in self.SECTIONS.items() if counts[name]
        ]
        sections = ["\n".join(lines)]
        for name, title in self.SECTIONS.items():
            if lines := getattr(self, name):
                advice = [self.ADVICE[name]] if name in self.ADVICE else []
                sections.append("\n".join([title + ":", *(f"    {line}" for line in sorted(lines)), *advice]))
        return "\n\n".join(sections) + "\n"


class LmsExtractor(ExtractorPlugin):
    """Unpacks downloads of Canvas and Moodle, but no archive that a student made, and nothing that could do harm."""

    max_file_size = Int(archives.Limits.file_size, help="Bytes that one file may unpack to.").tag(config=True)
    max_total_size = Int(archives.Limits.total_size, help="Bytes that one archive may unpack to.").tag(config=True)
    max_files = Int(archives.Limits.files, help="Files that one archive may hold.").tag(config=True)

    def extract(self, archive_path, extracted_path):
        """Unpack or copy what lies in the archive folder, into folders named after the archives."""
        self.refused = []
        limits = archives.Limits(self.max_file_size, self.max_total_size, self.max_files)
        here, there = Path(archive_path), Path(extracted_path)
        files = [path for path in sorted(here.rglob("*")) if path.is_file()]
        if not files:
            self.log.warning("Nothing lies in %s; downloads belong there.", here)
        for path in files:
            relative = path.relative_to(here)
            # A browser may have unpacked the download: then a student's own archive lies here.
            if path.suffix.lower() != ".zip" or arrival(path, relative):
                target = there / relative
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, target)
                continue
            try:
                refused = archives.unpack(path, there / relative.with_suffix(path.suffix + ".d"), limits)
            except archives.RefusedArchive as reason:
                self._refuse(str(relative), reason)
            else:
                for name, reason in refused:
                    self._refuse(f"{relative}: {name}", reason)
        for path in sorted(there.rglob("*.*")):
            if (match := NOTEBOOK.fullmatch(path.name)) and path.suffix != ".ipynb":
                path.rename(archives.free(path.with_name(f"{match['stem']}.ipynb")))

    def _refuse(self, what, why):
        line = f"{_printable(what)}: {why}."
        self.refused.append(line)
        self.log.error("Refused: %s", line)


class LmsCollector(FileNameCollectorPlugin):
    """Files submissions under the ids of the gradebook, and writes a report of everything that is not collected.

    Of several files that are the same notebook of one student the newest counts. A student who is not in the gradebook
    is left alone and reported; where the gradebook has no students at all, the platform's own ids serve.
    """

    zone = Unicode("", help="The time zone in which Moodle shows times, such as Europe/Athens; empty: here.").tag(
        config=True
    )

    def collect(self, submitted_file):
        """What nbgrader asks for each file: the student and the name of the notebook, or None to leave it."""
        if not hasattr(self, "_plan"):
            self._plan = self._made_plan()
        return self._plan.get(Path(submitted_file))

    def _made_plan(self):
        app = self.parent
        root = Path(app._format_collect_path(app.extracted_directory))
        with Gradebook(app.coursedir.db_url, app.coursedir.course_id) as gradebook:
            roster = Roster(gradebook.students)
        masters = Path(app.coursedir.format_path(app.coursedir.source_directory, ".", app.coursedir.assignment_id))
        notebooks = {path.stem.casefold(): path.stem for path in masters.glob("*.ipynb")}
        worksheets = Worksheets(ZoneInfo(self.zone) if self.zone else None)

        report = Report(refused=list(getattr(app.extractor_plugin_inst, "refused", [])))
        arrivals = []
        for path in sorted(root.rglob("*")):
            if path.is_file() and not any(LEFT_BY_A_SYSTEM.match(part) for part in path.relative_to(root).parts):
                self._sort_in(path, root, notebooks, arrivals, worksheets, report)
        _order_downloads(arrivals, root)
        chosen = self._chosen(self._students(arrivals, roster, worksheets, report), report)
        for one in chosen.values():
            one.sent = worksheets.sent.get(one.sender.number) if one.sender.platform == "Moodle" else None

        plan = {}
        for (student, target), one in chosen.items():
            plan[one.path] = {"student_id": student, "file_id": target, "timestamp": one.sent}
            marks = ", late" * one.late + (f", sent {one.sent} UTC" if one.sent else "")
            report.collected.append(f"{student}: {target}, from {_printable(one.file)} of {one.sender}{marks}")
        report.nothing_from = sorted(roster.ids - {student for student, _ in chosen})
        self._publish(report, root.with_name("report.txt"))
        return plan

    def _sort_in(self, path, root, notebooks, arrivals, worksheets, report):
        """Put a file where it belongs: with the arrivals, the worksheets, or those that are left."""
        relative = path.relative_to(root)
        one = arrival(path, relative)
        name = _printable(str(relative))
        if one is None:
            if path.suffix.lower() != ".csv" or not worksheets.read(path):
                report.other.append(f"{name}: neither Canvas nor Moodle names a submission like this.")
        elif match := NOTEBOOK.fullmatch(one.file):
            stem, copy = _without_copy_number(match["stem"], notebooks)
            one.target = f"{stem}.ipynb"
            one.order += (copy, path.stat().st_mtime)
            arrivals.append(one)
        elif ARCHIVE.search(one.file):
            report.other.append(f"{name}: an archive is not opened; ask {one.sender} for the notebook itself.")
        else:
            report.other.append(f"{name}: from {one.sender}")

    @staticmethod
    def _students(arrivals, roster, worksheets, report):
        """The arrivals whose student is known, as a list of (student, arrival)."""
        claims, found = defaultdict(dict), []
        for one in arrivals:
            contacts = worksheets.contacts[one.sender.number] if one.sender.platform == "Moodle" else ()
            try:
                student, sure = roster.find(one.sender, contacts) if len(roster) else _own_id(one.sender, contacts)
            except LookupError as problem:
                report.unmatched.append(f"{_printable(one.path.name)}: {problem.args[0]}.")
            else:
                claims[student][one.sender] = sure
                found.append((student, one))

        certain = []
        for student, one in found:
            rivals = claims[student]
            # A name that two people claim says nothing; a number does, whatever its owner's namesakes hand in.
            if len({sender.number for sender in rivals}) > 1 and not rivals[one.sender]:
                line = f"{_printable(one.path.name)}: {len(rivals)} people hand in under the name of {student}."
                report.unmatched.append(line)
            else:
                certain.append((student, one))
        return certain

    @staticmethod
    def _chosen(found, report):
        """The newest of each student's files with one target: a dict from (student, target) to arrival."""
        chosen = {}
        for student, one in sorted(found, key=lambda pair: pair[1].order):
            if (student, one.target) in chosen:
                older = chosen[student, one.target]
                report.replaced.append(f"{student}: {_printable(older.path.name)}, by {_printable(one.path.name)}")
            chosen[student, one.target] = one
        return chosen

    def _publish(self, report, path):
        text = report.text()
        path.write_text(text, encoding="utf-8")
        for line in report.unmatched:
            self.log.error("Not collected: %s", line)
        self.log.warning("What became of each file is written in %s.", path)


def _order_downloads(arrivals, root):
    """Let the time of the download, which is that of its newest file, count before what its files are called."""
    times = defaultdict(float)
    for one in arrivals:
        download = one.path.relative_to(root).parts[0]
        times[download] = max(times[download], one.path.stat().st_mtime)
    for one in arrivals:
        *attachment, copy, time = one.order
        one.order = (*attachment, times[one.path.relative_to(root).parts[0]], copy, time)


def _without_copy_number(stem, notebooks):
    """A notebook's stem as the course spells it, and the number of the copy.

    Examples
    --------
    >>> _without_copy_number("Softmax-2", {"softmax": "softmax"}), _without_copy_number("sheet-2", {})
    (('softmax', 2), ('sheet-2', 0))
    """
    match = COPY.fullmatch(stem)
    if match and match["stem"].casefold() in notebooks:
        return notebooks[match["stem"].casefold()], int(match["canvas"] or match["browser"])
    return notebooks.get(stem.casefold(), stem), 0


def _own_id(sender, contacts):
    """The id of a student where no roster is kept, and whether it is sure."""
    if sender.platform == "Canvas" and sender.number:
        return sender.number, True
    if address := next((contact for contact in sorted(contacts) if "@" in contact), None):
        return re.sub(r"[^\w.@-]", "-", address), True
    if name := re.sub(r"[^\w]+", "-", sender.name).strip("-"):
        return name, False
    raise LookupError(f"{sender} gives no name")


def _printable(text):
    """Text of a stranger that does nothing to a terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)
