"""Fields as values, where the manifest gives their column a type (spec/records.md, "Types")."""

from __future__ import annotations

import re
import struct
from decimal import Decimal

from .csv_form import field_text
from .errors import MedsealError

Value = str | bool | int | float | None
"""A date is its days since 1970-01-01, a timestamp its units since 1970-01-01T00:00."""

MAX_DAYS = 10**8
_SECONDS_A_DAY = 86400
_INTEGER = re.compile(r"(u?)int(8|16|32|64)\Z")
TIMESTAMP = re.compile(r"timestamp-(ms|us|ns)(-utc)?\Z")
_DIGITS = {"ms": 3, "us": 6, "ns": 9}
_DATE = r"([0-9]{4}|[+-][0-9]{6})-([0-9]{2})-([0-9]{2})"


def read_field(type_name: str, field: bytes, encoding: str) -> Value:
    """The value of a field, quotes and all; ``None`` for none. Raises ``TYPE_MISMATCH`` for a text of another type."""
    if not field:
        return None
    text = _decoded(field_text(field), encoding)
    value = _value_of(type_name, text)
    if value is None:
        raise MedsealError("TYPE_MISMATCH", f"a field is no {type_name}")
    return value


def _decoded(text: bytes, encoding: str) -> str:
    try:
        return text.decode(encoding)
    except UnicodeDecodeError:
        return text.decode("iso-8859-1")


def _value_of(type_name: str, text: str) -> Value:
    if type_name == "boolean":
        return {"true": True, "false": False}.get(text)
    if integer := _INTEGER.match(type_name):
        return _integer(text, bits=int(integer[2]), unsigned=integer[1] == "u")
    if type_name in ("float32", "float64"):
        return _float(text, bits=int(type_name[-2:]))
    if type_name == "date":
        found = re.fullmatch(_DATE, text)
        return None if found is None else _days(*found.groups())
    if timestamp := TIMESTAMP.match(type_name):
        return _timestamp(text, digits=_DIGITS[timestamp[1]], end="Z" if timestamp[2] else "")
    return text


def _integer(text: str, *, bits: int, unsigned: bool) -> int | None:
    if not re.fullmatch(r"0|-?[1-9][0-9]*", text):
        return None
    least, beyond = (0, 2**bits) if unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1))
    return int(text) if least <= int(text) < beyond else None


def _float(text: str, *, bits: int) -> float | None:
    if not re.fullmatch(r"-?(?:Infinity|[0-9]+(?:\.[0-9]+)?(?:e[+-][0-9]+)?)|NaN", text):
        return None
    value = float(text) if bits == 64 else _to_binary32(float(text))
    return value if text == _float_text(value, bits) else None


def _to_binary32(value: float) -> float:
    try:
        return float(struct.unpack("<f", struct.pack("<f", value))[0])
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _float_text(value: float, bits: int) -> str:
    """As ECMAScript's Number::toString writes it; for 32 bits, that of the shortest decimal."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    if bits == 32:
        value = next(near for n in range(9) if _to_binary32(near := float(f"{value:.{n}e}")) == value)
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)
    return ("-" if sign else "") + _number_text("".join(map(str, digits)), len(digits) + exponent)


def _number_text(digits: str, point: int) -> str:
    """Digits with the point behind as many of them as ``point`` says (ECMA-262, Number::toString)."""
    if digits == "0":
        return "0"
    if len(digits) <= point <= 21:
        return digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    mantissa = digits if len(digits) == 1 else f"{digits[0]}.{digits[1:]}"
    return f"{mantissa}e{point - 1:+d}"


def _days(year_text: str, month_text: str, day_text: str) -> int | None:
    year, month, day = int(year_text), int(month_text), int(day_text)
    if (len(year_text) == 4) != (0 <= year <= 9999) or not 1 <= month <= 12:
        return None
    leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0
    lengths = [31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    if not 1 <= day <= lengths[month - 1]:
        return None
    before = year - 1
    days = 365 * before + before // 4 - before // 100 + before // 400 + sum(lengths[: month - 1]) + day - 1 - 719162
    return days if abs(days) <= MAX_DAYS else None


def _timestamp(text: str, *, digits: int, end: str) -> int | None:
    found = re.fullmatch(rf"{_DATE}T([0-9]{{2}}):([0-9]{{2}}):([0-9]{{2}})\.([0-9]{{{digits}}}){end}", text)
    days = None if found is None else _days(*found.groups()[:3])
    if found is None or days is None:
        return None
    hour, minute, second = (int(part) for part in found.groups()[3:6])
    seconds = days * _SECONDS_A_DAY + hour * 3600 + minute * 60 + second
    units: int = seconds * 10**digits + int(found[7])
    fits = hour < 24 and minute < 60 and second < 60 and abs(seconds) <= MAX_DAYS * _SECONDS_A_DAY
    return units if fits and -(2**63) <= units < 2**63 else None
