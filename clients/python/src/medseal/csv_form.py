"""How a CSV file is cut into records and fields, byte for byte (spec/records.md, "CSV")."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .errors import MedsealError

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
TERMINATORS = (b"\r\n", b"\n", b"\r")


@dataclass(frozen=True, slots=True)
class Record:
    """A record's fields, each as it stands, and the line end behind them, which may be none."""

    fields: list[bytes]
    terminator: bytes


def split_records(data: bytes, delimiter: bytes, *, begins_file: bool = True) -> Iterator[Record]:
    """The records of a file. Raises ``CSV_QUOTE_UNCLOSED`` where it ends within quotes.

    A byte-order mark belongs to the first field of what ``begins_file``; a quote directly behind it opens the field.
    """
    plain, quoted = _field_patterns(delimiter)
    at = field_start = 0
    fields: list[bytes] = []
    if begins_file and data.startswith(BYTE_ORDER_MARK):
        at = len(BYTE_ORDER_MARK)
    while field_start < len(data) or fields:
        found = (quoted if data[at : at + 1] == b'"' else plain).match(data, at)
        if found is None:
            raise MedsealError("CSV_QUOTE_UNCLOSED", "the file ends within quotes")
        fields.append(data[field_start : found.end()])
        at = found.end()
        if data[at : at + 1] == delimiter:
            at = field_start = at + 1
            continue
        terminator = next((end for end in TERMINATORS if data.startswith(end, at)), b"")
        yield Record(fields, terminator)
        fields = []
        at = field_start = at + len(terminator)


def field_text(field: bytes) -> bytes:
    """A field without its quotes, doubled quotes single, what follows the closing quote kept."""
    if not field.startswith(b'"'):
        return field
    inner = re.match(rb'"((?:[^"]|"")*)"(.*)\Z', field, re.DOTALL)
    return field if inner is None else inner[1].replace(b'""', b'"') + inner[2]


def _field_patterns(delimiter: bytes) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """A plain field, in which quotes mean nothing, and one that begins with a quote; possessive, so without search."""
    rest = rb"[^\r\n" + re.escape(delimiter) + rb"]*+"
    return re.compile(rest, re.DOTALL), re.compile(rb'"[^"]*+(?:""[^"]*+)*+"' + rest, re.DOTALL)
