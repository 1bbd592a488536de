"""Plain values as bytes and back, where the other end is not trusted.

The plain values are ndarrays of a plain type, NumPy's scalars, bool, int, float, str, bytes, None, and lists, tuples
and dicts of these: of exactly these types, because a subclass may lie about itself. Arguments of a call may hold two
more: a random generator, which travels as its state, and a function that a few modules keep, which travels as its name.
Anything else can be replaced by an `Other`, which only tells what it was.

On the wire stand eight bytes with the length of a header, the header, and the entries of all arrays, one after the
other. The header is JSON: numbers, strings, true, false and null are themselves, everything else is a list that begins
with a letter. Reading executes nothing and trusts nothing: what a header claims is checked against the bytes that have
come, before memory is taken for it, and all that can go wrong is a ValueError.

This module needs nothing but NumPy and the standard library, because its text is sent to the student's kernel, in
which there is no `grading`.
"""

import collections
import json
import math
import re
import sys
from dataclasses import dataclass
from importlib import import_module

import numpy as np

MOST_BYTES = 64 << 20  # of entries; the largest test has arguments of 48 MB
MOST_HEADER = 8 << 20
MOST_VALUES = 400_000
MOST_KEYS = 10_000  # of a dict: somebody may choose them so that all fall into one slot
DEEPEST = 32
LONGEST_INT = 10_000  # bits
FUNCTIONS = ("numpy", "shared.maps", "shared.scalar_functions")  # modules whose functions may be arguments
BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")

_SCALARS = frozenset(np.sctypeDict.values())
_NUMBERS = frozenset(
    np.dtype(code).newbyteorder(order).str for code in ("?", *"bhilqBHILQ", *"efdg", *"FDG") for order in ("<", ">")
)
_STRINGS = re.compile(r"[<>|][SU][1-9]\d{0,4}")
# What the standard library makes of plain types, and NumPy of an array in a file: as good as the plain one.
_AS_GOOD_AS = {collections.OrderedDict: dict, collections.defaultdict: dict, np.memmap: np.ndarray}


@dataclass
class Other:
    """What stands in for a value that is not plain.

    Attributes
    ----------
    kind, words : str
        The name of its type, and what else there is to say of it.
    items : list, optional
        What came of looping over it.
    once : bool
        Whether one can loop over it only once, as over an iterator.
    error : dict, optional
        What a loop ends with.
    """

    kind: str
    words: str
    items: list | None = None
    once: bool = False
    error: dict | None = None


class NotPlain(TypeError):
    """A value that cannot be sent, and why."""


def encode(value, arguments=False, instead=None, most=MOST_BYTES):
    """The bytes of a plain value.

    Parameters
    ----------
    value : object
    arguments : bool
        Whether generators and functions may be in it.
    instead : callable, optional
        ``instead(value, why)`` gives the `Other` for what is not plain or too large.
    most : int
        How many bytes the entries of all arrays may have together.

    Returns
    -------
    data : bytes

    Raises
    ------
    NotPlain
        If something in it is not plain or too large, and there is nothing to take instead. It is a TypeError.

    Examples
    --------
    >>> decode(encode([1, 2.5, "x", (None, np.float32(0.5))]))
    [1, 2.5, 'x', (None, np.float32(0.5))]
    >>> encode({1, 2})
    Traceback (most recent call last):
    ...
    grading.values.NotPlain: a value of type set cannot be sent
    """
    writer = _Writer(arguments, instead, most)
    header = json.dumps(writer.tree(value, 0), separators=(",", ":")).encode()
    if len(header) > MOST_HEADER:
        why = f"what describes it takes {len(header):,} bytes, so it cannot be sent; there is room for {MOST_HEADER:,}"
        if instead is None or isinstance(value, Other):
            raise NotPlain(why)
        return encode(instead(value, why), arguments, instead, most)
    return b"".join([len(header).to_bytes(8, "little"), header, *writer.chunks])


class _Writer:
    def __init__(self, arguments, instead, most):
        self.arguments, self.instead, self.room, self.values = arguments, instead, most, 0
        self.chunks = []

    def tree(self, value, depth):
        """What stands in the header for a value; the entries of arrays go to the chunks."""
        before = len(self.chunks), self.room, self.values
        try:
            return self._plain(value, depth)
        except NotPlain as error:
            if self.instead is None or isinstance(value, Other):
                raise
            # Of a list that turns out not to be plain, nothing stays.
            (count, self.room, self.values) = before
            del self.chunks[count:]
            return self._plain(self.instead(value, str(error)), depth)

    def _plain(self, value, depth):
        self.values += 1
        if self.values > MOST_VALUES:
            raise NotPlain(f"more than {MOST_VALUES:,} values cannot be sent")
        if depth > DEEPEST:
            raise NotPlain(f"values nested more than {DEEPEST} deep cannot be sent")
        kind = _AS_GOOD_AS.get(type(value), type(value))
        if value is None or kind in (bool, float):
            return value
        if kind is int:
            if value.bit_length() > LONGEST_INT:
                raise NotPlain(f"an int of {value.bit_length():,} bits cannot be sent")
            return value if value.bit_length() < 64 else ["i", hex(value)]
        if kind is str:
            _check_text(value)
            return value
        if kind is bytes:
            return ["b", self._chunk(value)]
        if kind is np.ndarray:
            return self._array(value)
        if kind in _SCALARS:
            return ["s", *self._array(np.asarray(value))[1:2]]
        if kind is list:
            return ["l", *(self.tree(each, depth + 1) for each in value)]
        if kind is tuple or _is_named_tuple(kind):
            return ["t", *(self.tree(each, depth + 1) for each in value)]
        if kind is dict:
            return ["d", *self._entries(value, depth)]
        if kind is Other:
            parts = value.kind, value.words, value.items, value.once, value.error
            return ["o", *(self.tree(part, depth + 1) for part in parts)]
        if self.arguments and kind is np.random.Generator:
            return ["g", *(self.tree(part, depth + 1) for part in generator_state(value))]
        if self.arguments and callable(value):
            return ["f", *_importable(value)]
        raise NotPlain(f"a value of type {type(value).__name__} cannot be sent")

    def _array(self, array):
        code = array.dtype.str
        if array.dtype.names or not (code in _NUMBERS or _STRINGS.fullmatch(code)):
            raise NotPlain(f"an array of type {array.dtype} cannot be sent")
        order = "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
        if array.nbytes > self.room:
            raise NotPlain(f"an array of {array.nbytes:,} bytes cannot be sent, there is room for {self.room:,}")
        data = np.asarray(array).tobytes(order)
        if array.dtype.kind == "U":
            _check_characters(data, array.dtype)
        self._chunk(data)
        return ["a", code, list(array.shape), order, array.flags.writeable]

    def _chunk(self, data):
        if len(data) > self.room:
            raise NotPlain(f"{len(data):,} bytes cannot be sent, there is room for {self.room:,}")
        self.room -= len(data)
        self.chunks.append(data)
        return len(data)

    def _entries(self, mapping, depth):
        if len(mapping) > MOST_KEYS:
            raise NotPlain(f"a dict with more than {MOST_KEYS:,} keys cannot be sent")
        for key, each in mapping.items():
            if not _is_plain_key(key):
                raise NotPlain(f"a dict with a key of type {type(key).__name__} cannot be sent")
            yield self.tree(key, depth + 1)
            yield self.tree(each, depth + 1)


def decode(data, arguments=False, other=Other, most=MOST_BYTES):
    """The value that some bytes hold.

    Parameters
    ----------
    data : bytes
    arguments : bool
        Whether generators and functions may be in it. Never for what comes from a student: this imports.
    other : callable
        What to make of an `Other`, from its parts.
    most : int
        How many bytes the entries of all arrays may have together.

    Returns
    -------
    value : object

    Raises
    ------
    ValueError
        If the bytes are anything but what `encode` makes.

    Examples
    --------
    >>> decode((36).to_bytes(8, "little") + b'["a","<f8",[1250000000],"C",true]   ')
    Traceback (most recent call last):
    ...
    ValueError: an array of 10,000,000,000 bytes is claimed, where 0 have come
    """
    try:
        length = int.from_bytes(data[:8], "little")
        if len(data) < 8 or length > min(len(data) - 8, MOST_HEADER):
            raise ValueError(f"a header of {length:,} bytes is claimed, where {max(len(data) - 8, 0):,} have come")
        if len(data) - 8 - length > most:
            raise ValueError(f"{len(data) - 8 - length:,} bytes have come, where {most:,} may")
        header = bytes(data[8 : 8 + length])
        if header.count(b"[") + header.count(b"{") > 3 * MOST_VALUES:
            raise ValueError("a header with too many values has come")
        reader = _Reader(memoryview(data)[8 + length :], arguments, other)
        value = reader.value(json.loads(header), 0)
        if reader.rest.nbytes:
            raise ValueError(f"{reader.rest.nbytes:,} bytes have come that belong to nothing")
        return value
    except ValueError:
        raise
    except (TypeError, LookupError, AttributeError, OverflowError, RecursionError, MemoryError, ImportError) as error:
        raise ValueError(f"what has come is no value: {type(error).__name__}: {error}") from None


class _Reader:
    def __init__(self, rest, arguments, other):
        self.rest, self.arguments, self.other, self.values = rest, arguments, other, 0

    def value(self, tree, depth):
        self.values += 1
        if depth > DEEPEST or self.values > MOST_VALUES:
            raise ValueError("too many values have come, or too deeply nested ones")
        if tree is None or type(tree) in (bool, int, float):
            return tree
        if type(tree) is str:
            _check_text(tree)
            return tree
        if type(tree) is not list or not tree:
            raise ValueError(f"a plain value is expected, not a {type(tree).__name__}")
        letter, *parts = tree
        read = {
            "i": self._int,
            "b": self._bytes,
            "a": self._array,
            "s": self._scalar,
            "l": lambda *parts: [self.value(part, depth + 1) for part in parts],
            "t": lambda *parts: tuple(self.value(part, depth + 1) for part in parts),
            "d": lambda *parts: self._dict(parts, depth),
            "o": lambda *parts: self._other(parts, depth),
        }
        if self.arguments:
            read["g"] = lambda *parts: _generator(*(self.value(part, depth + 1) for part in parts))
            read["f"] = _function
        if type(letter) is not str or letter not in read:
            raise ValueError(f"no plain value begins with {letter!r:.20}")
        return read[letter](*parts)

    def _int(self, text):
        if type(text) is not str or len(text) > LONGEST_INT:
            raise ValueError("an int is expected as hexadecimal digits")
        return int(text, 16)

    def _bytes(self, length):
        return bytes(self._take(length, "bytes"))

    def _take(self, length, what):
        if type(length) is not int or not 0 <= length <= self.rest.nbytes:
            raise ValueError(f"{what} of {length:,} bytes is claimed, where {self.rest.nbytes:,} have come")
        taken, self.rest = self.rest[:length], self.rest[length:]
        return taken

    def _array(self, code, shape, order, writeable):
        dtype = _dtype(code)
        if type(shape) is not list or not all(type(each) is int and each >= 0 for each in shape):
            raise ValueError("a shape is a list of sizes")
        if order not in ("C", "F") or type(writeable) is not bool:
            raise ValueError("an array is laid out in C or F order, and writeable or not")
        taken = self._take(math.prod(shape) * dtype.itemsize, "an array")
        # Bytes that are no truth value or no character would surprise whoever looks at them later.
        if dtype.kind == "b" and np.frombuffer(taken, np.uint8).max(initial=0) > 1:
            raise ValueError("a truth value is 0 or 1")
        if dtype.kind == "U":
            _check_characters(taken, dtype)
        array = np.frombuffer(taken, dtype).reshape(shape, order=order).copy(order)
        array.flags.writeable = writeable
        return array

    def _scalar(self, code):
        return self._array(code, [], "C", True)[()]

    def _dict(self, parts, depth):
        if len(parts) % 2 or len(parts) > 2 * MOST_KEYS:
            raise ValueError(f"a dict of {len(parts)} keys and values has come")
        result = {}
        for key, each in zip(parts[::2], parts[1::2], strict=True):
            key = self.value(key, depth + 1)
            if not _is_plain_key(key) or key in result:
                raise ValueError(f"no key, or one that is there already: {key!r:.50}")
            result[key] = self.value(each, depth + 1)
        return result

    def _other(self, parts, depth):
        kind, words, items, once, error = (self.value(part, depth + 1) for part in parts)
        is_plain = type(kind) is type(words) is str and type(once) is bool
        if not is_plain or not isinstance(items, list | None) or not isinstance(error, dict | None):
            raise ValueError("something else than what stands in for other values has come")
        return self.other(kind, words, items, once, error)


def _is_plain_key(key):
    if type(key) is tuple:
        return all(map(_is_plain_key, key))
    return key is None or type(key) in (bool, int, float, str, bytes) or type(key) in _SCALARS


def _is_named_tuple(kind):
    return kind.__bases__ == (tuple,) and hasattr(kind, "_fields") and "__eq__" not in vars(kind)


def _check_text(text):
    """Half of a surrogate pair is no text: whoever prints it fails."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NotPlain("text that is not Unicode cannot be sent") from None


def _check_characters(data, dtype):
    codes = np.frombuffer(data, dtype.str[0] + "u4")
    if ((codes > 0x10FFFF) | ((codes >= 0xD800) & (codes < 0xE000))).any():
        raise NotPlain("text that is not Unicode cannot be sent")


def _dtype(code):
    if type(code) is not str or not (code in _NUMBERS or _STRINGS.fullmatch(code)):
        raise ValueError(f"no plain type of entries: {code!r:.50}")
    return np.dtype(code)


# What arguments may hold besides


def generator_state(rng):
    """All there is to know of a generator: which it is, where it stands, what it began with; plain values.

    Examples
    --------
    >>> generator_state(np.random.default_rng(7))[2]
    [7, (), 4, 0]
    """
    bits, seed = rng.bit_generator, getattr(rng.bit_generator, "seed_seq", None)
    if type(bits).__name__ not in BIT_GENERATORS:
        raise NotPlain(f"a generator that draws from {type(bits).__name__} cannot be sent")
    if type(seed) is np.random.SeedSequence:
        seed = [seed.entropy, seed.spawn_key, seed.pool_size, seed.n_children_spawned]
    else:
        seed = None
    return [type(bits).__name__, bits.state, seed]


def _generator(name, state, seed):
    if name not in BIT_GENERATORS:
        raise ValueError(f"no generator draws from {name!r:.50}")
    entropy, spawn_key, pool_size, children = seed or [0, (), 4, 0]
    sequence = np.random.SeedSequence(entropy, spawn_key=spawn_key, pool_size=pool_size, n_children_spawned=children)
    bits = getattr(np.random, name)(sequence)
    bits.state = state
    return np.random.Generator(bits)


def advance(rng, state, children):
    """Bring a generator to where another one stands that began as it does.

    Parameters
    ----------
    rng : numpy.random.Generator
    state : dict
        As its bit generator gives it.
    children : int
        How many generators have been spawned from it.

    Raises
    ------
    ValueError
        If it is not the state of such a generator.

    Examples
    --------
    >>> one, other = np.random.default_rng(7), np.random.default_rng(7)
    >>> _ = one.random(3), one.spawn(2)
    >>> advance(other, one.bit_generator.state, 2)
    >>> one.random() == other.random(), one.spawn(1)[0].random() == other.spawn(1)[0].random()
    (True, True)
    """
    bits = rng.bit_generator
    before = bits.state
    try:
        bits.state = state
    except Exception as error:
        bits.state = before
        raise ValueError(f"no state of a generator: {type(error).__name__}: {error}") from None
    sequence = getattr(bits, "seed_seq", None)
    more = children - getattr(sequence, "n_children_spawned", children)
    if not 0 <= more <= MOST_KEYS:
        raise ValueError(f"{more:,} generators are said to be spawned by one call")
    if more:
        sequence.spawn(more)


def _importable(function):
    """The module and the name of a function that can be sent."""
    name = getattr(function, "__name__", "")
    for module in FUNCTIONS:
        if not name.startswith("_") and getattr(sys.modules.get(module), name, None) is function:
            return module, name
    raise NotPlain(f"the function {name or function!r} cannot be sent: it is in none of {', '.join(FUNCTIONS)}")


def _function(module, name):
    if module not in FUNCTIONS or type(name) is not str or not name.isidentifier() or name.startswith("_"):
        raise ValueError(f"no function that may be sent: {module!r:.50}, {name!r:.50}")
    function = getattr(import_module(module), name)
    if not callable(function):
        raise ValueError(f"{module}.{name} is no function")
    return function
