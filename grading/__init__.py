"""The instructor's side: repairing, running and scoring submissions. No student needs it.

nbgrader does the work; the modules here are the classes that ``jupyter_config.py`` puts in its place:

- `release`: the student edition of a master, made in memory,
- `handed_in`, `reading`, `astray`, `repair`: give every submission the form of its release, whatever was handed in,
- `execute`: run it, in two kernels, and note which test cells passed,
- `scores`, `statuses`: turn that into points and a word, and print the gradebook,
- `feedback`: the page that a student gets back; `harmless` and `formulas` draw it.

Student code never meets the tests:

- `values`: plain values as bytes and back, where the other end is not trusted,
- `bridge`: call a function in the student's kernel, from another one; `student_side` is its other end,
- `examiner`: the tests in a kernel into which no student's code comes; `examiner_kernel` is how the grader sees it,
- `hidden`: what a hidden test says when it fails,
- `lending`: the source of one model answer, for later exercises,
- `view`, `system_calls`, `sandbox`: what a student's kernel sees of the machine, and what it may do,
- `provisioner`: a Jupyter kernel in such a sandbox; `warm`, `warm_parent`: forked into it, which is faster.

A class:

- `cluster`, `working`, `fingerprint`: many workers, one writer, and nothing graded twice,
- `archives`, `collect`, `exports`, `student_edition`: work in and grades out,
- `report`: who is stuck where, and what to teach again,
- `demo_class`: simulated students whose scores are known.

``python -m grading`` lists the commands.
"""
