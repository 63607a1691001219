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
from .fhir import patients_of, resource_names, resource_of
from .manifest import CSV, FHIR_BUNDLE, NDJSON

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


def values_of(content: bytes, media_type: str, delimiter: str, columns: list[TaggedColumn]) -> list[list[bytes]]:
    """A row's values in each of the columns that are tagged, those of one column in ascending order."""
    if media_type == CSV:
        record = next(split_records(content, delimiter.encode("ascii"), begins_file=False), None)
        fields = [b""] if record is None else record.fields
        return [[] if column.position is None else [field_text(fields[column.position])] for column in columns]
    row = _object(content)
    if media_type == NDJSON:
        return [_member_values(row.get(column.name)) for column in columns]
    is_entry = media_type == FHIR_BUNDLE
    resource, full_url = resource_of(row, is_entry=is_entry)
    derived = {"patient": patients_of(resource, full_url), "resource": resource_names(resource, full_url)}
    return [
        sorted(name.encode("utf-8") for name in derived[column.name])
        if column.name in derived
        else _member_values(resource.get(column.name))
        for column in columns
    ]


def _object(line: bytes) -> dict[str, Any]:
    if not line.strip():
        return {}
    value = json.loads(line, parse_int=_Literal, parse_float=_Literal)
    return value if isinstance(value, dict) else {}


def _member_values(value: object) -> list[bytes]:
    if isinstance(value, bool):
        return [b"true" if value else b"false"]
    try:
        return [value.encode("utf-8")] if isinstance(value, str) else []
    except UnicodeEncodeError:
        return []
