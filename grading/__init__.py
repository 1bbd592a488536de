"""The instructor's side: repairing, running and scoring submissions. No student needs it.

nbgrader does the work; the modules here are the classes that ``jupyter_config.py`` puts in its place:

- `release`: the student edition of a master, made in memory,
- `repair`: give every submission the form of its release, whatever was handed in,
- `execute`: run it, and note which test cells passed,
- `scores`: turn that into points, and print the gradebook,
- `demo_class`: simulated students whose scores are known.

``python -m grading`` lists the commands.
"""
