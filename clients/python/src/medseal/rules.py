"""What a block may say, and who may say it (spec/verification.md, "What a block says").

A block's entries are judged in their order, and each takes effect; at the first that breaks a rule ``Broken`` is
raised, and whoever called takes the effects back.
"""

from __future__ import annotations

from .approvals import check_approvals
from .canonical_json import Json
from .exchange import Block, Entry
from .judging import BlockContext, bytes_of
from .kinds import EFFECTS
from .places import Places
from .records import SealedRecord
from .state import DataSet, State
from .statements import Statement
from .whole_block import judge_whole

_WRITER_KINDS = frozenset(("dataset", "dataset-keys", "dataset-end", "amend", "grant"))


def may_sign(state: State, block: Block, entries_known: bool) -> bool:
    """Whether the signer may sign such a block, by the state before it ("Who may sign")."""
    signer = block.header.signer
    if signer == state.owner or signer in state.writers:
        return True
    if not entries_known:
        return state.is_reader(signer) or signer in state.approvers
    if all(_kind(entry) == "access" for entry in block.entries):
        return state.is_reader(signer)
    approved = all(_kind(entry) == "grant" or _is_approved(entry) for entry in block.entries)
    return approved and signer in state.approvers


def genesis_owner(block: Block) -> bytes | None:
    """The owner whom the ``ledger`` statement of a genesis block names; ``None`` where it does not begin with one."""
    first = block.entries[0]
    if isinstance(first, SealedRecord) or first["kind"] != "ledger":
        return None
    return bytes_of(first["owner"])


def _kind(entry: Entry) -> Json:
    return None if isinstance(entry, SealedRecord) else entry["kind"]


def _is_approved(entry: Entry) -> bool:
    return not isinstance(entry, SealedRecord) and "approvals" in entry and _kind(entry) != "access"


def judge_block(state: State, block: Block, sealed: Places) -> None:
    """Raises ``Broken`` for the first rule that a block breaks whose entries are known."""
    ctx = BlockContext(state, block, sealed)
    for position, entry in enumerate(block.entries):
        ctx.position = position
        if isinstance(entry, SealedRecord):
            _record(ctx, entry)
        else:
            _statement(ctx, entry)
    judge_whole(ctx)


def _record(ctx: BlockContext, record: SealedRecord) -> None:
    if ctx.header.index == 1:
        raise ctx.broken("GENESIS_INVALID")
    key = ctx.state.keys.get(record.key_id)
    dataset = key.dataset if key else None
    if key is None or dataset is None:
        ctx.let_pass("KEY_UNKNOWN")
        ctx.strange_rows.add(record.row)
        return
    if not ctx.goes_on(dataset, ctx.is_owner):
        raise ctx.broken("STATEMENT_UNAUTHORISED")
    if not ctx.state.in_use(record.key_id):
        raise ctx.broken("KEY_CLOSED")
    _count(ctx, dataset, record.row, key.group)


def _count(ctx: BlockContext, dataset: DataSet, row: int, group: int) -> None:
    """The next row and group; behind a lost block the count begins again, at any row."""
    ctx.end_strange_row(dataset, row)
    begins_again = dataset.losses < ctx.state.losses
    in_turn = group == dataset.next_group or (group > dataset.next_group and row in ctx.strange_rows)
    if not in_turn or (row != dataset.next_row and not begins_again):
        raise ctx.broken("ROW_UNEXPECTED")
    last = group + 1 == len(dataset.keys)
    ctx.journal.assign(dataset, "losses", ctx.state.losses)
    ctx.journal.assign(dataset, "next_row", row + 1 if last else row)
    ctx.journal.assign(dataset, "next_group", 0 if last else group + 1)
    ctx.touched.append(dataset)
    if row > 0 and group == 0:
        ctx.journal.assign(ctx.state, "records", ctx.state.records + 1)


def _statement(ctx: BlockContext, statement: Statement) -> None:
    kind = str(statement["kind"])
    first = ctx.header.index == 1 and ctx.position == 0
    if (kind == "ledger") != first or (ctx.header.index == 1 and kind == "dataset"):
        raise ctx.broken("GENESIS_INVALID")
    ctx.owners_right = ctx.is_owner or (ctx.is_approver and kind in ctx.state.rules and "approvals" in statement)
    _may_say(ctx, kind)
    check_approvals(ctx, statement, kind)
    if not kind.startswith("info-"):
        EFFECTS[kind](ctx, statement)
    ctx.journal.assign(ctx.state, "statements", ctx.state.statements + 1)


def _may_say(ctx: BlockContext, kind: str) -> None:
    if ctx.owners_right:
        return
    if kind == "access":
        allowed = ctx.is_reader and all(_kind(entry) == "access" for entry in ctx.block.entries)
    elif kind == "grant" and ctx.is_approver:
        allowed = True
    else:
        allowed = ctx.is_writer and (kind in _WRITER_KINDS or kind.startswith("info-"))
    if not allowed:
        raise ctx.broken("STATEMENT_UNAUTHORISED")
