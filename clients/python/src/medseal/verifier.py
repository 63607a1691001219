"""The state of a verification, item by item (spec/verification.md, "The place of a block").

What a block says is judged in ``rules.py``, and what is left for the end in ``ending.py``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from .checkpoint import Checkpoint
from .encoding import is_ahead
from .exchange import Block, Unreadable
from .header import NO_BLOCK, Header
from .judging import Broken
from .merkle import Tree
from .places import Places
from .records import SealedRecord
from .rules import genesis_owner, judge_block, may_sign
from .state import State
from .verdict import Findings, Problem

Fault = tuple[str, int | None]


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller pins and allows. Keys and ids are bytes."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    owner: bytes | None = None
    ledger: bytes | None = None
    checkpoint: Checkpoint | None = None
    without_bodies: bool = False
    quick: bool = False
    fallback_owner: bytes | None = None
    """Who is taken for the owner where none is pinned and the ledger does not tell: an opener's own key."""

    @property
    def pinned_ledger(self) -> bytes | None:
        """A checkpoint pins its ledger, where none is pinned."""
        return self.ledger or (self.checkpoint.ledger if self.checkpoint else None)


@dataclass(frozen=True, slots=True)
class Sound:
    """A block whose header can be trusted to be what its signer signed; ``fault`` says why its entries cannot."""

    block: Block
    fault: Fault | None

    @property
    def header(self) -> Header:
        """The block's header."""
        return self.block.header


@dataclass(slots=True)
class Gap:
    """Missing blocks, from ``first`` to the one before ``behind``."""

    first: int
    behind: Header
    elsewhere: set[int] = field(default_factory=set)
    """Those of them that stand elsewhere."""


@dataclass(slots=True)
class SetAside:
    """A block that stands too early."""

    header: Header
    place: int
    authorised: bool
    """Whether its signer might sign it then; at the end, whether it might ever since."""
    expected: int
    stands_twice: bool = False
    fills_gap: bool = False


MAX_UNSOUND = 100_000
"""So many unsound items in a row end the verification."""

OnAccepted = Callable[[int, Block, State], None]


class Verifier:
    """The state of one verification. ``on_accepted`` is told the number of each accepted item, from 0."""

    def __init__(self, options: Options, on_accepted: OnAccepted | None = None) -> None:
        self.options = options
        self.state = State()
        self.findings = Findings()
        self.expected = 1
        self.doubtful = 0
        self.tail = NO_BLOCK
        self.tree: Tree | None = Tree()
        self.time = ""
        self.sealed = Places()
        self.without_salt = Places()
        self.without_body = Places()
        self.gaps: list[Gap] = []
        self.set_aside: dict[bytes, SetAside] = {}
        """Blocks that stand too early, by their hash: one that does so twice is one."""
        self.owners: list[tuple[int, bytes]] = []
        """Who became owner at which number of blocks."""
        self.owner_known = False
        """Whether a genesis block tells the owner; otherwise the pinned one is taken for it."""
        self.owner_signed = False
        """Whether the pinned owner has signed a block as the owner."""
        self.checkpoint_root: bytes | None = None
        self.newer = False
        self.unsound = 0
        """Unsound items in a row, up to now."""
        self.accepted = False
        """Whether the newest item was accepted."""
        self._doubtful_problems: list[Problem] = []
        self._on_accepted = on_accepted

    @property
    def ended_early(self) -> bool:
        """Whether nothing that follows is judged."""
        return self.newer or self.unsound >= MAX_UNSOUND

    @property
    def place(self) -> int:
        """Where the next item stands."""
        return self.expected + self.doubtful

    def take(self, number: int, item: Sound | Unreadable, following: Sound | None) -> None:
        """Judges the item that is ``number``th, from 0, with a look at the one behind it."""
        self.accepted = False
        if isinstance(item, Unreadable):
            self._unsound(item.code, item.entry)
            return
        self.unsound = 0
        if not self._sets_aside(item, following):
            fault = self._not_of_this_place(item, following)
            if fault is not None:
                self._doubt(*fault)
            elif item.header.index < self.expected:
                self._passed(item.header.index)
            else:
                self._take_place(number, item)

    # Items that do not take their place

    def _unsound(self, code: str, entry: int | None) -> None:
        """It stands for a block, or was slipped in. A newer one behind a problem is passed over in silence."""
        place = self.place
        self.newer = code == "VERSION_NEWER"
        self.unsound += 1
        if not (self.newer and self.findings.problems):
            self._doubt(code, entry)
        if self.unsound == MAX_UNSOUND:
            self.findings.notice("REST_UNREAD", place)

    def _doubt(self, code: str, entry: int | None = None) -> None:
        self._doubtful_problems.append(self.findings.problem(self.place, code, entry))
        self.doubtful += 1

    def _sets_aside(self, sound: Sound, following: Sound | None) -> bool:
        """Too early: blocks that belong before it follow."""
        index = sound.header.index
        if following is None or index <= self.place or not self.expected <= following.header.index <= index:
            return False
        allowed = self.state.lost_unknown or may_sign(self.state, sound.block, sound.fault is None)
        self.set_aside.setdefault(sound.header.hash, SetAside(sound.header, self.place, allowed, self.expected))
        self.doubtful += not allowed and self.state.owner is not None
        return True

    def _not_of_this_place(self, sound: Sound, following: Sound | None) -> Fault | None:
        header = sound.header
        if header.index > self.expected:
            return None
        if header.index == 1 == self.expected:
            return self._no_genesis(sound, following)
        if not self.state.lost_unknown and not may_sign(self.state, sound.block, sound.fault is None):
            return "SIGNER_UNAUTHORISED", None
        if header.index == self.expected and header.previous_hash != self.tail and not self._belongs(header, following):
            return "LINK_BROKEN", None
        return None

    def _no_genesis(self, sound: Sound, following: Sound | None) -> Fault | None:
        header, known = sound.header, sound.fault is None
        if header.previous_hash != NO_BLOCK:
            return "LINK_BROKEN", None
        owner = genesis_owner(sound.block) if known else None
        if known and owner is None:
            return "GENESIS_INVALID", 0
        if known and owner != header.signer:
            return "SIGNER_UNAUTHORISED", 0
        if following is None or following.header.index > 2 or following.header.previous_hash == header.hash:
            return None
        if sound.fault is not None:
            return sound.fault
        if self.options.owner not in (None, owner):
            return "OWNER_MISMATCH", None
        return ("LEDGER_MISMATCH", None) if self.options.pinned_ledger not in (None, header.hash) else None

    def _belongs(self, header: Header, following: Sound | None) -> bool:
        """Whether a block whose link is broken stands where it belongs: the block before it was replaced."""
        if following is not None and following.header.index == header.index + 1:
            return following.header.previous_hash == header.hash
        if following is not None and following.header.index == header.index:
            return False
        known = self.tree if header.previous_hash != NO_BLOCK else None
        return known is None or known.root_with(header.previous_hash) == header.history_hash

    def _passed(self, index: int) -> None:
        """It was missed before, or stands here a second time."""
        gap = self.gap_around(index)
        if gap is not None and index not in gap.elsewhere:
            gap.elsewhere.add(index)
        else:
            self.findings.problem(index, "BLOCK_REPEATED")

    def gap_around(self, index: int) -> Gap | None:
        """The gap in which the block of this number is missing."""
        at = bisect_right(self.gaps, index, key=lambda gap: gap.first) - 1
        return self.gaps[at] if at >= 0 and index < self.gaps[at].behind.index else None

    # Items that take their place

    def _take_place(self, number: int, sound: Sound) -> None:
        header = sound.header
        missing = header.index - self.expected
        if header.index > self.place:
            self._open_gap(header)
        if missing > 0:
            self.state.lose(unknown=True)
        fault = self._link(header, missing)
        if self.expected == 1:
            self._found_ledger(sound, missing)
        self._move_on(header)
        self.owner_signed = self.owner_signed or (header.signer == self.state.owner == self.options.owner)
        code_and_entry = fault or self._judge(sound)
        if code_and_entry is None:
            self._accept(number, sound.block)
        else:
            self._lose(sound, *code_and_entry)
        self._note_owner(header)

    def _open_gap(self, header: Header) -> None:
        """Blocks are missing before this one; one that was set aside may be the last of them."""
        gap = Gap(self.place, header)
        named = self.set_aside.get(header.previous_hash)
        if named is not None:
            gap.elsewhere.add(named.header.index)
            named.fills_gap = True
        self.gaps.append(gap)

    def _link(self, header: Header, missing: int) -> Fault | None:
        """Joins the block to those before it, and compares its history with theirs."""
        broken = missing == 0 and header.previous_hash != self.tail
        leaf = self.tail
        if broken and self.tree is not None and self.tree.root_with(header.previous_hash) == header.history_hash:
            leaf = header.previous_hash
        if missing > 1 or (missing == 1 and header.previous_hash == NO_BLOCK):
            self._lose_tree(header.index)
        if self.tree is not None and leaf != NO_BLOCK:
            self._append(leaf)
        if self.tree is not None and missing == 1:
            self._append(header.previous_hash)
        if self.tree is not None and self.tree.root() != header.history_hash:
            self._lose_tree(header.index)
            return ("LINK_BROKEN" if broken else "HISTORY_MISMATCH"), None
        return ("LINK_BROKEN", None) if broken else None

    def _append(self, leaf: bytes) -> None:
        assert self.tree is not None
        self.tree.append(leaf)
        checkpoint = self.options.checkpoint
        if checkpoint is not None and self.tree.size == checkpoint.size:
            self.checkpoint_root = self.tree.root()

    def _lose_tree(self, index: int) -> None:
        self.tree = None
        self.findings.notice("HISTORY_UNCHECKED", index)

    def _found_ledger(self, sound: Sound, missing: int) -> None:
        header = sound.header
        if missing <= 1:
            self.state.ledger = header.hash if missing == 0 else header.previous_hash
            if self.options.pinned_ledger not in (None, self.state.ledger):
                self.findings.problem(1, "LEDGER_MISMATCH")
        if missing == 0 and sound.fault is None:
            self.state.owner = genesis_owner(sound.block)
            self.state.gained[header.signer] = 1
            self.owner_known = True

    def _move_on(self, header: Header) -> None:
        latest = max(self.expected, header.index - 1)
        for problem in self._doubtful_problems:
            problem.block = min(problem.block, latest)
        self._doubtful_problems.clear()
        self.expected, self.tail, self.doubtful = header.index + 1, header.hash, 0
        if self.tail in self.set_aside:
            self.set_aside[self.tail].stands_twice = True

    def _judge(self, sound: Sound) -> Fault | None:
        """The first problem of a block in its place."""
        header, state = sound.header, self.state
        if header.timestamp < self.time:
            return "TIME_BACKWARDS", None
        if is_ahead(header.timestamp, self.options.now):
            return "TIME_AHEAD", None
        ledger = sound.block.entries[0] if header.index == 1 and sound.fault is None else None
        demanded = ledger["difficulty"] if isinstance(ledger, dict) else state.difficulty
        if isinstance(demanded, int) and header.difficulty < demanded:
            return "DIFFICULTY_TOO_LOW", None
        if sound.fault is not None:
            return sound.fault
        self.take_for_owner()
        if state.lost_unknown and not may_sign(state, sound.block, True):
            return "AUTHORITY_UNCHECKED", None
        try:
            judge_block(state, sound.block, self.sealed)
        except Broken as broken:
            state.journal.rollback()
            return broken.code, broken.entry
        return None

    def take_for_owner(self) -> None:
        """Where nobody knows who the owner is, the pinned one is taken for it."""
        if self.state.lost_unknown and self.state.owner is None:
            self.state.owner = self.options.owner or self.options.fallback_owner
            if self.state.owner is not None:
                self.state.gained[self.state.owner] = self.expected

    def _accept(self, number: int, block: Block) -> None:
        self.accepted = True
        self.state.journal.commit()
        self.time = block.header.timestamp
        index = block.header.index
        for position, entry in enumerate(block.entries):
            if isinstance(entry, SealedRecord):
                self._beside(index, position, entry)
        if self._on_accepted is not None:
            self._on_accepted(number, block, self.state)

    def _beside(self, index: int, position: int, record: SealedRecord) -> None:
        """A record's salt and body. What is missing is judged at the end: an ``erase`` may account for it."""
        self.sealed.add(index, position)
        if record.salt is None:
            self.without_salt.add(index, position)
        if record.body is None:
            self.without_body.add(index, position)
        fault = record.fault()
        if fault in ("SALT_MISMATCH", "BODY_MISMATCH"):
            self.findings.problem(index, fault, position)

    def _lose(self, sound: Sound, code: str, entry: int | None) -> None:
        if code == "AUTHORITY_UNCHECKED":
            self.findings.notice(code, sound.header.index)
        else:
            self.findings.problem(sound.header.index, code, entry)
        self.state.lose(unknown=sound.fault is not None)

    def _note_owner(self, header: Header) -> None:
        """Who owns the ledger from this block on, where that is known."""
        owner = self.state.owner
        if owner is not None and self.owner_known and (not self.owners or self.owners[-1][1] != owner):
            self.owners.append((header.index, owner))
