"""What row 0 of a column group says of a table: its name, columns and form (spec/records.md, "Manifest")."""

from __future__ import annotations

from dataclasses import dataclass

from .canonical_json import Json, parse
from .errors import MedsealError

MAX_DEPTH = 4
CSV = "text/csv"
NDJSON = "application/x-ndjson"
FHIR_LINES = "application/fhir+ndjson"
FHIR_BUNDLE = "application/fhir+json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """One column group's manifest."""

    name: str
    group: str
    media_type: str
    encoding: str
    delimiter: str
    terminator: str
    columns: tuple[tuple[int, str], ...]
    """Each column's place in the file, from 0, and its name."""
    types: tuple[str | None, ...] = ()
    """What each column's values are, where the data set says it."""
    head: int | None = None
    """Of a Bundle, how many of the header's bytes stand before its entries."""


def read_row_0(content: bytes) -> tuple[Manifest, bytes] | None:
    """The manifest and the group's part of the header line; ``None`` where an opener must refuse the manifest."""
    text, line_feed, header = content.partition(b"\n")
    try:
        value = parse(text, MAX_DEPTH)
    except MedsealError:
        return None
    if not line_feed or not isinstance(value, dict) or value.get("version") != 1 or value["version"] is True:
        return None
    manifest = _read(value)
    return None if manifest is None else (manifest, header)


def _read(value: dict[str, Json]) -> Manifest | None:
    texts = [value.get(name) for name in ("name", "group", "media_type", "encoding", "delimiter", "terminator")]
    columns = _columns(value.get("columns"))
    if columns is None or not all(isinstance(text, str) for text in texts):
        return None
    name, group, media_type, encoding, delimiter, terminator = (str(text) for text in texts)
    head = value.get("head")
    if (head is not None) != (media_type == FHIR_BUNDLE):
        return None
    if head is not None and (not isinstance(head, int) or isinstance(head, bool)):
        return None
    form_is_known = media_type in (CSV, NDJSON, FHIR_LINES, FHIR_BUNDLE) and encoding in ("utf-8", "iso-8859-1")
    if not form_is_known or terminator not in ("\n", "\r\n", "\r") or not _is_delimiter(media_type, delimiter):
        return None
    pairs = tuple((index, column_name) for index, column_name, _ in columns)
    types = tuple(type_name for _, _, type_name in columns)
    return Manifest(name, group, media_type, encoding, delimiter, terminator, pairs, types, head)


def _is_delimiter(media_type: str, delimiter: str) -> bool:
    if media_type != CSV:
        return delimiter == ""
    return len(delimiter) == 1 and delimiter.isascii() and delimiter not in '"\r\n'


def _columns(value: Json) -> list[tuple[int, str, str | None]] | None:
    if not isinstance(value, list):
        return None
    columns = []
    for column in value:
        if not isinstance(column, dict):
            return None
        index, name, type_name = column.get("index"), column.get("name"), column.get("type")
        if type(index) is not int or not isinstance(name, str) or not isinstance(column.get("type", ""), str):
            return None
        columns.append((index, name, type_name if isinstance(type_name, str) else None))
    return columns
