"""Answers that are alike: a hint, never a proof.

What students write is cut into passages of eight tokens. Left out are the passages that the course itself wrote (the
release, the model answers, the catalogue's mistakes) and those that many students share, which are the usual way to
say it. Two students are alike when most of what is left is the same. Names that a student invented, comments and
spaces do not count. The idea is that of S. Schleimer, D. Wilkerson, A. Aiken, "Winnowing: local algorithms for document
fingerprinting", SIGMOD 2003; a class is small enough to keep every passage.
"""

import ast
import functools
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from keyword import iskeyword

import numpy as np

PASSAGE = 8  # tokens
FEWEST = 30  # passages of one's own; with fewer, answers are alike by chance
ALIKE = 0.8  # of the passages that either has, at least so many are those of both
USUAL = 0.05  # of the class; what more write is the usual way …
USUAL_FROM = 10  # … but only from so many students on
LONGEST = 20_000  # characters of an answer that are looked at

TOKEN = re.compile(r"[^\W\d]\w*|\d[\d.eE_]*|\S")
COMMENT = re.compile(r"#.*")
NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class Group:
    """Students whose answers are alike.

    Attributes
    ----------
    students : tuple of str
        Two or more.
    similarity : float
        The share of passages in common, the lowest among the pairs that are alike; 1 where all are the same.
    passages : int
        How many passages of his or her own the student has who has fewest.
    cells : tuple of str
        The grade ids where all of them wrote the same.
    """

    students: tuple[str, ...]
    similarity: float
    passages: int
    cells: tuple[str, ...]


def groups(answers, given, essays=frozenset(), fewest=FEWEST, alike=ALIKE):
    """The groups of students whose answers are alike.

    Parameters
    ----------
    answers : dict of str to dict of str to str
        For each student the sources of the answers, by grade id.
    given : list of str
        Sources that are the course's own.
    essays : set of str
        The grade ids of answers in prose, in which every word counts as it is.
    fewest : int
        Passages.
    alike : float
        The similarity from which on a pair counts.

    Returns
    -------
    groups : list of Group
        The largest similarity first.
    """
    names = names_in(given)
    # Many hand in the stub, or the same.
    cut = functools.cache(lambda source, is_essay: passages(source, None if is_essay else names))
    ours = {passage for source in given for is_essay in (False, True) for passage in cut(source, is_essay)}
    written = {
        student: {cell: own for cell, source in cells.items() if (own := frozenset(cut(source, cell in essays) - ours))}
        for student, cells in answers.items()
    }
    # Who wrote just the same counts as one, so that a large group of copies does not pass for the usual way.
    same = defaultdict(list)
    for student in sorted(written):
        same[frozenset().union(*written[student].values())].append(student)
    frequent = Counter(passage for own in same for passage in own)
    usual = max(USUAL_FROM, USUAL * len(same))
    clusters = []
    for own, students in same.items():
        rare = frozenset(passage for passage in own if frequent[passage] <= usual)
        if len(rare) >= fewest:
            clusters.append((students, rare))

    pairs = _alike([rare for _, rare in clusters], alike)
    leader = list(range(len(clusters)))

    def lead(i):
        while leader[i] != i:
            i = leader[i]
        return i

    for i, j, _ in pairs:
        leader[max(lead(i), lead(j))] = min(lead(i), lead(j))
    members, lowest = defaultdict(list), {}
    for i in range(len(clusters)):
        members[lead(i)].append(i)
    for i, _, similarity in pairs:
        lowest[lead(i)] = min(similarity, lowest.get(lead(i), 1.0))

    found = []
    for first, all_of_it in members.items():
        students = sorted(student for i in all_of_it for student in clusters[i][0])
        if len(students) > 1:
            few = min(len(clusters[i][1]) for i in all_of_it)
            found.append(Group(tuple(students), lowest.get(first, 1.0), few, _same_cells(written, students)))
    return sorted(found, key=lambda group: (-group.similarity, group.students))


def names_in(sources):
    """The names that some code uses, a set; what is no Python has none.

    Examples
    --------
    >>> sorted(names_in(["def f(Z):\\n    '''Of d.'''\\n    return np.exp(Z, out=None)", "a proof in words"]))
    ['Z', 'exp', 'f', 'np', 'out']
    """
    found = set()
    for source in sources:
        try:
            nodes = list(ast.walk(ast.parse(source)))
        except (SyntaxError, ValueError):
            continue
        for node in nodes:
            found |= {getattr(node, field, None) for field in ("id", "attr", "arg", "name", "asname")}
    return {name for name in found if isinstance(name, str)}


def passages(source, names=None):
    """The passages of an answer, a set.

    Parameters
    ----------
    source : str
    names : set of str, optional
        The names to tell apart; all others count as one and the same. Without them the source is prose.

    Examples
    --------
    >>> sorted(passages("return a + b * c - d  # sum", {"a"}))
    ['return a + ? * ? - ?']
    >>> sorted(passages("c cancels, because it is not zero."))
    ['c cancels , because it is not zero', 'cancels , because it is not zero .']
    """
    tokens = TOKEN.findall(source[:LONGEST])
    if names is not None:
        tokens = [
            "?" if NAME.fullmatch(token) and not iskeyword(token) and token not in names else token
            for token in TOKEN.findall(COMMENT.sub("", source[:LONGEST]))
        ]
    return {" ".join(tokens[i : i + PASSAGE]) for i in range(len(tokens) - PASSAGE + 1)}


def _alike(sets, threshold):
    """The pairs of sets that are alike: a list of (i, j, similarity) with i < j.

    The similarity is Jaccard's, the size of the intersection over that of the union. All intersections are counted
    together, passage by passage, where comparing each pair would take minutes for a thousand sets.
    """
    holders = defaultdict(list)
    for i, each in enumerate(sets):
        for passage in each:
            holders[passage].append(i)
    common = np.zeros((len(sets), len(sets)), dtype=np.float32)  # exact up to 16 million
    for some in holders.values():
        if len(some) > 1:
            common[np.ix_(some, some)] += 1
    sizes = np.array([len(each) for each in sets], dtype=np.float32)
    union = sizes[:, None] + sizes[None, :] - common
    similarity = np.divide(common, union, out=np.zeros_like(common), where=union > 0)
    rows, columns = np.nonzero(np.triu(similarity >= threshold, k=1))
    return [(int(i), int(j), float(similarity[i, j])) for i, j in zip(rows, columns, strict=True)]


def _same_cells(written, students):
    first, *others = (written[student] for student in students)
    return tuple(cell for cell, own in first.items() if all(other.get(cell) == own for other in others))
