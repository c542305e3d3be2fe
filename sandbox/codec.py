"""The closed binary format in which values cross a slot's wall.

Stdlib-only and self-contained: the same source runs on the host and inside the slot, whatever Python is
there. A value is a tag byte and a body; integers are two's complement, lengths and counts are 32-bit big-endian.
Only exact built-in types are encoded as themselves. An instance of another class is written as the plain value
that its class makes it equal to (`sandbox.plain`), or becomes an opaque tag that carries nothing but a name.

Not covered: cycles and objects deeper than `MAX_DEPTH` (refused by the encoder), compactness.
"""

from __future__ import annotations

import operator
import struct
import time
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable
from typing import Any

from sandbox.plain import LONGEST_RATIO_BITS, Ratio, plain

MAX_DEPTH = 200
"""Nesting beyond this is refused on both sides."""
MAX_COLLISIONS = 1024
"""Keys of one set or dict that may share a hash: more would make the host's own hashing quadratic. Powers of two
have 61 hashes, so that 270 of those that fit into a value share one."""
MAX_ITEMS = 5 << 20
"""How many values one value may hold, a container counting for five: an empty set is 5 bytes here, 216 there."""

_HASHING_S, _HASHING_S_PER_BYTE = 0.5, 2e-7  # honest keys take a fifth of the second, and nothing of the first
_BATCH = 64  # keys between two looks at the clock
_WEIGHT = 5
_LENGTH = struct.Struct(">I")
_FLOAT = struct.Struct(">d")
_COMPLEX = struct.Struct(">dd")


class CodecError(ValueError):
    """The value or the bytes are outside the format."""


def encode(value: object, *, max_bytes: int) -> bytes:
    """Encode `value`.

    Raises:
        CodecError: it is deeper than `MAX_DEPTH` or longer than `max_bytes`.
    """
    out = bytearray()
    _encode(value, out, max_bytes, 0)
    return bytes(out)


def decode(
    data: bytes,
    *,
    opaque: Callable[[str], Any],
    max_items: int = MAX_ITEMS,
    clock: Callable[[], float] = time.thread_time,
) -> Any:
    """Decode one value that fills `data` exactly; `opaque` makes the stand-in for what is not a built-in.

    Time and memory are proportional to `len(data)` and bounded by `max_items`, whoever wrote it; `clock` tells the
    CPU time of this thread, seconds.

    Raises:
        CodecError: the bytes are not a well-formed value.
    """
    hashing = Hashing(_HASHING_S + _HASHING_S_PER_BYTE * len(data), clock)
    reader = _Reader(data, opaque, max_items, hashing)
    try:
        value = reader.value(0)
    except (struct.error, IndexError, UnicodeDecodeError, TypeError) as error:
        raise CodecError(f"malformed value: {error}") from None
    if reader.at != len(data):
        raise CodecError("malformed value: bytes are left over")
    return value


def _encode(value: object, out: bytearray, max_bytes: int, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise CodecError(f"value is nested deeper than {MAX_DEPTH}")
    kind = type(value)
    scalar = _SCALARS.get(kind)
    if scalar is not None:
        out += scalar(value)
    elif kind in _SEQUENCES:
        out += _SEQUENCES[kind] + _LENGTH.pack(len(value))  # type: ignore[arg-type]
        for item in value:  # type: ignore[attr-defined]
            _encode(item, out, max_bytes, depth + 1)
    elif kind in _MAPPINGS:
        out += b"M" + _LENGTH.pack(len(value))  # type: ignore[arg-type]
        for key, item in value.items():  # type: ignore[attr-defined]
            _encode(key, out, max_bytes, depth + 1)
            _encode(item, out, max_bytes, depth + 1)
    elif kind is Ratio:
        out += b"Q" + _int(value.numerator) + _int(value.denominator)  # type: ignore[attr-defined]
    elif (other := plain(value)) is not value:
        _encode(other, out, max_bytes, depth + 1)
    else:
        out += _with_length(b"O", kind.__name__[:200].encode("utf-8", "replace"))
    if len(out) > max_bytes:
        raise CodecError(f"value is longer than {max_bytes} bytes")


def _with_length(tag: bytes, body: bytes) -> bytes:
    return tag + _LENGTH.pack(len(body)) + body


def _int(value: int) -> bytes:
    if 0 <= value < 256:  # most of them: a list of four million zeros fits
        return _SMALL[value]
    return _with_length(b"I", value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


_SMALL = [b"i" + bytes([value]) for value in range(256)]
_SCALARS: dict[type, Callable[[Any], bytes]] = {
    type(None): lambda _: b"N",
    bool: lambda value: b"T" if value else b"F",
    int: _int,
    float: lambda value: b"D" + _FLOAT.pack(value),
    complex: lambda value: b"C" + _COMPLEX.pack(value.real, value.imag),
    str: lambda value: _with_length(b"S", value.encode("utf-8", "surrogatepass")),
    bytes: lambda value: _with_length(b"B", value),
}
# The standard library's own dicts compare as dicts; classes of a program's own do not cross.
_MAPPINGS = (dict, OrderedDict, defaultdict, Counter)
_SEQUENCES: dict[type, bytes] = {list: b"L", tuple: b"U", set: b"E", frozenset: b"Z"}


class Hashing:
    """Fills sets and dicts with keys that a candidate may have chosen, for a limited time.

    Keys of one hash are counted. But integers can also be chosen so that CPython, which tries one place of its
    table after the other, finds most of them taken: a million such keys have different hashes and take minutes.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.thread_time) -> None:
        self._left = seconds
        self._clock = clock

    def fill(self, container: Any, items: list[Any], keys: list[Any]) -> Any:
        """`container`, an empty set or dict, with `items`, whose keys are `keys`.

        Raises:
            CodecError: the keys collide.
            TypeError: a key cannot be hashed.
        """
        if len(items) <= _BATCH:
            container.update(items)
            return container
        codes = sorted(map(hash, keys))
        if any(map(operator.eq, codes, codes[MAX_COLLISIONS:])):
            raise CodecError("malformed value: keys collide")
        began = self._clock()
        for start in range(0, len(items), _BATCH):
            container.update(items[start : start + _BATCH])
            if self._clock() - began > self._left:
                raise CodecError("malformed value: keys take too long to hash")
        self._left -= self._clock() - began
        return container


class _Reader:
    """A cursor over encoded bytes."""

    def __init__(self, data: bytes, opaque: Callable[[str], Any], max_items: int, hashing: Hashing) -> None:
        self._data = data
        self._opaque = opaque
        self._left = max_items
        self._hashing = hashing
        self.at = 0

    def value(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise CodecError(f"malformed value: nested deeper than {MAX_DEPTH}")
        self._left -= 1
        if self._left < 0:
            raise CodecError("the value holds too many items")
        tag = self._take(1)
        if tag in _CONSTANTS:
            return _CONSTANTS[tag]
        if tag == b"i":
            return self._take(1)[0]
        if tag == b"D":
            return _FLOAT.unpack(self._take(8))[0]
        if tag == b"C":
            return complex(*_COMPLEX.unpack(self._take(16)))
        if tag == b"Q":
            return self._ratio()
        length = _LENGTH.unpack(self._take(4))[0]
        if tag in b"ISBO":
            return self._of_length(tag, self._take(length))
        return self._container(tag, length, depth + 1)

    def _of_length(self, tag: bytes, body: bytes) -> Any:
        if tag == b"I":
            return int.from_bytes(body, "big", signed=True)
        if tag == b"S":
            return body.decode("utf-8", "surrogatepass")
        return body if tag == b"B" else self._opaque(body.decode("utf-8", "replace"))

    def _ratio(self) -> Any:
        """A quotient of integers in its simplest form: as an int or a float where one equals it."""
        self._left -= 2 * _WEIGHT
        from fractions import Fraction  # in a slot, only where a program was given one

        top, bottom = self.value(MAX_DEPTH), self.value(MAX_DEPTH)
        if type(top) is not int or type(bottom) is not int or bottom <= 0:
            raise CodecError("malformed value: not a quotient of integers")
        if max(top.bit_length(), bottom.bit_length()) > LONGEST_RATIO_BITS:
            raise CodecError("malformed value: too long a quotient")
        number = Fraction(top, bottom)
        if number.denominator == 1:
            return int(number)
        try:
            return float(number) if float(number) == number else number
        except OverflowError:
            return number

    def _container(self, tag: bytes, length: int, depth: int) -> Any:
        self._left -= _WEIGHT - 1
        if length > len(self._data) - self.at:  # every item takes at least a byte: no allocation beyond that
            raise CodecError("malformed value: announces more items than there are bytes")
        if tag == b"M":
            pairs = [(self.value(depth), self.value(depth)) for _ in range(length)]
            return self._hashing.fill({}, pairs, [key for key, _ in pairs])
        items = [self.value(depth) for _ in range(length)]
        if tag == b"L":
            return items
        if tag == b"U":
            return tuple(items)
        if tag == b"E":
            return self._hashing.fill(set(), items, items)
        if tag == b"Z":
            return frozenset(self._hashing.fill(set(), items, items))
        raise CodecError(f"malformed value: unknown tag {tag!r}")

    def _take(self, length: int) -> bytes:
        data = self._data[self.at : self.at + length]
        if len(data) != length:
            raise CodecError("malformed value: cut short")
        self.at += length
        return data


_CONSTANTS: dict[bytes, Any] = {b"N": None, b"T": True, b"F": False}
