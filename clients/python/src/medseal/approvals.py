"""Whether a statement has the approvals that it needs (spec/verification.md, "Approvals")."""

from __future__ import annotations

from . import curve
from .canonical_json import serialize
from .encoding import label, sha256
from .judging import BlockContext, bytes_of, items_of
from .state import Rule, read_rules
from .statements import Statement


def check_approvals(ctx: BlockContext, statement: Statement, kind: str) -> None:
    if kind in ("ledger", "access") or kind.startswith("info-"):
        return
    needed = _needed_rules(ctx, statement, kind)
    if "approvals" not in statement:
        if needed and kind != "grant" and not ctx.state.lost:
            raise ctx.broken("APPROVALS_MISSING")
        return
    ledger, proposal = ctx.state.ledger, bytes_of(statement["proposal"])
    if ledger not in (None, bytes_of(statement["ledger"])) or str(statement["until"]) < ctx.header.timestamp:
        raise ctx.broken("APPROVAL_INVALID")
    ctx.new_id(proposal)
    approvers = _valid_approvers(ctx, statement)
    if ctx.state.lost:
        return
    if not approvers <= {key for rule in needed for key in rule.keys}:
        raise ctx.broken("APPROVAL_INVALID")
    if any(len(approvers & set(rule.keys)) < rule.threshold for rule in needed):
        raise ctx.broken("APPROVALS_MISSING")


def _needed_rules(ctx: BlockContext, statement: Statement, kind: str) -> list[Rule]:
    """The rule for the kind, and where rules are named anew, each that is left out or changed."""
    in_force = ctx.state.rules
    needed = [in_force[kind]] if kind in in_force else []
    if kind == "rules":
        anew = read_rules(statement["rules"])
        needed += [rule for name, rule in in_force.items() if anew.get(name) != rule]
    return needed


def _valid_approvers(ctx: BlockContext, statement: Statement) -> set[bytes]:
    covered = {name: value for name, value in statement.items() if name not in ("approvals", "enc", "wrapped")}
    digest = sha256(label("approval"), serialize(covered))
    approvers: set[bytes] = set()
    for approval in items_of(statement["approvals"]):
        assert isinstance(approval, dict)
        by = bytes_of(approval["by"])
        if by in approvers or not curve.verify(by, digest, bytes_of(approval["signature"])):
            raise ctx.broken("APPROVAL_INVALID")
        approvers.add(by)
    return approvers
