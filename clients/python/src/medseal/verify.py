"""Verification: blocks and a clock in, a verdict out (spec/verification.md), in full or quick."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from .ending import verdict_of
from .exchange import Block, Item, Unreadable
from .state import State
from .verdict import Verdict
from .verifier import OnAccepted, Options, Sound, Verifier


def verify_items(
    items: Callable[[], Iterable[Item]], options: Options, on_accepted: OnAccepted | None = None
) -> tuple[Verdict, State]:
    """The verdict on a ledger's items, which are gone through once, or up to three times for a quick verification."""
    anchor = _find_anchor(items(), options.owner) if options.quick and options.owner is not None else None
    if anchor is not None:
        verifier = Verifier(options, on_accepted)
        vouched = _run(verifier, items(), anchor)
        if vouched is not None:
            verifier.findings.notice("SIGNATURES_UNCHECKED", vouched)
            return verdict_of(verifier, vouched), verifier.state
    verifier = Verifier(options, on_accepted)
    _run(verifier, items(), None)
    return verdict_of(verifier, None), verifier.state


def _run(verifier: Verifier, items: Iterable[Item], anchor: int | None) -> int | None:
    """Lets the verifier take all items. With an anchor: its block's number where it vouches, ``None`` where not."""
    vouched = None
    sound = (_sound(item, number >= (anchor or 0)) for number, item in enumerate(items))
    for number, (item, following) in enumerate(_with_next(sound)):
        verifier.take(number, item, following if isinstance(following, Sound) else None)
        if verifier.newer:
            break
        if number == anchor:
            faults = verifier.findings.problems or verifier.set_aside or verifier.gaps or verifier.tree is None
            if not verifier.accepted or faults:
                return None
            vouched = verifier.expected - 1
    return vouched


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


def _find_anchor(items: Iterable[Item], owner: bytes | None) -> int | None:
    """The number of the newest item that names the pinned owner as its signer."""
    anchor = None
    for number, item in enumerate(items):
        if isinstance(item, Block) and item.header.signer == owner:
            anchor = number
    return anchor
