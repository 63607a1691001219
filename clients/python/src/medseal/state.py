"""What a ledger's statements have said so far: the state by which the next block is judged (spec/ledger.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from .canonical_json import Json

K = TypeVar("K")
V = TypeVar("V")


class Journal:
    """Changes that can be taken back: a block takes effect as a whole or not at all."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []

    def put(self, mapping: dict[K, V], key: K, value: V) -> None:
        """``mapping[key] = value``."""
        if key in mapping:
            before = mapping[key]
            self._undo.append(lambda: mapping.__setitem__(key, before))
        else:
            self._undo.append(lambda: mapping.__delitem__(key))
        mapping[key] = value

    def drop(self, mapping: dict[K, V], key: K) -> None:
        """Removes a key that may be there."""
        if key in mapping:
            before = mapping.pop(key)
            self._undo.append(lambda: mapping.__setitem__(key, before))

    def add(self, items: set[K], item: K) -> None:
        """Adds to a set."""
        if item not in items:
            items.add(item)
            self._undo.append(lambda: items.discard(item))

    def discard(self, items: set[K], item: K) -> None:
        """Removes from a set what may be there."""
        if item in items:
            items.discard(item)
            self._undo.append(lambda: items.add(item))

    def assign(self, target: object, name: str, value: object) -> None:
        """``target.name = value``."""
        before = getattr(target, name)
        self._undo.append(lambda: setattr(target, name, before))
        setattr(target, name, value)

    def commit(self) -> None:
        """Keeps what has been changed."""
        self._undo.clear()

    def rollback(self) -> None:
        """Takes back all changes since the last commit, the newest first."""
        while self._undo:
            self._undo.pop()()


@dataclass(slots=True)
class DataSet:
    """A data set as its statements and rows have told it."""

    id: bytes
    block: int
    begun_by: bytes
    keys: list[bytes]
    next_row: int = 0
    next_group: int = 0
    covered: int | None = None
    """The rows that the newest ``dataset-end`` covers."""
    losses: int = 0
    """How many blocks were lost when the count of rows last held."""
    versions: dict[int, int] = field(default_factory=dict)
    """Amended rows and their newest version."""
    version_rows: set[int] = field(default_factory=set)
    """All rows that are versions of others."""

    @property
    def complete(self) -> bool:
        """Whether a ``dataset-end`` covers all rows; one that has not been said covers not even none."""
        return self.covered is not None and self.next_row <= self.covered + 1


@dataclass(slots=True)
class Key:
    """A group key, named by its key id, or a role's key pair, named by its public key."""

    number: int
    dataset: DataSet | None = None
    group: int = 0
    role: str | None = None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """Whose approvals a kind of statements needs, and how many."""

    keys: tuple[bytes, ...]
    threshold: int


def read_rules(value: Json) -> dict[str, Rule]:
    """The rules of a statement whose form has been checked."""
    rules: dict[str, Rule] = {}
    for kind, rule in value.items() if isinstance(value, dict) else ():
        if isinstance(rule, dict) and isinstance(rule["from"], list) and isinstance(rule["threshold"], int):
            keys = tuple(bytes.fromhex(str(key)) for key in rule["from"])
            rules[kind] = Rule(keys, rule["threshold"])
    return rules


class State:
    """All that the statements of accepted blocks have said. It is changed through its journal only."""

    def __init__(self) -> None:
        self.journal = Journal()
        self.ledger: bytes | None = None
        self.owner: bytes | None = None
        self.difficulty = 0
        self.recovery: frozenset[bytes] = frozenset()
        self.rules: dict[str, Rule] = {}
        self.approvers: frozenset[bytes] = frozenset()
        self.writers: set[bytes] = set()
        self.roles: dict[str, bytes] = {}
        self.keys: dict[bytes, Key] = {}
        self.closed_before = 0
        """Keys with a smaller number are out of use: a succession came behind them."""
        self.holders: dict[bytes, dict[bytes, str | None]] = {}
        """Of each key its readers by grants that stand, and until when."""
        self.held: dict[bytes, set[bytes]] = {}
        """The same seen from the reader."""
        self.datasets: dict[bytes, DataSet] = {}
        self.ids: set[bytes] = set()
        """Ids of proposals and accesses."""
        self.erased: set[tuple[int, int]] = set()
        self.records = 0
        self.statements = 0
        self.losses = 0
        """Blocks that are lost: what they would have said is not demanded of the others."""
        self.lost_unknown = False
        """Whether nobody knows what one of them said."""
        self.gained: dict[bytes, int] = {}
        """The newest block by which a key got a right to sign."""

    @property
    def lost(self) -> bool:
        """Whether a block is lost."""
        return self.losses > 0

    def in_use(self, key_id: bytes) -> bool:
        """Whether a known key is in use."""
        key = self.keys[key_id]
        return not key.closed and key.number >= self.closed_before

    def is_role(self, public_key: bytes) -> bool:
        """Whether this is, or was, a role's key."""
        return len(public_key) == 33 and public_key in self.keys

    def is_reader(self, public_key: bytes) -> bool:
        """Whether somebody holds a key by a grant that stands; a role's members sign in their own name."""
        return bool(self.held.get(public_key)) and not self.is_role(public_key)

    def name_key(self, key_id: bytes, dataset: DataSet | None, group: int, role: str | None) -> None:
        """A new key, in use from here on."""
        self.journal.put(self.keys, key_id, Key(len(self.keys), dataset, group, role))

    def close_key(self, key_id: bytes) -> None:
        """A key that is out of use never comes back into use."""
        self.journal.assign(self.keys[key_id], "closed", True)

    def grant(self, key_id: bytes, to: bytes, expires: str | None, block: int) -> None:
        """A later grant of the same key to the same reader takes the earlier one's place."""
        self.journal.put(self.holders.setdefault(key_id, {}), to, expires)
        self.journal.add(self.held.setdefault(to, set()), key_id)
        self.gain(to, block)

    def end_grant(self, key_id: bytes, reader: bytes) -> None:
        """The grant stands no longer."""
        self.journal.drop(self.holders.get(key_id, {}), reader)
        self.journal.discard(self.held.get(reader, set()), key_id)

    def end_all_grants(self, reader: bytes) -> None:
        """Somebody leaves: none of their grants stands any longer."""
        for key_id in list(self.held.get(reader, ())):
            self.end_grant(key_id, reader)

    def gain(self, public_key: bytes, block: int) -> None:
        """Remembers that a key got a right to sign."""
        self.journal.put(self.gained, public_key, block)

    def reach(self, key_id: bytes) -> Iterator[bytes]:
        """All keys that open to whoever has this one: itself, and through roles what was granted to it, and so on."""
        seen = {key_id}
        waiting = [key_id]
        while waiting:
            key = waiting.pop()
            yield key
            further = self.held.get(key, set()) - seen if self.is_role(key) else set()
            seen |= further
            waiting.extend(further)

    def lose(self, unknown: bool) -> None:
        """A block is lost; ``unknown`` where nobody knows what it said."""
        self.losses += 1
        self.lost_unknown = self.lost_unknown or unknown
