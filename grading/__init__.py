"""The instructor's side: repairing, running and scoring submissions. No student needs it.

nbgrader does the work; the modules here are the classes that ``jupyter_config.py`` puts in its place:

- `release`: the student edition of a master, made in memory,
- `repair`: give every submission the form of its release, whatever was handed in,
- `execute`: run it, and note which test cells passed,
- `scores`: turn that into points, and print the gradebook,
- `demo_class`: simulated students whose scores are known.

Tested, and not yet named in ``jupyter_config.py``, are the parts of grading that student code cannot touch:

- `values`: plain values as bytes and back, where the other end is not trusted,
- `bridge`: call a function in the student's kernel, from another one; `student_side` is its other end,
- `examiner`: a kernel for test cells, into which no student's code comes,
- `view`, `system_calls`, `sandbox`: what a student's kernel sees of the machine, and what it may do,
- `provisioner`: a Jupyter kernel in such a sandbox,
- `examined`: run a submission in both kernels.

``python -m grading`` lists the commands.
"""
