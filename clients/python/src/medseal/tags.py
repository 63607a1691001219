"""Tags of a row's values, which a store keeps beside the ledger to find rows by (spec/records.md, "Tags")."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from .csv_form import field_text, split_records
from .encoding import label
from .manifest import NDJSON

TAG_LENGTH = 8


class _Literal(str):
    """A number as it stands in a line."""


@dataclass(frozen=True, slots=True)
class TaggedColumn:
    """A column of the manifest's ``lookup``: its name, and in a CSV file its place among the group's columns."""

    name: str
    position: int | None


def tag_key(ledger: bytes, key_id: bytes, group_key: bytes, column: str) -> bytes:
    """The key of a column's tags, 32 bytes."""
    info = label("index") + ledger + key_id + column.encode("utf-8")
    return HKDFExpand(hashes.SHA256(), 32, info).derive(group_key)


def tag(key: bytes, value: bytes) -> bytes:
    """A value's tag: the first 8 bytes of an HMAC."""
    return hmac.new(key, value, hashlib.sha256).digest()[:TAG_LENGTH]


def indexed_tag(ledger: bytes, key_id: bytes, group_key: bytes) -> bytes:
    """The tag that is kept where all rows under a group key have their tags."""
    return HKDFExpand(hashes.SHA256(), TAG_LENGTH, label("indexed") + ledger + key_id).derive(group_key)


def values_of(content: bytes, media_type: str, delimiter: str, columns: list[TaggedColumn]) -> list[bytes | None]:
    """A row's values in the columns that are tagged; ``None`` for one without a value."""
    if media_type == NDJSON:
        row = _object(content)
        return [_member_value(row.get(column.name)) for column in columns]
    record = next(split_records(content, delimiter.encode("ascii"), begins_file=False), None)
    fields = [b""] if record is None else record.fields
    return [None if column.position is None else field_text(fields[column.position]) for column in columns]


def _object(line: bytes) -> dict[str, Any]:
    if not line.strip():
        return {}
    value = json.loads(line, parse_int=_Literal, parse_float=_Literal)
    return value if isinstance(value, dict) else {}


def _member_value(value: object) -> bytes | None:
    if isinstance(value, bool):
        return b"true" if value else b"false"
    try:
        return value.encode("utf-8") if isinstance(value, str) else None
    except UnicodeEncodeError:
        return None
