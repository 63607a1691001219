"""What is decided when all items have been judged (spec/verification.md, "At the end" and "Checkpoint")."""

from __future__ import annotations

from .checkpoint import Checkpoint, owner_signed
from .verdict import Verdict
from .verifier import SetAside, Verifier


def verdict_of(verifier: Verifier, anchor: int | None) -> Verdict:
    """The verdict, after the last checks."""
    state, findings, options = verifier.state, verifier.findings, verifier.options
    blocks = verifier.place - 1
    if blocks == 0 and not verifier.set_aside:
        findings.problem(1, "BLOCK_MISSING")
    verifier.take_for_owner()
    _misplaced(verifier)
    if options.owner is not None and verifier.owner_known and not verifier.owner_signed and not verifier.ended_early:
        findings.problem(1, "OWNER_MISMATCH")
    withheld = _missing_records(verifier)
    grown = _grown_from(verifier, blocks, options.checkpoint) if options.checkpoint else None
    _notices(verifier, withheld, grown)
    codes = {problem.code for problem in findings.problems}
    return Verdict(
        ok=not codes,
        undecided=codes == {"VERSION_NEWER"},
        ledger=state.ledger.hex() if state.ledger else None,
        owner=state.owner.hex() if state.owner else None,
        blocks=blocks,
        records=state.records,
        statements=state.statements,
        erased=sum(1 for block, position in state.erased if verifier.sealed.has(block, position)),
        withheld=withheld,
        head=verifier.tail.hex() if verifier.doubtful == 0 and verifier.tail else None,
        problems=findings.listed(),
        notices=findings.notices(),
        anchor=anchor,
    )


def _misplaced(verifier: Verifier) -> None:
    """Blocks that were set aside, and gaps."""
    for aside in verifier.set_aside.values():
        _fill_gap(verifier, aside)
    gap_begins = {gap.first for gap in verifier.gaps}
    elsewhere: dict[tuple[int, str], None] = {}
    for aside in verifier.set_aside.values():
        index = aside.header.index
        if aside.stands_twice:
            elsewhere[index, "BLOCK_REPEATED"] = None
        elif aside.fills_gap:
            continue
        elif aside.authorised and index >= verifier.expected:
            elsewhere[index, "BLOCK_MISPLACED"] = None
        elif aside.place not in gap_begins:
            verifier.findings.problem(aside.place, "LINK_BROKEN" if aside.authorised else "SIGNER_UNAUTHORISED")
    for gap in verifier.gaps:
        if gap.elsewhere:
            elsewhere[min(gap.elsewhere), "BLOCK_MISPLACED"] = None
        missing = next((index for index in range(gap.first, gap.behind.index) if index not in gap.elsewhere), None)
        if missing is not None:
            verifier.findings.problem(missing, "BLOCK_MISSING")
    for block, code in elsewhere:
        verifier.findings.problem(block, code)


def _fill_gap(verifier: Verifier, aside: SetAside) -> None:
    """A block set aside that no other names fills a gap around its index, where nothing stands for it yet."""
    index = aside.header.index
    aside.authorised = _ever_authorised(verifier, aside)
    gap = verifier.gap_around(index)
    if aside.authorised and not (aside.stands_twice or aside.fills_gap) and gap is not None:
        aside.fills_gap = index not in gap.elsewhere
        gap.elsewhere.add(index)


def _ever_authorised(verifier: Verifier, aside: SetAside) -> bool:
    """Whether the signer might sign when the block was set aside, or got a right to sign since."""
    return aside.authorised or verifier.state.gained.get(aside.header.signer, 0) >= aside.expected


def _missing_records(verifier: Verifier) -> int:
    """Judges what is missing, and counts the records that are withheld.

    What was not judged may have erased what is missing.
    """
    withheld = 0
    both_missing = verifier.options.without_bodies
    for place in verifier.without_salt:
        if place in verifier.state.erased:
            continue
        if both_missing and verifier.without_body.has(*place):
            withheld += 1
        elif not verifier.ended_early:
            verifier.findings.problem(place[0], "SALT_MISSING", place[1])
    for place in verifier.without_body:
        if place not in verifier.state.erased and not verifier.without_salt.has(*place) and not verifier.ended_early:
            verifier.findings.problem(place[0], "BODY_MISSING", place[1])
    return withheld


def _grown_from(verifier: Verifier, blocks: int, checkpoint: Checkpoint) -> int | None:
    """The checkpoint's size, where the ledger has grown from it."""
    findings, state, size = verifier.findings, verifier.state, checkpoint.size
    if state.ledger not in (None, checkpoint.ledger):
        if not any(problem.code == "LEDGER_MISMATCH" for problem in findings.problems):
            findings.problem(1, "LEDGER_MISMATCH")
        return None
    owner = _owner_at(verifier, size)
    root = verifier.checkpoint_root
    if root is None and size == verifier.expected - 1 and verifier.tree is not None:
        root = verifier.tree.root_with(verifier.tail)
    if owner is not None and not owner_signed(checkpoint, owner):
        findings.problem(size, "CHECKPOINT_UNSIGNED")
    elif blocks < size and not verifier.ended_early:
        findings.problem(blocks, "LEDGER_ROLLED_BACK")
    elif owner is None or root is None:
        findings.notice("CHECKPOINT_UNCHECKED", size)
    elif root != checkpoint.root:
        findings.problem(size, "LEDGER_REWRITTEN")
    else:
        return size
    return None


def _owner_at(verifier: Verifier, size: int) -> bytes | None:
    """Who owned the ledger when it had ``size`` blocks; ``None`` where it is not known."""
    if verifier.ended_early and size > verifier.expected - 1:
        return None
    owner = None
    for since, candidate in verifier.owners:
        if since <= size:
            owner = candidate
    return owner


def _notices(verifier: Verifier, withheld: int, grown: int | None) -> None:
    findings, options = verifier.findings, verifier.options
    findings.notice("TRUNCATION_POSSIBLE", grown)
    if options.owner is None and options.pinned_ledger is None:
        findings.notice("NOTHING_PINNED")
    if withheld > 0:
        findings.notice("BODIES_WITHHELD")
    for dataset in verifier.state.datasets.values():
        if not dataset.complete and dataset.losses == verifier.state.losses:
            findings.notice("DATASET_INCOMPLETE", dataset.block)
    for block, position in verifier.state.erased:
        if verifier.sealed.has(block, position) and not (
            verifier.without_salt.has(block, position) and verifier.without_body.has(block, position)
        ):
            findings.notice("ERASE_PENDING", block)
