"""Plain values on the wire: they come back as they went, and no bytes whatever do more than raise a ValueError."""

import collections
import contextlib
import json
import types

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grading import values
from grading.values import NotPlain, Other, decode, encode
from shared import maps, scalar_functions

CODES = ["?", "i1", "u1", "<i2", ">u2", "<i4", "<i8", ">i8", "<u8", "<f2", "<f4", ">f4", "<f8", "<c8", "<c16", "S3"]
texts = st.text(st.characters(exclude_categories=["Cs"]))
arrays = st.sampled_from([*CODES, "<U2"]).flatmap(
    lambda code: hnp.arrays(
        code,
        hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
        elements=st.text("aé\U0001f600", max_size=2) if "U" in code else None,
    )
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**200), 2**200),
    st.floats(),
    texts,
    st.binary(),
    st.sampled_from([code for code in CODES if ">" not in code]).flatmap(
        lambda code: hnp.arrays(code, ()).map(lambda array: array[()])
    ),
)
keys = st.one_of(st.integers(), texts, st.booleans(), st.none(), st.tuples(st.integers(), texts))
plain = st.recursive(
    st.one_of(scalars, arrays),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(keys, inner, max_size=4),
    ),
    max_leaves=12,
)


def assert_same(one, other):
    assert type(one) is type(other)
    if isinstance(one, np.ndarray):
        assert (one.shape, one.dtype, one.flags.writeable) == (other.shape, other.dtype, other.flags.writeable)
        assert one.tobytes() == other.tobytes()
    elif isinstance(one, np.generic):
        assert one.tobytes() == other.tobytes()
    elif isinstance(one, list | tuple):
        assert len(one) == len(other)
        for pair in zip(one, other, strict=True):
            assert_same(*pair)
    elif isinstance(one, dict):
        assert list(map(repr, one)) == list(map(repr, other))  # the order of keys too
        for pair in zip(one.values(), other.values(), strict=True):
            assert_same(*pair)
    else:
        assert repr(one) == repr(other)


@settings(max_examples=150, deadline=None)
@given(plain)
def test_what_is_plain_comes_back_as_it_went(value):
    assert_same(value, decode(encode(value)))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_of_any_bytes_comes_a_plain_value_or_a_value_error(data):
    for attempt in (data, len(data).to_bytes(8, "little") + data):
        try:
            value = decode(attempt)
        except ValueError:
            continue
        assert_same(value, decode(encode(value)))


trees = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(["<f8", "|O", "C", "?", "", "1"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.tuples(st.sampled_from("ibaslotdgf"), st.lists(inner, max_size=5)).map(lambda pair: [pair[0], *pair[1]]),
        st.dictionaries(st.text(max_size=2), inner, max_size=2),
    ),
    max_leaves=15,
)


@settings(max_examples=300, deadline=None)
@given(trees, st.binary(max_size=20), st.booleans())
def test_of_any_header_comes_a_value_or_a_value_error(tree, rest, arguments):
    header = json.dumps(tree).encode()
    with contextlib.suppress(ValueError):
        decode(len(header).to_bytes(8, "little") + header + rest, arguments)


@settings(max_examples=200, deadline=None)
@given(plain, st.data())
def test_damaged_bytes_are_another_value_or_a_value_error(value, data):
    damaged = bytearray(encode(value))
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ValueError):
        decode(bytes(damaged))


@pytest.mark.parametrize(
    "array",
    [
        np.arange(24).reshape(4, 6)[::2, 1:],
        np.arange(24).reshape(2, 3, 4).T,
        np.broadcast_to(1.0, (3, 4)),
        np.zeros((2**32 - 1, 0), dtype=np.uint8),
        np.frombuffer(b"ab", dtype=np.uint8),
    ],
    ids=["strided", "transposed", "broadcast", "empty", "read-only"],
)
def test_an_array_keeps_its_order_and_whether_it_can_be_written_to(array):
    came = decode(encode(array))
    assert np.array_equal(came, array) and came.dtype == array.dtype
    assert came.flags.writeable == array.flags.writeable
    assert came.flags.f_contiguous == array.flags.f_contiguous or not array.flags.contiguous


class Pretender:
    def __eq__(self, other):
        return True

    __hash__ = None


def subclass_of(kind, value):
    return type("Sub", (kind,), {"__eq__": lambda self, other: True, "__hash__": lambda self: 0})(value)


refused = pytest.mark.parametrize(
    "value",
    [
        np.ones(3).view(np.matrix),
        np.ma.zeros(2),
        np.array([1, None], dtype=object),
        np.zeros(2, dtype=[("a", "f4")]),
        np.array(["2024-01-01"], dtype="M8[D]"),
        subclass_of(float, 1.5),
        subclass_of(int, 2),
        subclass_of(str, "x"),
        subclass_of(list, [1]),
        subclass_of(dict, {1: 2}),
        {subclass_of(str, "x"): 1},
        Pretender(),
        {1, 2},
        lambda: 1,
        np.tanh,
        np.random.default_rng(0),
        ValueError("x"),
        types.SimpleNamespace(),
        "\ud800",
        10**5000,
        dict.fromkeys(range(values.MOST_KEYS + 1)),
        [0] * (values.MOST_VALUES + 1),
        np.broadcast_to(0.0, (10**6, 10**6)),
    ],
    ids=lambda value: type(value).__name__,
)


@refused
def test_what_is_not_plain_is_refused_with_a_sentence(value):
    for each in (value, [1, value], {"a": (value,)}):
        with pytest.raises(NotPlain, match="cannot be sent"):
            encode(each)


@refused
def test_something_else_can_stand_in_for_it(value):
    sent = encode([1, (value, np.ones(2))], instead=lambda value, why: Other(type(value).__name__, why))
    one, (other, ones) = decode(sent)
    assert one == 1 and ones.tolist() == [1, 1]
    if isinstance(value, dict) and type(value) is dict and len(value) == 1:
        assert type(other) in (dict, Other)
    else:
        assert type(other) is Other and "cannot be sent" in other.words


def test_a_list_within_itself_and_one_too_deep_end_somewhere():
    endless = []
    endless.append(endless)
    with pytest.raises(NotPlain, match="nested more than"):
        encode(endless)
    assert type(decode(encode(endless, instead=lambda value, why: Other("list", why)))) is list


def test_what_is_as_good_as_plain_becomes_plain():
    pair = collections.namedtuple("pair", "a b")
    value = [collections.OrderedDict(a=1), collections.defaultdict(list, b=2), pair(1, 2)]
    assert_same(decode(encode(value)), [{"a": 1}, {"b": 2}, (1, 2)])


def bytes_with(tree, rest=b""):
    header = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
    return len(header).to_bytes(8, "little") + header + rest


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (bytes_with(["a", "<f8", [10**9 + 250_000_000], "C", True]), "10,000,000,000 bytes is claimed, where 0"),
        (bytes_with(["a", "<f8", [2**62, 2**62], "C", True]), "claimed"),
        (bytes_with(["a", "<f8", [-1], "C", True]), "sizes"),
        (bytes_with(["a", "<f8", [True], "C", True], bytes(8)), "sizes"),
        (bytes_with(["a", "|O", [1], "C", True], bytes(8)), "no plain type"),
        (bytes_with(["a", "<M8[D]", [1], "C", True], bytes(8)), "no plain type"),
        (bytes_with(["a", "f8,f8", [1], "C", True], bytes(16)), "no plain type"),
        (bytes_with(["a", "<U999999", [0], "C", True]), "no plain type"),
        (bytes_with(["a", "|b1", [1], "C", True], b"\x02"), "truth value"),
        (bytes_with(["a", "<U1", [1], "C", True], b"\xff\xff\xff\xff"), "not Unicode"),
        (bytes_with(["s", "<f8"], bytes(7)), "claimed"),
        (bytes_with(["b", 10**10]), "claimed"),
        (bytes_with(["b", -1]), "claimed"),
        (bytes_with(["i", "0x" + "f" * 10**6]), "hexadecimal"),
        (bytes_with(["d", ["l"], 1]), "no key"),
        (bytes_with(["d", 1, 2, True, 3]), "there already"),
        (bytes_with(["f", "numpy", "tanh"]), "no plain value begins with 'f'"),
        (bytes_with(["g", "PCG64", ["d"], None]), "no plain value begins with 'g'"),
        (bytes_with(b'"\\ud800"'), "not Unicode"),
        (bytes_with(b"[" * 100_000), "come"),
        (bytes_with(b"[" * 4_000_000), "too many values"),
        (bytes_with(b"1" * 5000), "digits"),
        (bytes_with(1, b"more"), "belong to nothing"),
        ((2**63).to_bytes(8, "little"), "a header of"),
        (b"", "a header of"),
        (bytes_with({"a": 1}), "not a dict"),
    ],
)
def test_claims_are_checked_before_they_cost_anything(data, sentence):
    with pytest.raises(ValueError, match=sentence):
        decode(data)


def test_sizes_are_limited_in_both_directions():
    with pytest.raises(NotPlain, match="there is room for 20"):
        encode([np.zeros(10), np.zeros(10)], most=100)
    data = encode([np.zeros(10), np.zeros(10)])
    with pytest.raises(ValueError, match="160 bytes have come, where 100 may"):
        decode(data, most=100)


@pytest.mark.parametrize("name", values.BIT_GENERATORS)
def test_a_generator_arrives_as_it_is(name):
    rng = np.random.Generator(getattr(np.random, name)(7))
    rng.random(3), rng.integers(10, dtype=np.int32), rng.spawn(2)
    (came,) = decode(encode([rng], arguments=True), arguments=True)
    assert came.spawn(1)[0].random() == rng.spawn(1)[0].random()
    assert came.integers(10, size=9, dtype=np.int32).tolist() == rng.integers(10, size=9, dtype=np.int32).tolist()


@pytest.mark.parametrize(
    "state",
    [None, {}, {"bit_generator": "MT19937"}, {"bit_generator": "PCG64", "state": {"state": 2**200, "inc": -1}}, [1]],
)
def test_a_forged_state_of_a_generator_changes_nothing(state):
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="no state of a generator"):
        values.advance(rng, state, 0)
    assert rng.random() == np.random.default_rng(0).random()
    with pytest.raises(ValueError, match="spawned"):
        values.advance(rng, rng.bit_generator.state, 10**9)


@pytest.mark.parametrize("function", [np.tanh, np.cumprod, maps.log_sum_exp, scalar_functions.sum_of_cubes])
def test_functions_travel_by_name(function):
    assert decode(encode((function,), arguments=True), arguments=True)[0] is function


def test_only_functions_of_a_few_modules_travel():
    for function in (json.loads, lambda x: x, np.linalg.norm):
        with pytest.raises(NotPlain, match="cannot be sent"):
            encode(function, arguments=True)
    for module, name in (("os", "system"), ("numpy", "__loader__"), ("numpy", "linalg"), ("numpy", "a.b"), (1, 2)):
        with pytest.raises(ValueError):
            decode(bytes_with(["f", module, name]), arguments=True)


def test_a_text_that_is_too_long_is_refused():
    text = "x" * (values.MOST_HEADER + 1)
    with pytest.raises(NotPlain, match="cannot be sent"):
        encode(text)
    assert decode(encode(text, instead=lambda value, why: Other("str", why))).kind == "str"
