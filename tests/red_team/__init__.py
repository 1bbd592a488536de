"""The red team of the grader: attacks and mishaps, each with the points that it deserves.

- `attacks/`: one file each; `attack` reads them and makes what is handed in.
- `arena`: a throw-away course in which canaries lie, and the judge of what came of an attack in there.
- `stock`: the same attacks on nbgrader with its own preprocessors, behind bars of our own.

``make red-team`` compares the two; `tests/test_red_team.py` is what must hold for ours.
"""
