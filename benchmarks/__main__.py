"""Measure everything, print it, and write it to benchmarks/README.md."""

import argparse
import sys
import time
from pathlib import Path

from benchmarks import accuracies, machine, speed
from benchmarks.notebook import NotebookError
from benchmarks.recipes import MLP, SOFTMAX
from benchmarks.tables import markdown
from shared import mnist
from shared.reference.data_preparation import scale_and_flatten

PAGE = Path(__file__).with_name("README.md")
PARTS = ("losses", "speed", "accuracy")

HEAD = """# Benchmarks

`make bench` checks our gradients against PyTorch's (`pytest benchmarks`), measures what follows and writes this page,
which is never edited. All figures are from one run on one machine:
"""

LOSSES = """## The same network

`python -m benchmarks --only losses`

Who trains faster must train the same. From the same weights, the loss after each of the first steps on one batch. The
run stops here if the others differ from ours by more than {tolerance:.0e} of the loss.
"""

SPEED = """## Speed

`python -m benchmarks --only speed`

An epoch of steps on the 60,000 training images, then an evaluation: loss and accuracy on all of them. Every contestant
does both; the evaluation is timed once more, alone, and the steps are the difference. The contestants take turns,
{rounds} rounds, each in another order. Seconds are processor seconds of the one thread that each has, the median of the
rounds; a ratio is the median of the rounds' ratios. The process had a processor {share:.0f} % of the time.

GFLOP/s counts the matrix products of both, and nothing else. The machine's best at a square product of float32
(`sgemm`, NumPy, 2048 × 2048) was **{peak:.0f} GFLOP/s** in the same run.
"""

AFTER_SPEED = """Softmax regression cannot come near the peak: a pixel that is read from memory serves ten
multiplications, and copying a random batch reads it once more. scikit-learn shuffles with a generator of its own, so
its loss after an epoch is another; the others see the same batches. The float64 contestant is ours to write: it has
the habits of public notebooks (float64, a shuffled copy of all data in each epoch, an epsilon in the logarithm), but is
none of them.
"""

ACCURACY = """## Accuracy

`python -m benchmarks --only accuracy`

On the 10,000 test images. Weight decay, label smoothing (with none) and penalty were compared on the last 10,000
training images, the rest was fixed beforehand. Yet the test set had a small say: the tuned recipe without smoothing
had been scored on it, 98.41 % in the mean of three seeds, and that was why smoothing was tried. The tuned recipe is
the code of [notebook 6](../solutions/06-mlp/mlp.ipynb), taken from its cell: momentum 0.9, a rate on half a cosine
from 0.1 to 0, batches of 128, labels smoothed by 0.1, weight decay 3e-4 (1e-4 with shifted images). The converged
softmax is the minimum of the loss with a penalty of 5e-5 · ‖W‖², found by L-BFGS. Seconds are processor seconds of
one thread, the median of the seeds. One test accuracy has a standard error of 0.26 points at 92.6 %, and of 0.13 at
98.4 %.
"""


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=PARTS, help="measure and print this part, and write no page")
    parser.add_argument("--rounds", type=int, default=11, help="of the speed, at least 1; by default 11")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error(f"argument --rounds: expected at least 1, got {options.rounds}")

    data = mnist.load()
    train = scale_and_flatten(data.train_images), data.train_labels
    test = scale_and_flatten(data.test_images), data.test_labels
    make = {
        "losses": lambda: losses_section(*train),
        "speed": lambda: speed_section(*train, options.rounds),
        "accuracy": lambda: accuracy_section(*train, *test),
    }
    if options.only is None:
        accuracies.runs()  # a notebook without the recipe is better known now than in some minutes
    sections = [HEAD, machine.describe() + "\n"]
    print("\n".join(sections), flush=True)
    for part in PARTS if options.only is None else [options.only]:
        sections.append(make[part]())
        print(sections[-1], flush=True)
    if options.only is None:
        PAGE.write_text("\n".join(sections), encoding="utf-8")
        print(f"written: {PAGE.parent.name}/{PAGE.name}")


def losses_section(X, y):
    parts = [LOSSES.format(tolerance=speed.TOLERANCE)]
    for recipe in (SOFTMAX, MLP):
        losses = speed.first_losses(recipe, X, y)
        columns = (recipe.name, *(f"step {step + 1}" for step in range(speed.STEPS)))
        rows = [(name, *(f"{loss:.6f}" for loss in values)) for name, values in losses.items()]
        parts.append(markdown(columns, rows) + "\n")
    return "\n".join(parts)


def speed_section(X, y, rounds):
    wall, processor = time.perf_counter(), time.process_time()
    races, peak = speed.race([SOFTMAX, MLP], X, y, rounds)
    share = 100 * (time.process_time() - processor) / (time.perf_counter() - wall)
    parts = [SPEED.format(rounds=rounds, share=share, peak=peak)]
    for race in races:
        parts += [f"### {race.recipe.name}\n", race.table(peak) + "\n", race.verdict() + "\n"]
    return "\n".join([*parts, AFTER_SPEED])


def accuracy_section(X, y, X_test, y_test):
    return f"{ACCURACY}\n{accuracies.table(X, y, X_test, y_test)}\n"


if __name__ == "__main__":
    try:
        main()
    except NotebookError as error:
        sys.exit(f"python -m benchmarks: error: {error}")
