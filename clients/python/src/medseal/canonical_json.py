"""RFC 8785 canonical JSON of the values that a ledger holds (spec/README.md, "Canonical JSON")."""

from __future__ import annotations

import json
import re
from typing import NoReturn, TypeAlias

from .encoding import MAX_INTEGER
from .errors import MedsealError

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"

# A text, even one without its end, or a bracket. Possessive, so that no input makes the search go back.
_TEXT_OR_BRACKET = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?+|[\[\]{}]', re.DOTALL)
_NAME = re.compile(r"[ -~]*\Z")


def depth(text: bytes) -> int:
    """How deep objects and arrays lie within each other, the outermost counting 1, of any bytes, JSON or not."""
    deepest = open_now = 0
    for found in _TEXT_OR_BRACKET.finditer(text):
        token = found.group()
        if token in (b"[", b"{"):
            open_now += 1
            deepest = max(deepest, open_now)
        elif token in (b"]", b"}"):
            open_now -= 1
    return deepest


def parse(text: bytes, max_depth: int) -> Json:
    """The value of canonical JSON.

    Raises ``TOO_LARGE`` for what is deeper than ``max_depth``, before it is parsed, and ``MALFORMED`` for any text that
    is not exactly the canonical form of its value.
    """
    if depth(text) > max_depth:
        raise MedsealError("TOO_LARGE", f"JSON is nested deeper than {max_depth}")
    try:
        decoded = text.decode("utf-8")
        value: Json = json.loads(decoded, parse_float=_refuse, parse_constant=_refuse)
        _check(value)
        if serialize(value) == text:
            return value
    except (ValueError, RecursionError):
        pass
    raise MedsealError("MALFORMED", "this is not canonical JSON")


def serialize(value: Json) -> bytes:
    """JCS of a value: the standard library's writer, told to sort, escapes just what RFC 8785 escapes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode("utf-8")


def _refuse(text: str) -> NoReturn:
    raise ValueError("no integer")


def _check(value: Json) -> None:
    if isinstance(value, int) and not 0 <= value <= MAX_INTEGER:
        raise ValueError("a number beyond those of a ledger")
    if isinstance(value, list):
        for item in value:
            _check(item)
    if isinstance(value, dict):
        for name, item in value.items():
            if not _NAME.match(name):
                raise ValueError("a member's name with other characters than U+0020 to U+007E")
            _check(item)
