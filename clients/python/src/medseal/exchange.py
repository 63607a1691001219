"""The form in which ledgers travel: one block a line (spec/exchange.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from .canonical_json import Json, parse, serialize
from .encoding import from_base64url
from .errors import MedsealError
from .header import HEADER_MEMBERS, MAX_ENTRIES, Header, check_version, malformed, read_header
from .merkle import root_of
from .records import ENTRY_LENGTH, UNBODIED_LENGTH, SealedRecord, body_hash, is_entry
from .statements import Statement, check_statement

MAX_DEPTH = 10
MAX_LINE = 128 * 1024 * 1024
MAX_BODY = 32 * 1024 * 1024
MAX_BLOCK = 64 * 1024 * 1024

Entry = Statement | SealedRecord


@dataclass(frozen=True, slots=True)
class Block:
    """A block whose line has its form; whether it keeps the rules is another question."""

    header: Header
    entries: list[Entry]

    def fault(self) -> tuple[str, int | None] | None:
        """Why the entries are not known: the code, and the entry's position where one is to blame."""
        leaves = (entry.entry if isinstance(entry, SealedRecord) else serialize(entry) for entry in self.entries)
        if self.header.data_size != len(self.entries) or self.header.data_hash != root_of(leaves):
            return "DATA_MISMATCH", None
        for position, entry in enumerate(self.entries):
            if isinstance(entry, SealedRecord):
                continue
            try:
                check_statement(entry)
            except MedsealError as error:
                return error.code, position
        return None


class EntryError(MedsealError):
    """One entry is to blame that a line is no block."""

    def __init__(self, code: str, message: str, entry: int) -> None:
        super().__init__(code, message)
        self.entry = entry


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands for a block that cannot be read: ``MALFORMED``, ``TOO_LARGE`` or ``VERSION_NEWER``."""

    code: str
    entry: int | None = None


Item = Block | Unreadable


def read_items(file: BinaryIO) -> Iterator[Item]:
    """The blocks of an export in their order; one line at a time is held in memory."""
    for line in read_lines(file):
        yield read_item(line)


def read_lines(file: BinaryIO) -> Iterator[bytes]:
    """Lines with their line feed. Of a line that is too long a part stands for the whole, without its line feed."""
    while line := file.readline(MAX_LINE + 1):
        rest = line
        while len(line) > MAX_LINE and rest and not rest.endswith(b"\n"):
            rest = file.readline(MAX_LINE)
        yield line


def read_item(line: bytes) -> Item:
    """What one line stands for: a block, or one that cannot be read."""
    try:
        return read_block(line)
    except MedsealError as error:
        return Unreadable(error.code, error.entry if isinstance(error, EntryError) else None)


def read_block(line: bytes) -> Block:
    """The block of a line that ends with its line feed. Raises ``MALFORMED``, ``TOO_LARGE`` or ``VERSION_NEWER``."""
    if len(line) - line.endswith(b"\n") > MAX_LINE:
        raise _too_large("a line of more than 128 MiB")
    if not line.endswith(b"\n"):
        raise malformed("the line does not end")
    members = parse(line[:-1], MAX_DEPTH)
    if not isinstance(members, dict):
        raise malformed("no object")
    check_version(members)
    if set(members) != HEADER_MEMBERS | {"proof", "signature", "data"}:
        raise malformed("members")
    data = members.pop("data")
    header = read_header(members)
    if not isinstance(data, list) or not data:
        raise malformed("no entries")
    if len(data) > MAX_ENTRIES:
        raise _too_large("more than 65,535 entries")
    entries = _read_entries(data)
    if sum(_size(entry) for entry in entries) > MAX_BLOCK:
        raise _too_large("a block of more than 64 MiB")
    return Block(header, entries)


def _read_entries(data: list[Json]) -> list[Entry]:
    entries: list[Entry] = []
    for item in data:
        try:
            entries.append(_read_entry(item))
        except MedsealError as error:
            raise EntryError(error.code, str(error), len(entries)) from None
    return entries


def _read_entry(item: Json) -> Entry:
    if not isinstance(item, dict):
        raise malformed("an entry that is no object")
    if "kind" in item:
        return item
    if set(item) == {"stub"}:
        return SealedRecord(_record_bytes(item["stub"], ENTRY_LENGTH), None, None)
    if set(item) != {"body", "salt", "sealed"}:
        raise malformed("an entry that is neither statement nor record")
    body, salt = from_base64url(item["body"]), from_base64url(item["salt"])
    if body is None or salt is None:
        raise malformed("a record that is no base64url")
    if len(body) > MAX_BODY:
        raise _too_large("a body of more than 32 MiB")
    sealed = item["sealed"]
    return SealedRecord(_record_bytes(sealed, UNBODIED_LENGTH, body_hash(body)), salt, body)


def _record_bytes(value: Json, length: int, appended: bytes = b"") -> bytes:
    decoded = from_base64url(value)
    if decoded is None or len(decoded) != length or not is_entry(decoded + appended):
        raise malformed("a record whose entry has not its form")
    return decoded + appended


def _size(entry: Entry) -> int:
    if isinstance(entry, SealedRecord):
        return len(entry.entry) + len(entry.salt or b"") + len(entry.body or b"")
    return len(serialize(entry))


def _too_large(what: str) -> MedsealError:
    return MedsealError("TOO_LARGE", what)
