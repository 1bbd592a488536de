"""Words for what a check has to say: names, values, arrays and errors, each in a line."""

import inspect
import linecache
import re
import textwrap

import numpy as np

MOST_WIDTH = 200


def name_of(function):
    name = getattr(function, "__name__", None)
    return name if isinstance(name, str) else "the function"


def parameters(function):
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []


def argument_names(function, count):
    """The names of a function's first arguments, as far as it tells them."""
    names = parameters(function)[:count]
    return names + [f"argument number {i + 1}" for i in range(len(names), count)]


def call_of(function):
    return f"{name_of(function)}({', '.join(parameters(function))})"


def quantities(function, count):
    """What a function returns, by the names in the Returns section of its numpydoc docstring: `count` of them."""
    section = re.search(r"^Returns\n-+\n((?:.+\n?)+)", inspect.getdoc(function) or "", re.MULTILINE)
    heads = re.findall(r"^([\w, ]+?) :", section.group(1), re.MULTILINE) if section else []
    names = [name.strip() for head in heads for name in head.split(",")]
    if len(names) == count:
        return names
    return ["the result"] if count == 1 else [f"result {i + 1}" for i in range(count)]


def describe_arguments(function, args):
    names = argument_names(function, len(args))
    return [f"  {name:<8}  {describe(value)}" for name, value in zip(names, args, strict=True)]


def what_came(found):
    """An outcome in one line, where an error was promised."""
    if found.error is not None:
        return f"it raised {describe_error(found.error)}"
    if isinstance(found.value, BaseException):
        return f"it returned {found.value!r}; an error has to be raised, not returned"
    return f"it returned {describe(found.value)}"


def describe(value):
    """A value in one line: small things whole, arrays by type, shape and range."""
    try:
        return textwrap.shorten(_in_words(value), MOST_WIDTH, placeholder=" …")
    except Exception:  # a stranger's object may refuse to be looked at
        return kind(value)


def _in_words(value):
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "biuf" or value.size > 10_000_000:
            return kind(value)
        if value.size <= 8:
            body = np.array2string(value, precision=6, separator=", ").replace("\n", "")
            return f"{kind(value)} {body}"
        numbers = value[np.isfinite(value)]
        span = f", from {number(numbers.min())} to {number(numbers.max())}" if numbers.size else ""
        unusual = [f"{np.count_nonzero(value == -np.inf)} of −inf"] if (value == -np.inf).any() else []
        unusual += [f"{np.count_nonzero(value == np.inf)} of inf"] if (value == np.inf).any() else []
        unusual += [f"{np.count_nonzero(value != value)} of nan"] if (value != value).any() else []
        return f"{kind(value)}{span}" + (f" ({', '.join(unusual)})" if unusual else "")
    if value is None:
        return "None"
    if isinstance(value, np.random.Generator):
        return "a random generator"  # where it stands in memory tells nobody anything
    if callable(value):
        return _importable_name(value)
    text = repr(value)
    return f"{kind(value)} {text if len(text) <= 80 else text[:77] + '...'}"


def _importable_name(function):
    """A function with the module that NumPy or the course keeps it in: numpy.tanh. Any other by its name alone."""
    name = name_of(function)
    # Before NumPy 2.2 a ufunc did not know its module.
    module = getattr(function, "__module__", None) or ("numpy" if getattr(np, name, None) is function else "")
    return f"{module}.{name}" if str(module).partition(".")[0] in ("numpy", "shared") else name


def kind(value):
    """The type of a value, of an array that of its entries and its shape; a relative of arrays is called by its name.

    Examples
    --------
    >>> kind(np.zeros(2)), kind(np.ma.zeros(2)), kind([0, 0])
    ('float64 (2,)', 'numpy.ma.MaskedArray of float64 (2,)', 'list')
    """
    name = type(value).__name__
    if not isinstance(value, np.ndarray):
        return name
    entries = f"{value.dtype} {value.shape}"
    if type(value) in (np.ndarray, np.memmap):
        return entries
    public = [module.__name__ for module in (np, np.ma) if getattr(module, name, None) is type(value)]
    return f"{'.'.join([*public, name])} of {entries}"


def number(value, digits=6):
    value = np.asarray(value)
    if value.dtype.kind == "f":
        value = value + 0.0  # no negative zero, which looks like another number
    return f"{value:.{digits}g}" if np.issubdtype(value.dtype, np.inexact) else str(value)


def two_numbers(one, other):
    """Two different numbers with as many digits as it takes to see the difference."""
    for digits in (6, 9, 17):
        if number(one, digits) != number(other, digits):
            break
    return number(one, digits), number(other, digits)


def at(array, index):
    return f"entry {[int(i) for i in index]} is {number(array[tuple(index)])}"


def describe_error(error):
    """An error with the line of the student's own code that it came from."""
    try:
        text = textwrap.shorten(f"{type(error).__name__}: {error}", MOST_WIDTH, placeholder=" …")
    except Exception:  # its own __str__ may fail
        text = type(error).__name__
    code = line_of(error)
    return f"{text}, from the line: {code}" if code else text


def line_of(error):
    """The line of the student's own code that an error came from, or an empty text.

    An error from another process has no traceback to there; it tells the line by an attribute `student_line`.
    """
    told = getattr(error, "student_line", None)
    if told is not None:
        return told
    frames = [
        frame
        for frame in _frames(error.__traceback__)
        if "ipykernel" in frame.f_code.co_filename or frame.f_code.co_filename.startswith("<")
    ]
    if not frames:
        return ""
    # The innermost line of the notebook; below it is NumPy's code, which is not to blame.
    traceback = [tb for tb in _tracebacks(error.__traceback__) if tb.tb_frame is frames[-1]][-1]
    return linecache.getline(frames[-1].f_code.co_filename, traceback.tb_lineno).strip()


def _tracebacks(traceback):
    while traceback:
        yield traceback
        traceback = traceback.tb_next


def _frames(traceback):
    return [each.tb_frame for each in _tracebacks(traceback)]
