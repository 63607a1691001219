"""Verification: blocks and a clock in, a verdict out (spec/verification.md), in full or quick."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from .checkpoint import owner_signed
from .ending import verdict_of
from .exchange import Block, Item, Unreadable
from .state import State
from .verdict import Verdict
from .verifier import MAX_UNSOUND, OnAccepted, Options, Sound, Verifier


def verify_items(
    items: Callable[[], Iterable[Item]], options: Options, on_accepted: OnAccepted | None = None
) -> tuple[Verdict, State]:
    """The verdict on a ledger's items, which are gone through once, or up to three times for a quick verification."""
    anchor = _find_anchor(items(), options, options.owner) if options.quick and options.owner is not None else None
    if anchor is not None:
        verifier = Verifier(options, on_accepted)
        vouched = _run(verifier, items(), anchor)
        if vouched is not None:
            verifier.findings.notice("SIGNATURES_UNCHECKED", vouched)
            return verdict_of(verifier, vouched), verifier.state
    verifier = Verifier(options, on_accepted)
    _run(verifier, items(), None)
    return verdict_of(verifier, None), verifier.state


@dataclass(frozen=True)
class Anchor:
    """What the owner vouches with for the signatures before it: a block of its own, or a checkpoint."""

    item: int
    """The item, from 0, with which it vouches."""
    checked_from: int
    """The first item whose signature is checked."""
    root: bytes | None
    """The tree hash over the items up to there, where the anchor names it apart from them."""


def _run(verifier: Verifier, items: Iterable[Item], anchor: Anchor | None) -> int | None:
    """Lets the verifier take all items. With an anchor that vouches: the number of the first block that was checked."""
    vouched = None
    checked_from = anchor.checked_from if anchor else 0
    sound = (_sound(item, number >= checked_from) for number, item in enumerate(items))
    for number, (item, following) in enumerate(_with_next(sound)):
        verifier.take(number, item, following if isinstance(following, Sound) else None)
        if verifier.ended_early:
            break
        if anchor is not None and number == anchor.item:
            if not _vouches(anchor, verifier):
                return None
            vouched = verifier.expected - 1 + anchor.checked_from - anchor.item
    return vouched


def _vouches(anchor: Anchor, verifier: Verifier) -> bool:
    """Whether all is well up to the anchor, which has just been judged."""
    if not verifier.accepted or verifier.findings.problems or verifier.set_aside or verifier.gaps:
        return False
    if verifier.tree is None:
        return False
    return anchor.root is None or verifier.tree.root_with(verifier.tail) == anchor.root


def _sound(item: Item, check_signature: bool) -> Sound | Unreadable:
    """One block by itself: sound, or a code."""
    if isinstance(item, Unreadable):
        return item
    if check_signature and not item.header.is_signed():
        return Unreadable("SIGNATURE_INVALID")
    if not item.header.is_worked():
        return Unreadable("WORK_INSUFFICIENT")
    return Sound(item, item.fault())


def _with_next(items: Iterable[Sound | Unreadable]) -> Iterator[tuple[Sound | Unreadable, Sound | Unreadable | None]]:
    iterator = iter(items)
    item = next(iterator, None)
    while item is not None:
        following = next(iterator, None)
        yield item, following
        item = following


def _find_anchor(items: Iterable[Item], options: Options, owner: bytes) -> Anchor | None:
    """The newest item that names the pinned owner as its signer, or the owner's checkpoint where it is newer."""
    newest = None
    readable = -1
    for number, item in enumerate(items):
        if isinstance(item, Block):
            readable = number
            newest = number if item.header.signer == owner else newest
        elif number - readable >= MAX_UNSOUND:
            break
    checkpoint = options.checkpoint
    signed = checkpoint is not None and owner_signed(checkpoint, owner)
    if checkpoint is not None and signed and (newest is None or checkpoint.size > newest + 1):
        return Anchor(checkpoint.size - 1, checkpoint.size, checkpoint.root)
    return Anchor(newest, newest, None) if newest is not None else None
