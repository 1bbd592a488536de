"""How long the story of a notebook trains: in full for a reader, briefly where nobody looks."""

import os

BRIEF = ("NBGRADER_EXECUTION", "DIGITS_BRIEF")  # nbgrader sets the first while it validates or grades


def epochs(number):
    """The number of epochs to train, which is 1 where nobody looks at the result.

    Exercises and their tests are not affected: it is for what the text between them trains.

    Parameters
    ----------
    number : int
        What a reader waits for, at least 1.

    Returns
    -------
    number : int
        The same; but 1 while nbgrader validates or grades a notebook, and where the environment variable
        ``DIGITS_BRIEF`` is set to anything.

    Raises
    ------
    ValueError
        If the number is below 1.

    Examples
    --------
    >>> import unittest.mock
    >>> with unittest.mock.patch.dict(os.environ, clear=True):
    ...     epochs(20)
    20
    >>> with unittest.mock.patch.dict(os.environ, DIGITS_BRIEF="yes"):
    ...     epochs(20)
    1
    """
    if number < 1:
        raise ValueError(f"at least one epoch is expected, got {number}")
    return 1 if any(os.environ.get(name) for name in BRIEF) else number
