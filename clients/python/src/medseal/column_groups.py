"""How a record is put together of the parts that its column groups have of it (spec/records.md, "Column groups")."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from .csv_form import split_records
from .errors import MedsealError
from .manifest import CSV, Manifest


@dataclass(frozen=True, slots=True)
class GroupAtHand:
    """A group whose row 0 opens: its manifest, and its part of the header line."""

    manifest: Manifest
    header: bytes

    @property
    def indexes(self) -> list[int]:
        """The places of its columns in the file."""
        return [index for index, _ in self.manifest.columns]


def groups_that_fit(groups: dict[int, GroupAtHand]) -> dict[int, GroupAtHand]:
    """Of a data set's several groups, by their number, those that can be put together: the first tells the form."""
    fitting: dict[int, GroupAtHand] = {}
    taken: set[int] = set()
    for number, group in sorted(groups.items()):
        first = next(iter(fitting.values()), group)
        indexes = group.indexes
        ascending = bool(indexes) and all(a < b for a, b in pairwise(indexes))
        if group.manifest.media_type == CSV and ascending and _form(group) == _form(first) and not taken & set(indexes):
            fitting[number] = group
            taken.update(indexes)
    return fitting


def _form(group: GroupAtHand) -> tuple[str, str, str, str]:
    manifest = group.manifest
    return manifest.name, manifest.encoding, manifest.delimiter, manifest.terminator


class RecordAssembler:
    """Puts records together of the parts of the groups at hand, of which there is at least one."""

    def __init__(self, groups: dict[int, GroupAtHand], group_count: int) -> None:
        self._groups = groups
        self._all_at_hand = len(groups) == group_count
        manifest = next(iter(groups.values())).manifest
        self._delimiter = manifest.delimiter.encode("ascii")
        self._terminator = manifest.terminator.encode("ascii")
        self._order = sorted(
            (index, number, at) for number in groups for at, index in enumerate(groups[number].indexes)
        )

    def header(self) -> bytes:
        """The header line; parts of it that cannot be put together are left out."""
        return self.assemble({number: group.header for number, group in self._groups.items()}, header=True) or b""

    def assemble(self, parts: dict[int, bytes | None], *, header: bool = False) -> bytes | None:
        """A record of the parts at hand, ``None`` for one that is not; ``None`` where it does not open."""
        present = [number for number in self._groups if parts.get(number) is not None]
        if not present:
            return None
        last = max(self._groups, key=lambda number: self._groups[number].indexes[-1])
        fields: dict[int, list[bytes]] = {}
        terminator = b""
        for number in present:
            cut = self._cut(number, parts[number] or b"", header)
            if cut is None or (cut[1] and number != last):
                return None
            fields[number] = cut[0]
            terminator = terminator or cut[1]
        line = self._delimiter.join(fields[number][at] if number in fields else b"" for _, number, at in self._order)
        if self._all_at_hand and len(present) == len(self._groups):
            return line + terminator
        return line + (terminator or self._terminator)

    def _cut(self, number: int, part: bytes, header: bool) -> tuple[list[bytes], bytes] | None:
        """A part's fields and line end; ``None`` where it is not one record of a field for each column."""
        indexes = self._groups[number].indexes
        if not part:
            return ([b""], b"") if len(indexes) == 1 else None
        try:
            records = list(split_records(part, self._delimiter, begins_file=header and indexes[0] == 0))
        except MedsealError:
            return None
        if len(records) != 1 or len(records[0].fields) != len(indexes):
            return None
        return records[0].fields, records[0].terminator
