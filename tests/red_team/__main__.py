"""``make red-team``: every attack on this course's grader and on nbgrader as it comes, in one table."""

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from grading import scores
from red_team import arena, attack, stock

HEAD = ["attack", "points", "harm", "reached", "stock: points", "harm", "reached"]


@dataclass
class Result:
    """What an attack came to.

    Attributes
    ----------
    difference : float, optional
        Points beyond what it deserves; None where the gradebook has no row for it.
    harm : bool
        Whether the run broke off, or an honest student lost something.
    reached : list of str
        Which canaries it brought home; "others" if something of theirs is not what it was; "its aim" if it says that it
        has reached something else that it must not.
    """

    difference: float | None
    harm: bool
    reached: list

    @classmethod
    def of(cls, attack, outcome, harm, altered):
        difference = None if outcome.points is None else outcome.points - attack.earns
        boasts = bool(attack.never_shows) and attack.never_shows in outcome.shown
        return cls(difference, harm, outcome.reached + ["others"] * altered + ["its aim"] * boasts)

    @property
    def gained(self):
        """Whether it has points that it does not deserve; what is no number counts."""
        return self.difference is not None and not self.difference <= 0

    def columns(self):
        points = "no row" if self.difference is None else f"{self.difference:+g}" if self.difference else "0"
        return [points, "yes" if self.harm else "-", "yes" if self.reached else "-"]


def ours(attacks, folder):
    """The results of attacks on our grader, in one run, by name."""
    arena.build(folder)
    arena.make_gradebook(folder)
    with arena.Listener() as listener, arena.adopted() as survivors:
        for each in attacks:
            each.hand_in(folder / "submitted", listener.port)
        before = arena.fingerprint(folder)
        commands = arena.grade(folder)
        altered = bool(arena.altered(folder, before))
    for command in commands:
        if command.returncode:
            print(f"nbgrader {command.args[3]} failed:\n{command.stderr[-3000:]}", file=sys.stderr)
    if survivors:
        print("alive after the end:", *survivors, sep="\n    ", file=sys.stderr)
    honest = {student: arena.points(folder, student) for student in arena.HONEST}
    # Who of all attackers harmed the honest, one run does not tell: it counts for each.
    harm = honest != arena.HONEST
    outcomes = {each.name: (each, arena.outcome(folder, each.student)) for each in attacks}
    return {
        name: Result.of(each, found, harm or found.points is None, altered) for name, (each, found) in outcomes.items()
    }


def stocks(attacks, folder, workers):
    """The results of attacks on stock nbgrader, one by one, by name."""
    made = folder / "template"
    made.mkdir()
    stock.template(made)

    def result(each):
        try:
            return Result.of(each, *stock.attacked(made, each, folder / each.name))
        finally:
            print(".", end="", file=sys.stderr, flush=True)

    with ThreadPoolExecutor(workers) as pool:
        results = dict(zip((each.name for each in attacks), pool.map(result, attacks), strict=True))
    print(file=sys.stderr)
    return results


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="red_team", description=__doc__)
    parser.add_argument("attacks", nargs="*", help="names of files in tests/red_team/attacks; by default all")
    parser.add_argument("--workers", type=int, default=2, help="how many attacks on stock nbgrader run at a time")
    options = parser.parse_args(arguments)
    attacks = [each for each in attack.every() if not options.attacks or each.name in options.attacks]

    with tempfile.TemporaryDirectory(prefix="red-team-") as folder:
        for name in ("ours", "stock"):
            Path(folder, name).mkdir()
        both = ours(attacks, Path(folder, "ours")), stocks(attacks, Path(folder, "stock"), options.workers)

    rows = [
        HEAD,
        *([each.name, *(text for results in both for text in results[each.name].columns())] for each in attacks),
    ]
    print(scores.text(rows))
    for title, results in zip(("this grader", "stock nbgrader"), both, strict=True):
        results = results.values()
        gained, harm, reached = (
            sum(map(bool, column))
            for column in zip(*((each.gained, each.harm, each.reached) for each in results), strict=True)
        )
        print(f"{title}: of {len(results)}, {gained} gained points, {harm} did harm, {reached} reached data")
    return int(any(each.gained or each.harm or each.reached for each in both[0].values()))


if __name__ == "__main__":
    sys.exit(main())
