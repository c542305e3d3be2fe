"""Values across the wall: exact round trips, and nothing but one error for bytes from a liar."""

from __future__ import annotations

import contextlib
import itertools
import struct
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import Opaque
from sandbox.codec import MAX_DEPTH, CodecError, decode, encode
from sandbox.slot import decode_value

hashable = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner).map(tuple) | st.frozensets(inner),
)
values = st.recursive(
    hashable | st.complex_numbers(allow_nan=False) | st.sets(hashable),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(hashable, inner),
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


def test_subclasses_are_opaque_and_their_methods_never_run() -> None:
    back = decode(encode([Loud([1])], max_bytes=1000), opaque=Opaque)
    assert isinstance(back[0], Opaque)
    assert back[0].type_name == "Loud"


@pytest.mark.parametrize(("unit", "cost"), [(b"E" + bytes(4), 4), (b"N", 1), (b"L" + bytes(4), 4)])
def test_a_value_of_many_small_items_is_refused(unit: bytes, cost: int) -> None:
    def message(count: int) -> bytes:
        return b"L" + struct.pack(">I", count) + unit * count

    room = (10_000 - 4) // cost
    assert len(decode(message(room), opaque=Opaque, max_items=10_000)) == room
    with pytest.raises(CodecError, match="too many items"):
        decode(message(room + 1), opaque=Opaque, max_items=10_000)
