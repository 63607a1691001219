"""A data set that opens, and the file that is rebuilt of it (spec/records.md, "Rebuilding the file")."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from .column_groups import GroupAtHand, RecordAssembler, groups_that_fit
from .errors import MedsealError
from .exchange import Block, Entry
from .export import Export
from .manifest import Manifest, read_row_0
from .records import SealedRecord, open_record
from .state import DataSet, State

if TYPE_CHECKING:
    import pandas

_ERASED = "erased"
_NO_KEY = "no key"
_LEFT = "left"
Part = bytes | str
"""What a record opens to, or why it does not."""


@dataclass(slots=True)
class Report:
    """What an opener must say of a data set that it has given out: row numbers, in ascending order."""

    left: list[int] = field(default_factory=list)
    """Rows that are sealed, verify, and do not open."""
    erased: list[int] = field(default_factory=list)
    """Rows that an ``erase`` covers."""


@dataclass(frozen=True, slots=True)
class Source:
    """What data sets are read from: the export, what its verification has found, and the keys."""

    export: Export
    state: State
    group_keys: dict[bytes, bytes]
    hashes: dict[int, bytes]
    """The hash of each accepted block, by the number of its item."""


class OpenDataSet:
    """A data set of which at least one group's key is at hand."""

    def __init__(self, source: Source, dataset: DataSet, items: list[int]) -> None:
        self._source = source
        self._dataset = dataset
        self._items = items
        self._group_count = len(dataset.keys)
        self.id = dataset.id.hex()
        self.complete = dataset.complete
        self._groups = self._groups_at_hand()
        several = self._group_count > 1 and bool(self._groups)
        self._assembler = RecordAssembler(self._groups, self._group_count) if several else None
        self._only_group = self._first_group_with_a_key()
        given_out = set(self._groups) or {self._only_group}
        self.groups_left_out = [number for number in range(self._group_count) if number not in given_out]
        """Column groups that are not given out, by their place among the data set's keys, from 0."""

    @property
    def manifest(self) -> Manifest | None:
        """The manifest of the first group at hand; ``None`` where no row 0 opens."""
        return next((group.manifest for group in self._groups.values()), None)

    @property
    def name(self) -> str | None:
        """The data set's name."""
        return self.manifest.name if self.manifest else None

    def write(self, file: BinaryIO) -> Report:
        """Writes the rebuilt file, and says which rows are not in it."""
        report = Report()
        header = self._header()
        if self.manifest is not None and self.manifest.head is not None:
            self._write_bundle(file, header, self.manifest.head, report)
            return report
        file.write(header)
        terminator = (self.manifest.terminator if self.manifest else "\n").encode()
        last = header
        for content in self._contents(report):
            if last and not last.endswith((b"\n", b"\r")):
                file.write(terminator)
            file.write(content)
            last = content
        return report

    def _write_bundle(self, file: BinaryIO, header: bytes, head: int, report: Report) -> None:
        file.write(header[:head])
        for number, content in enumerate(self._contents(report)):
            file.write((b"," if number else b"") + content)
        file.write(header[head:])

    def read(self) -> tuple[bytes, Report]:
        """The rebuilt file, and which rows are not in it."""
        file = io.BytesIO()
        report = self.write(file)
        return file.getvalue(), report

    def to_dataframe(self, **options: object) -> pandas.DataFrame:
        """The table as pandas reads it; ``options`` go to ``pandas.read_csv`` or ``read_json``.

        A table that was sealed with types has these, unless there are options. What does not open is not in it:
        ``read`` and ``write`` say which rows that are. Raises ``PANDAS_MISSING``.
        """
        from .frame import to_dataframe

        return to_dataframe(self.read()[0], self.manifest, self._types(), options)

    def _types(self) -> list[str | None]:
        """The types of the columns that are given out, in the order of the file; ``None`` of one that has none."""
        manifests = [group.manifest for group in self._groups.values()]
        columns = [pair for manifest in manifests for pair in zip(manifest.columns, manifest.types, strict=True)]
        return [type_name for _, type_name in sorted(columns, key=lambda pair: pair[0][0])]

    # Rows

    def _header(self) -> bytes:
        if self._assembler is not None:
            return self._assembler.header()
        return next((group.header for group in self._groups.values()), b"")

    def _contents(self, report: Report) -> Iterator[bytes]:
        """Rows 1, 2, 3 …, amended ones in their newest version, and versions in no place of their own."""
        versions = self._dataset.versions
        newest = self._newest_versions()
        for row, parts in self._rows():
            if row in self._dataset.version_rows or (row == 0 and self._groups):
                continue
            if row == 0:
                (report.erased if parts.get(self._only_group) == _ERASED else report.left).append(0)
                continue
            content = newest[versions[row]] if row in versions else self._content(parts)
            if isinstance(content, bytes):
                yield content
            else:
                (report.erased if content == _ERASED else report.left).append(row)

    def _newest_versions(self) -> dict[int, Part]:
        """What stands in the place of amended rows; they come later in the ledger than their place in the file."""
        wanted = set(self._dataset.versions.values())
        if not wanted:
            return {}
        found: dict[int, Part] = dict.fromkeys(wanted, _LEFT)
        found.update((row, self._content(parts)) for row, parts in self._rows() if row in wanted)
        return found

    def _content(self, parts: dict[int, Part]) -> Part:
        """A row's content, put together of its groups where there are several."""
        if self._assembler is None:
            return parts.get(self._only_group, _LEFT)
        at_hand = {number: parts.get(number, _LEFT) for number in self._groups}
        if _LEFT in at_hand.values():
            return _LEFT
        opened = {number: part for number, part in at_hand.items() if isinstance(part, bytes)}
        if not opened:
            return _ERASED if _ERASED in at_hand.values() else _LEFT
        return self._assembler.assemble({**dict.fromkeys(self._groups), **opened}) or _LEFT

    def _rows(self) -> Iterator[tuple[int, dict[int, Part]]]:
        """Each row that is there, with what each group's record of it opens to. A row is whole within a block."""
        for item in self._items:
            block = self._block(item)
            parts: dict[int, Part] = {}
            current = -1
            for position, entry in enumerate(block.entries):
                group = self._group_of(entry)
                if not isinstance(entry, SealedRecord) or group is None:
                    continue
                if entry.row != current and parts:
                    yield current, parts
                    parts = {}
                current = entry.row
                parts[group] = self._open(entry, (block.header.index, position))
            if parts:
                yield current, parts

    def _group_of(self, entry: Entry) -> int | None:
        """The group of a record of this data set."""
        key = self._source.state.keys.get(entry.key_id) if isinstance(entry, SealedRecord) else None
        return key.group if key is not None and key.dataset is self._dataset else None

    def _block(self, item: int) -> Block:
        """A block that was accepted, and still is what it was."""
        block = self._source.export.block(item)
        if block is None or block.header.hash != self._source.hashes[item] or block.fault() is not None:
            raise MedsealError("LEDGER_INVALID", "the export has been changed since it was verified")
        return block

    def _open(self, record: SealedRecord, place: tuple[int, int]) -> Part:
        if place in self._source.state.erased:
            return _ERASED
        group_key = self._source.group_keys.get(record.key_id)
        if group_key is None:
            return _NO_KEY
        ledger = self._source.state.ledger
        content = open_record(record, ledger, group_key) if ledger and record.fault() is None else None
        return _LEFT if content is None else content

    # What is at hand

    def _groups_at_hand(self) -> dict[int, GroupAtHand]:
        """The groups whose row 0 opens, and which fit together; row 0 comes first, if it is there."""
        row, parts = next(self._rows(), (0, {}))
        opened = {number: found for number, part in parts.items() if row == 0 and (found := _read_group(part))}
        return opened if self._group_count == 1 else groups_that_fit(opened)

    def _first_group_with_a_key(self) -> int:
        keys = self._source.state.keys
        held = (keys[key_id] for key_id in self._source.group_keys if key_id in keys)
        return min(key.group for key in held if key.dataset is self._dataset)


def _read_group(part: Part) -> GroupAtHand | None:
    found = read_row_0(part) if isinstance(part, bytes) else None
    return None if found is None else GroupAtHand(*found)
