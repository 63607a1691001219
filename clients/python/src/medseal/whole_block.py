"""What is judged when all entries of a block have been (spec/verification.md, "the whole block")."""

from __future__ import annotations

from dataclasses import dataclass

from .judging import BlockContext, Broken


@dataclass(frozen=True, slots=True)
class Demand:
    """A grant that a block must hold."""

    entry: int
    key: bytes
    to: bytes
    for_good: bool
    """Whether it must not expire."""


def judge_whole(ctx: BlockContext) -> None:
    """Raises ``Broken`` for the first rule that the block as a whole breaks; then lets what waited take effect."""
    _rows_are_whole(ctx)
    _successors_are_no_roles(ctx)
    demands = _demands(ctx)
    if not ctx.state.lost:
        _keys_are_granted(ctx, demands)
        _grants_are_demanded(ctx, demands)
    _revoked_keys(ctx)
    _from_the_next_block(ctx)


def _rows_are_whole(ctx: BlockContext) -> None:
    for dataset in ctx.touched:
        ctx.end_strange_row(dataset)
    if any(dataset.next_group != 0 for dataset in ctx.touched):
        raise Broken("ROW_INCOMPLETE", None)


def _successors_are_no_roles(ctx: BlockContext) -> None:
    """Who owns or recovers the ledger from the next block on is no role that this block brings in."""
    successors = (ctx.recovery or frozenset()) | ({ctx.owner} if ctx.owner is not None else set())
    for new in ctx.new_keys:
        if new.key in successors and ctx.state.is_role(new.key):
            raise Broken("ID_REPEATED", new.entry)


def _demands(ctx: BlockContext) -> list[Demand]:
    """The grants that new keys demand ("Grants that are demanded")."""
    state = ctx.state
    always = _keepers(ctx) | ({ctx.signer} if ctx.is_writer else set())
    demands = []
    for new in ctx.new_keys:
        demands += [Demand(new.entry, new.key, to, True) for to in always]
        holders = state.holders.get(new.replaced, {}) if new.replaced else {}
        for holder, expires in holders.items():
            to = _by_now(ctx, holder)
            still = expires is None or expires >= ctx.header.timestamp
            if still and to is not None and to != new.key:
                demands.append(Demand(new.entry, new.key, to, False))
    return demands


def _by_now(ctx: BlockContext, holder: bytes) -> bytes | None:
    """A role's key by the end of the block, ``None`` where that is out of use; anybody else as they are."""
    if not ctx.state.is_role(holder):
        return holder
    current = ctx.state.roles[ctx.state.keys[holder].role or ""]
    return current if ctx.state.in_use(current) else None


def _keys_are_granted(ctx: BlockContext, demands: list[Demand]) -> None:
    for demand in demands:
        until = ctx.granted.get((demand.key, demand.to), "never")
        if until is not None and (demand.for_good or until == "never"):
            raise Broken("GRANT_MISSING", demand.entry)


def _grants_are_demanded(ctx: BlockContext, demands: list[Demand]) -> None:
    """Grants without the approvals or the right that they would need are good where the block demands them."""
    demanded = {(demand.key, demand.to) for demand in demands}
    replaced = {new.key: new.replaced for new in ctx.new_keys if ctx.state.is_role(new.key)}
    for entry, key, to in ctx.doubtful_grants:
        old = replaced.get(to)
        hands_down = old is not None and (key == old or key in ctx.state.held.get(old, ()))
        if (key, to) not in demanded and not hands_down:
            code = "APPROVALS_MISSING" if "grant" in ctx.state.rules else "STATEMENT_UNAUTHORISED"
            raise Broken(code, entry)


def _revoked_keys(ctx: BlockContext) -> None:
    """What could be reached with a revoked key is closed for the future."""
    for entry, revoked in ctx.revoked:
        for key_id in ctx.state.reach(revoked):
            role = ctx.state.keys[key_id].role
            if role is None:
                ctx.state.close_key(key_id)
            elif ctx.state.roles[role] == key_id and not ctx.state.lost:
                raise Broken("ROTATION_MISSING", entry)


def _from_the_next_block(ctx: BlockContext) -> None:
    """What holds from the next block on only."""
    state = ctx.state
    if ctx.rules is not None:
        ctx.journal.assign(state, "rules", ctx.rules)
        approvers = frozenset(key for rule in ctx.rules.values() for key in rule.keys)
        ctx.journal.assign(state, "approvers", approvers)
        for key in approvers:
            state.gain(key, ctx.header.index)
    if ctx.owner is None and ctx.recovery is None:
        return
    before = _keepers(ctx)
    if ctx.owner is not None:
        ctx.journal.assign(state, "owner", ctx.owner)
        ctx.journal.discard(state.writers, ctx.owner)
        state.gain(ctx.owner, ctx.header.index)
    if ctx.recovery is not None:
        ctx.journal.assign(state, "recovery", ctx.recovery)
    for key in before - _keepers(ctx):
        state.end_all_grants(key)
    ctx.journal.assign(state, "closed_before", len(state.keys))


def _keepers(ctx: BlockContext) -> frozenset[bytes]:
    """The owner and the recovery keys: those to whom every key is granted."""
    owner = ctx.state.owner
    return ctx.state.recovery | ({owner} if owner is not None else set())
