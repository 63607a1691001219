"""The kinds of statements: what each must keep to, and what it changes (spec/verification.md, "What it may say").

A function raises ``Broken`` at the first rule that its statement breaks.
"""

from __future__ import annotations

from collections.abc import Callable

from . import curve
from .canonical_json import serialize
from .encoding import is_ahead, label, parse_time, sha256
from .judging import BlockContext, bytes_of, items_of, number_of
from .state import DataSet, read_rules
from .statements import Statement


def _ledger(ctx: BlockContext, statement: Statement) -> None:
    owner = bytes_of(statement["owner"])
    recovery = ctx.public_keys(statement["recovery"])
    ctx.on_curve(owner)
    if ctx.signer != owner:
        raise ctx.broken("SIGNER_UNAUTHORISED")
    ctx.rules_on_curve(statement)
    ctx.journal.assign(ctx.state, "recovery", recovery)
    ctx.journal.assign(ctx.state, "difficulty", statement["difficulty"])
    ctx.rules = read_rules(statement["rules"])


def _dataset(ctx: BlockContext, statement: Statement) -> None:
    dataset_id, keys = bytes_of(statement["id"]), [bytes_of(key) for key in items_of(statement["keys"])]
    if dataset_id in ctx.state.datasets or any(key in ctx.state.keys for key in keys):
        raise ctx.broken("ID_REPEATED")
    dataset = DataSet(dataset_id, ctx.header.index, ctx.signer, keys, losses=ctx.state.losses)
    ctx.journal.put(ctx.state.datasets, dataset_id, dataset)
    for group, key in enumerate(keys):
        ctx.name_key(key, dataset, group, None, None)


def _dataset_keys(ctx: BlockContext, statement: Statement) -> None:
    dataset = ctx.dataset_of(statement)
    if dataset is None:
        return
    ctx.end_strange_row(dataset)
    if dataset.next_group != 0:
        raise ctx.broken("ROW_INCOMPLETE")
    keys = [bytes_of(key) for key in items_of(statement["keys"])]
    if len(keys) != len(dataset.keys) or keys == dataset.keys:
        raise ctx.broken("KEYS_WRONG")
    changed = [group for group, key in enumerate(keys) if key != dataset.keys[group]]
    if any(keys[group] in ctx.state.keys for group in changed):
        raise ctx.broken("ID_REPEATED")
    for group in changed:
        ctx.state.close_key(dataset.keys[group])
        ctx.name_key(keys[group], dataset, group, None, dataset.keys[group])
    ctx.journal.assign(dataset, "keys", keys)


def _dataset_end(ctx: BlockContext, statement: Statement) -> None:
    dataset = ctx.dataset_of(statement)
    if dataset is None:
        return
    ctx.end_strange_row(dataset)
    counts = dataset.losses == ctx.state.losses
    rows = number_of(statement["rows"])
    if counts and (dataset.next_group != 0 or dataset.next_row != rows + 1):
        raise ctx.broken("ROWS_WRONG")
    ctx.journal.assign(dataset, "covered", rows)


def _amend(ctx: BlockContext, statement: Statement) -> None:
    dataset = ctx.dataset_of(statement)
    if dataset is None:
        return
    row, by = number_of(statement["row"]), number_of(statement["by"])
    there = by < dataset.next_row or dataset.losses < ctx.state.losses
    taken = by in dataset.versions or by in dataset.version_rows or row in dataset.version_rows
    if by <= row or not there or taken:
        raise ctx.broken("AMEND_INVALID")
    ctx.journal.put(dataset.versions, row, by)
    ctx.journal.add(dataset.version_rows, by)


def _grant(ctx: BlockContext, statement: Statement) -> None:
    to = bytes_of(statement["to"])
    ctx.on_curve(to)
    key_id = ctx.key_of(statement)
    key = ctx.state.keys.get(key_id)
    if key is None:
        return ctx.let_pass("KEY_UNKNOWN")
    _may_grant(ctx, statement, key_id, key.dataset, to)
    if ctx.state.is_role(to) and not ctx.state.in_use(to):
        raise ctx.broken("KEY_CLOSED")
    expires = statement.get("expires")
    until = expires if isinstance(expires, str) else None
    ctx.granted[key_id, to] = until
    ctx.state.grant(key_id, to, until, ctx.header.index)


def _may_grant(ctx: BlockContext, statement: Statement, key_id: bytes, dataset: DataSet | None, to: bytes) -> None:
    """Who has the right to; of an approver, or where a rule names grants, the whole block tells."""
    own = ctx.owners_right or (dataset is not None and ctx.goes_on(dataset, False))
    ruled = "grant" in ctx.state.rules and "approvals" not in statement and not ctx.state.lost
    if not own and not ruled and not ctx.is_approver:
        raise ctx.broken("STATEMENT_UNAUTHORISED")
    if not own or ruled:
        ctx.doubtful_grants.append((ctx.position, key_id, to))


def _role(ctx: BlockContext, statement: Statement) -> None:
    key, name = bytes_of(statement["public_key"]), str(statement["name"])
    ctx.on_curve(key)
    state = ctx.state
    somebodys = key == state.owner or key in state.recovery or key in state.writers or bool(state.held.get(key))
    if state.is_role(key) or somebodys:
        raise ctx.broken("ID_REPEATED")
    replaced = state.roles.get(name)
    if replaced is not None:
        state.close_key(replaced)
    ctx.name_key(key, None, 0, name, replaced)
    ctx.journal.put(state.roles, name, key)


def _revoke(ctx: BlockContext, statement: Statement) -> None:
    key_id, reader = ctx.key_of(statement), bytes_of(statement["from"])
    known = key_id in ctx.state.keys
    if not known:
        ctx.let_pass("KEY_UNKNOWN")
    holds = reader in ctx.state.holders.get(key_id, {})
    keeps = reader == ctx.state.owner or reader in ctx.state.recovery
    if (keeps and not ctx.state.lost_unknown) or not (holds or ctx.state.lost):
        raise ctx.broken("REVOKE_INVALID")
    ctx.state.end_grant(key_id, reader)
    if known:
        ctx.revoked.append((ctx.position, key_id))


def _writer(ctx: BlockContext, statement: Statement) -> None:
    key = ctx.nobodys_role(statement)
    if (key == ctx.state.owner or key in ctx.state.writers) and not ctx.state.lost:
        raise ctx.broken("WRITER_INVALID")
    ctx.journal.add(ctx.state.writers, key)
    ctx.state.gain(key, ctx.header.index)


def _writer_removed(ctx: BlockContext, statement: Statement) -> None:
    key = ctx.nobodys_role(statement)
    if key not in ctx.state.writers and not ctx.state.lost:
        raise ctx.broken("WRITER_INVALID")
    ctx.journal.discard(ctx.state.writers, key)


def _new_owner(ctx: BlockContext, statement: Statement) -> None:
    ctx.owner = ctx.nobodys_role(statement)


def _new_recovery(ctx: BlockContext, statement: Statement) -> None:
    keys = ctx.public_keys(statement["public_keys"])
    if any(ctx.state.is_role(key) for key in keys):
        raise ctx.broken("PUBLIC_KEY_INVALID")
    ctx.recovery = keys


def _new_rules(ctx: BlockContext, statement: Statement) -> None:
    ctx.rules_on_curve(statement)
    ctx.rules = read_rules(statement["rules"])


def _erase(ctx: BlockContext, statement: Statement) -> None:
    for place in items_of(statement["entries"]):
        block, position = (number_of(item) for item in items_of(place))
        if not 1 <= block < ctx.header.index or not (ctx.state.lost or ctx.sealed.has(block, position)):
            raise ctx.broken("ERASE_INVALID")
        ctx.journal.add(ctx.state.erased, (block, position))


def _access(ctx: BlockContext, statement: Statement) -> None:
    by = bytes_of(statement["by"])
    ctx.on_curve(by)
    if ctx.signer != by and not ctx.is_owner:
        raise ctx.broken("STATEMENT_UNAUTHORISED")
    covered = {name: value for name, value in statement.items() if name != "signature"}
    digest = sha256(label("access"), serialize(covered))
    time = parse_time(ctx.header.timestamp)
    foreign = ctx.state.ledger not in (None, bytes_of(statement["ledger"]))
    forged = not curve.verify(by, digest, bytes_of(statement["signature"]))
    ahead = time is not None and is_ahead(str(statement["at"]), time)
    if forged or foreign or ahead or ctx.state.is_role(by):
        raise ctx.broken("ACCESS_INVALID")
    ctx.new_id(bytes_of(statement["id"]))
    if bytes_of(statement["dataset"]) not in ctx.state.datasets:
        ctx.let_pass("DATASET_UNKNOWN")


def _nothing(ctx: BlockContext, statement: Statement) -> None:
    """``audit`` and ``log-key`` concern tools, and no rule."""


EFFECTS: dict[str, Callable[[BlockContext, Statement], None]] = {
    "ledger": _ledger,
    "dataset": _dataset,
    "dataset-keys": _dataset_keys,
    "dataset-end": _dataset_end,
    "amend": _amend,
    "grant": _grant,
    "role": _role,
    "revoke": _revoke,
    "writer": _writer,
    "writer-removed": _writer_removed,
    "owner": _new_owner,
    "recovery": _new_recovery,
    "rules": _new_rules,
    "erase": _erase,
    "access": _access,
    "audit": _nothing,
    "log-key": _nothing,
}
