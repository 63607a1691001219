"""The block that is judged, and what several of its rules need."""

from __future__ import annotations

from dataclasses import dataclass

from . import curve
from .canonical_json import Json
from .exchange import Block
from .places import Places
from .state import DataSet, Rule, State, read_rules
from .statements import Statement


class Broken(Exception):
    """A rule that a block breaks: the code, and the entry where one is to blame."""

    def __init__(self, code: str, entry: int | None) -> None:
        super().__init__(code)
        self.code = code
        self.entry = entry


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that a block brings in, at which entry, and whose place it takes."""

    entry: int
    key: bytes
    replaced: bytes | None


def bytes_of(value: Json) -> bytes:
    return bytes.fromhex(str(value))


def items_of(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def number_of(value: Json) -> int:
    return value if isinstance(value, int) else 0


class BlockContext:
    """What the rules need to know of the block that is judged, and what its entries have said so far."""

    def __init__(self, state: State, block: Block, sealed: Places) -> None:
        self.state = state
        self.journal = state.journal
        self.block = block
        self.header = block.header
        self.signer = block.header.signer
        self.sealed = sealed
        self.position = 0
        """The entry that is judged."""
        self.is_owner = self.signer == state.owner
        self.is_writer = self.signer in state.writers
        self.is_approver = self.signer in state.approvers
        self.is_reader = state.is_reader(self.signer)
        self.owners_right = self.is_owner
        """Whether the entry is said with the owner's right."""
        self.strange_rows: set[int] = set()
        """Rows of records under unknown keys, behind a lost block: they may stand for any groups of such a row."""
        self.touched: list[DataSet] = []
        """Data sets that got records."""
        self.new_keys: list[NewKey] = []
        self.granted: dict[tuple[bytes, bytes], str | None] = {}
        """Of each key and reader until when the block's last grant goes; ``None`` for ever."""
        self.doubtful_grants: list[tuple[int, bytes, bytes]] = []
        """Grants that are good only if the block demands them: entry, key, reader."""
        self.revoked: list[tuple[int, bytes]] = []
        self.owner: bytes | None = None
        self.recovery: frozenset[bytes] | None = None
        self.rules: dict[str, Rule] | None = None
        """What the block says of these three holds from the next one on."""

    def broken(self, code: str) -> Broken:
        return Broken(code, self.position)

    def let_pass(self, code: str) -> None:
        """What is not known may have been said in a block that is lost."""
        if not self.state.lost:
            raise self.broken(code)

    def end_strange_row(self, dataset: DataSet, unless: int | None = None) -> None:
        """Ends the row that has begun, where records under unknown keys may stand for its other groups."""
        row = dataset.next_row
        if dataset.next_group != 0 and row != unless and row in self.strange_rows:
            self.journal.assign(dataset, "next_row", row + 1)
            self.journal.assign(dataset, "next_group", 0)

    def goes_on(self, dataset: DataSet, owners_right: bool) -> bool:
        return owners_right or (self.is_writer and dataset.begun_by == self.signer)

    def dataset_of(self, statement: Statement) -> DataSet | None:
        """The data set that the statement goes on with; ``None`` where it is let pass."""
        dataset = self.state.datasets.get(bytes_of(statement["id"]))
        if dataset is None:
            self.let_pass("DATASET_UNKNOWN")
            return None
        if not self.goes_on(dataset, self.owners_right):
            raise self.broken("STATEMENT_UNAUTHORISED")
        return dataset

    def key_of(self, statement: Statement) -> bytes:
        return bytes_of(statement["key_id"] if "key_id" in statement else statement["role_key"])

    def name_key(
        self, key: bytes, dataset: DataSet | None, group: int, role: str | None, replaced: bytes | None
    ) -> None:
        """A new key, perhaps in the place of another."""
        self.state.name_key(key, dataset, group, role)
        self.new_keys.append(NewKey(self.position, key, replaced))

    def new_id(self, new: bytes) -> None:
        if new in self.state.ids:
            raise self.broken("ID_REPEATED")
        self.journal.add(self.state.ids, new)

    def on_curve(self, key: bytes) -> None:
        if not curve.is_public_key(key):
            raise self.broken("PUBLIC_KEY_INVALID")

    def public_keys(self, value: Json) -> frozenset[bytes]:
        keys = frozenset(bytes_of(key) for key in items_of(value))
        for key in keys:
            self.on_curve(key)
        return keys

    def rules_on_curve(self, statement: Statement) -> None:
        for rule in read_rules(statement["rules"]).values():
            for key in rule.keys:
                self.on_curve(key)

    def nobodys_role(self, statement: Statement) -> bytes:
        key = bytes_of(statement["public_key"])
        self.on_curve(key)
        if self.state.is_role(key):
            raise self.broken("PUBLIC_KEY_INVALID")
        return key
