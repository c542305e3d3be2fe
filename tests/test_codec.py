"""Values across the wall: exact round trips, and nothing but one error for bytes from a liar."""

from __future__ import annotations

import array
import collections
import contextlib
import enum
import itertools
import math
import struct
import tracemalloc
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import Opaque
from sandbox.codec import MAX_DEPTH, CodecError, decode, encode
from sandbox.slot import decode_value
from sandbox.wire import MAX_VALUE

# Few leaves: with the hundred that are usual, most of the time goes into drawing one value of thousands of items.
hashable = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner).map(tuple) | st.frozensets(inner),
    max_leaves=5,
)
values = st.recursive(
    hashable | st.complex_numbers(allow_nan=False) | st.sets(hashable),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(hashable, inner),
    max_leaves=10,
)


def types_of(value: object) -> object:
    """The value with every scalar replaced by its type, so that 1, 1.0 and True differ."""
    if isinstance(value, list | tuple):
        return type(value), [types_of(item) for item in value]
    if isinstance(value, dict):
        return dict, [(types_of(key), types_of(item)) for key, item in value.items()]
    return type(value)


@given(values)
def test_round_trip(value: object) -> None:
    back = decode(encode(value, max_bytes=1 << 20), opaque=Opaque)
    assert back == value
    assert types_of(back) == types_of(value)


@given(st.text(alphabet=st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF)))
def test_lone_surrogates_round_trip(text: str) -> None:
    assert decode(encode(text, max_bytes=1 << 20), opaque=Opaque) == text


@settings(max_examples=500)
@given(st.binary(max_size=200))
def test_any_bytes_decode_or_are_refused(data: bytes) -> None:
    for read in (lambda: decode(data, opaque=Opaque), lambda: decode_value(data)):
        try:
            read()
        except CodecError:
            continue


@given(values, st.data())
def test_damaged_bytes_decode_or_are_refused(value: object, data: st.DataObject) -> None:
    good = bytearray(encode(value, max_bytes=1 << 20))
    good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(CodecError):
        decode(bytes(good), opaque=Opaque)


def test_an_announcement_costs_nothing() -> None:
    tracemalloc.start()
    for tag in b"LUEZMSBIO":
        with pytest.raises(CodecError):
            decode(bytes([tag]) + struct.pack(">I", 2**32 - 1), opaque=Opaque)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


def test_depth_is_bounded_on_both_sides() -> None:
    deep: list[object] = []
    for _ in range(MAX_DEPTH + 1):
        deep = [deep]
    with pytest.raises(CodecError, match="deeper"):
        encode(deep, max_bytes=1 << 20)
    with pytest.raises(CodecError, match="deeper"):
        decode((b"L" + struct.pack(">I", 1)) * 100_000 + b"N", opaque=Opaque)


def test_a_value_that_holds_itself_is_refused() -> None:
    ring: list[object] = []
    ring.append(ring)
    with pytest.raises(CodecError):
        encode(ring, max_bytes=1 << 20)


def test_size_is_bounded() -> None:
    with pytest.raises(CodecError, match="longer"):
        encode(["x" * 100] * 100, max_bytes=5000)


def test_colliding_keys_are_refused_before_they_cost_the_host_time() -> None:
    modulus = 2**61 - 1  # integers that differ by it share a hash in CPython
    clash = [number * modulus for number in range(1, 2000)]
    data = bytearray(encode(clash, max_bytes=1 << 20))
    data[:1] = b"E"
    with pytest.raises(CodecError, match="collide"):
        decode(bytes(data), opaque=Opaque)


@pytest.mark.parametrize("tag", [b"E", b"Z", b"M"])
def test_keys_that_take_too_long_to_hash_are_refused(tag: bytes) -> None:
    """As integers do that were chosen after the order in which CPython tries the places of its tables."""
    many, few = (b"L" + struct.pack(">I", 4) + _container(tag, size) * 4 for size in (500, 50))
    seconds = itertools.count()
    with pytest.raises(CodecError, match="too long to hash"):
        decode(many, opaque=Opaque, clock=lambda: next(seconds))
    assert len(decode(few, opaque=Opaque, clock=lambda: next(seconds))) == 4


def test_the_time_for_hashing_is_one_for_all_of_a_value() -> None:
    seconds = itertools.count()

    def third_of_a_second_a_container() -> float:
        return next(seconds) / 30  # ten readings for 500 keys

    one, many = (b"L" + struct.pack(">I", n) + _container(b"E", 500) * n for n in (1, 10))
    assert len(decode(one, opaque=Opaque, clock=third_of_a_second_a_container)) == 1
    with pytest.raises(CodecError, match="too long to hash"):
        decode(many, opaque=Opaque, clock=third_of_a_second_a_container)


def _container(tag: bytes, size: int) -> bytes:
    items = range(size) if tag != b"M" else [item for number in range(size) for item in (number, None)]
    return tag + struct.pack(">I", size) + b"".join(encode(item, max_bytes=100) for item in items)


@pytest.mark.parametrize("data", [b"", b"?", b"N" + b"N", b"I", b"D123", b"E\x00\x00\x00\x01L\x00\x00\x00\x00"])
def test_malformed(data: bytes) -> None:
    with pytest.raises(CodecError):
        decode(data, opaque=Opaque)


class Loud(list[int]):
    def __iter__(self):  # type: ignore[no-untyped-def]
        raise AssertionError("no method of a subclass may run")

    __len__ = __getitem__ = copy = __iter__  # type: ignore[assignment]


class Equal(int):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


class EqualByParent(Equal):
    pass


class Hue(enum.IntEnum):
    RED = 1


class Word(str):
    __slots__ = ()


class Pair(NamedTuple):
    left: int
    right: object


class Tally(dict[str, int]):
    def __missing__(self, key: str) -> int:
        return 0


def across(value: object) -> object:
    return decode(encode(value, max_bytes=MAX_VALUE), opaque=Opaque)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Pair(1, Pair(2, "x")), (1, (2, "x"))),
        (collections.namedtuple("P", "x y")(3, 4), (3, 4)),
        (Hue.RED, 1),
        ([Hue.RED], [1]),
        (Word("ab"), "ab"),
        (Loud([1, 2]), [1, 2]),
        (Tally(a=1), {"a": 1}),
        (collections.OrderedDict(a=1), {"a": 1}),
        ({1: 2}.keys(), {1}),
        ({1: 2}.items(), {(1, 2)}),
        (collections.OrderedDict({1: 2}).keys(), {1}),
        (bytearray(b"ab"), b"ab"),
        (memoryview(b"ab"), b"ab"),
        (collections.UserList([1, Hue.RED]), [1, 1]),
        (collections.UserDict({1: 2}), {1: 2}),
        (collections.UserString("ab"), "ab"),
        (Fraction(6, 2), 3),
        (Fraction(1, 2), 0.5),
        (Fraction(1, 3), Fraction(1, 3)),
        (Fraction(2**2000 + 1, 2**2000), Fraction(2**2000 + 1, 2**2000)),
        (Fraction(10**400, 3), Fraction(10**400, 3)),
        (Decimal("0.1"), Fraction(1, 10)),
        (Decimal("-12.50"), -12.5),
        (Decimal("1E+3"), 1000),
        (Decimal("Infinity"), math.inf),
        ({2**power for power in range(5000)}, {2**power for power in range(5000)}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_equals_a_plain_value_arrives_as_it(value: object, plain: object) -> None:
    """Python's own `==` is the judge of the pair; no method of a subclass runs on the way."""
    assert value == plain
    back = across(value)
    assert back == plain
    assert type(back) is type(plain)


@pytest.mark.parametrize(
    "value",
    [
        Equal(1),
        EqualByParent(1),
        {1: 2}.values(),
        {1: []}.items(),
        collections.deque([1]),
        range(3),
        Decimal("1E+1000000"),
        Fraction(1, 3**9000),
        memoryview(array.array("i", [1])),
        object(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_equals_no_plain_value_or_says_so_itself_is_opaque(value: object) -> None:
    back = across([value])
    assert isinstance(back, list)
    assert isinstance(back[0], Opaque)
    assert back[0].type_name == type(value).__name__


def test_a_class_that_raises_when_looked_at_is_opaque() -> None:
    class Meta(type):
        def __getattribute__(cls, name: str) -> object:
            if name == "__eq__":
                raise RuntimeError
            return super().__getattribute__(name)

    class Odd(int, metaclass=Meta):
        pass

    assert isinstance(across(Odd(1)), Opaque)


def test_numbers_of_numpy_arrive_as_python_s(monkeypatch: pytest.MonkeyPatch) -> None:
    import numpy as np

    values = [np.int64(3), np.float32(0.5), np.bool_(True), np.str_("ab")]
    assert across(values) == [3, 0.5, True, "ab"]
    assert [type(value) for value in across(values)] == [int, float, bool, str]  # type: ignore[attr-defined]
    assert isinstance(across(np.zeros(2)), Opaque)


@pytest.mark.parametrize(
    "data",
    [
        b"Qi\x01i\x00",  # by nothing
        b"QNi\x01",
        b"Qi\x01D" + bytes(8),
        b"QQi\x01i\x02i\x02",
        b"Qi\x01" + b"I" + struct.pack(">I", 2000) + b"\x01" * 2000,
        b"Qi\x01",
    ],
)
def test_what_is_no_quotient_is_refused(data: bytes) -> None:
    with pytest.raises(CodecError):
        decode(data, opaque=Opaque)


def test_a_quotient_arrives_in_its_simplest_form_whoever_wrote_it() -> None:
    assert repr(decode(b"Qi\x04i\x02", opaque=Opaque)) == "2"
    assert repr(decode(b"Qi\x01i\x02", opaque=Opaque)) == "0.5"
    assert repr(decode(b"Qi\x02i\x06", opaque=Opaque)) == "Fraction(1, 3)"


def test_four_million_zeros_fit() -> None:
    data = encode([0] * 4_200_000, max_bytes=MAX_VALUE)
    assert decode(data, opaque=Opaque) == [0] * 4_200_000


@pytest.mark.parametrize(("unit", "cost"), [(b"E" + bytes(4), 5), (b"N", 1), (b"L" + bytes(4), 5)])
def test_a_value_of_many_small_items_is_refused(unit: bytes, cost: int) -> None:
    def message(count: int) -> bytes:
        return b"L" + struct.pack(">I", count) + unit * count

    room = (10_000 - 5) // cost
    assert len(decode(message(room), opaque=Opaque, max_items=10_000)) == room
    with pytest.raises(CodecError, match="too many items"):
        decode(message(room + 1), opaque=Opaque, max_items=10_000)
