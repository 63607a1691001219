"""The form of statements: which members a kind has, and what they may hold (spec/ledger.md, "Statements").

What a statement means, and whether it may stand where it stands, is judged in ``rules.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

from .canonical_json import Json, serialize
from .curve import PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH
from .encoding import from_base64url, from_hex, parse_time
from .errors import MedsealError
from .header import MAX_DIFFICULTY, is_integer

Statement = dict[str, Json]
Check = Callable[[Json], bool]

MAX_STATEMENT_SIZE = 1024 * 1024
MAX_REASON = 200
MAX_KEYS = 64
RESERVED_MEMBERS = frozenset(("sealed", "body", "salt", "stub"))
APPROVAL_MEMBERS = frozenset(("proposal", "ledger", "until", "approvals"))
INFO_KIND = re.compile(r"info-[a-z0-9-]+\Z")

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ROLE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z")
_PURPOSE = re.compile(r"[A-Z]{1,32}\Z")


def check_statement(statement: Statement) -> None:
    """Raises the code of the first check that fails, in the order of spec/verification.md, "One block by itself"."""
    if len(serialize(statement)) > MAX_STATEMENT_SIZE:
        raise MedsealError("TOO_LARGE", "a statement of more than 1 MiB")
    kind = statement.get("kind")
    if not isinstance(kind, str):
        raise MedsealError("STATEMENT_INVALID", "a statement whose kind is no text")
    if RESERVED_MEMBERS & statement.keys():
        raise _invalid(kind, "a member that only records have")
    if _has_control_character(statement):
        raise _invalid(kind, "a control character")
    if INFO_KIND.match(kind):
        return
    if kind not in _MEMBERS:
        raise MedsealError("STATEMENT_UNKNOWN", "a statement of an unknown kind")
    _check_members(kind, statement)


def may_be_approved(kind: str) -> bool:
    """Whether a rule may name the kind, and its statements carry approvals."""
    return kind in _MEMBERS and kind not in ("ledger", "access")


def _check_members(kind: str, statement: Statement) -> None:
    required, optional, one_of = _MEMBERS[kind]
    checks = {**required, **optional, **one_of}
    names = set(statement) - {"kind"}
    if names & APPROVAL_MEMBERS and may_be_approved(kind):
        if not names >= APPROVAL_MEMBERS:
            raise _invalid(kind, "only some of the members of approvals")
        checks.update(_APPROVALS)
        required = {**required, **_APPROVALS}
    if not required.keys() <= names or not names <= checks.keys():
        raise _invalid(kind, "other members than its kind has")
    if one_of and len(names & one_of.keys()) != 1:
        raise _invalid(kind, "both of key_id and role_key, or none")
    for name in sorted(names):
        if not checks[name](statement[name]):
            raise _invalid(kind, name)


def _invalid(kind: str, what: str) -> MedsealError:
    return MedsealError("STATEMENT_INVALID", f"a statement has not the members of its kind ({kind}): {what}")


def _has_control_character(value: Json) -> bool:
    if isinstance(value, str):
        return _CONTROL.search(value) is not None
    if isinstance(value, list):
        return any(_has_control_character(item) for item in value)
    return isinstance(value, dict) and any(_has_control_character(item) for item in value.values())


def _hex(length: int) -> Check:
    return lambda value: from_hex(value, length) is not None


def _base64url(length: int) -> Check:
    def check(value: Json) -> bool:
        decoded = from_base64url(value)
        return decoded is not None and len(decoded) == length

    return check


def _integer(least: int, most: int | None = None) -> Check:
    return lambda value: is_integer(value, least, most)


def _text(least: int) -> Check:
    return lambda value: isinstance(value, str) and least <= len(value) <= MAX_REASON


def _matches(pattern: re.Pattern[str]) -> Check:
    return lambda value: isinstance(value, str) and pattern.match(value) is not None


def _distinct(item: Check, least: int, most: int | None = None) -> Check:
    def check(value: Json) -> bool:
        if not isinstance(value, list) or len(value) < least or (most is not None and len(value) > most):
            return False
        return all(item(entry) for entry in value) and len({str(entry) for entry in value}) == len(value)

    return check


def _is_bool(value: Json) -> bool:
    return isinstance(value, bool)


def _is_time(value: Json) -> bool:
    return parse_time(value) is not None


def _are_rules(value: Json) -> bool:
    return isinstance(value, dict) and all(may_be_approved(kind) and _is_rule(rule) for kind, rule in value.items())


def _is_rule(rule: Json) -> bool:
    if not isinstance(rule, dict) or set(rule) != {"from", "threshold"}:
        return False
    keys = rule["from"]
    return (
        _distinct(_PUBLIC_KEY, 1, MAX_KEYS)(keys)
        and isinstance(keys, list)
        and is_integer(rule["threshold"], 1, len(keys))
    )


def _are_approvals(value: Json) -> bool:
    return isinstance(value, list) and 1 <= len(value) <= MAX_KEYS and all(_is_approval(item) for item in value)


def _is_approval(value: Json) -> bool:
    if not isinstance(value, dict) or set(value) != {"by", "signature"}:
        return False
    return _PUBLIC_KEY(value["by"]) and _hex(SIGNATURE_LENGTH)(value["signature"])


def _pairs(value: Json) -> list[tuple[int, int]] | None:
    """An array of pairs of numbers."""
    if not isinstance(value, list):
        return None
    pairs = []
    for item in value:
        if not isinstance(item, list) or len(item) != 2:
            return None
        first, second = item
        if type(first) is not int or type(second) is not int:
            return None
        pairs.append((first, second))
    return pairs


def _are_places(value: Json) -> bool:
    places = _pairs(value)
    return bool(places) and places is not None and all(a < b for a, b in pairwise(places))


def _are_row_ranges(value: Json) -> bool:
    ranges = _pairs(value)
    if ranges is None or any(first > last for first, last in ranges):
        return False
    return all(before[1] < after[0] for before, after in pairwise(ranges))


_ID = _hex(16)
_PUBLIC_KEY = _hex(PUBLIC_KEY_LENGTH)
_PUBLIC_KEYS = _distinct(_PUBLIC_KEY, 0)
_KEY_IDS = _distinct(_ID, 1)
_REASON = _text(1)
_GRANTED: dict[str, Check] = {"key_id": _ID, "role_key": _PUBLIC_KEY}
_APPROVALS: dict[str, Check] = {"proposal": _ID, "ledger": _hex(32), "until": _is_time, "approvals": _are_approvals}

# Of each kind the members that it has, those that it may have, and those of which it has exactly one.
_MEMBERS: dict[str, tuple[dict[str, Check], dict[str, Check], dict[str, Check]]] = {
    "ledger": (
        {
            "owner": _PUBLIC_KEY,
            "difficulty": _integer(0, MAX_DIFFICULTY),
            "nonce": _ID,
            "rules": _are_rules,
            "recovery": _PUBLIC_KEYS,
            "audit": _is_bool,
        },
        {},
        {},
    ),
    "dataset": ({"id": _ID, "keys": _KEY_IDS}, {}, {}),
    "dataset-keys": ({"id": _ID, "keys": _KEY_IDS}, {}, {}),
    "dataset-end": ({"id": _ID, "rows": _integer(0)}, {}, {}),
    "amend": ({"id": _ID, "row": _integer(1), "by": _integer(1), "reason": _REASON}, {}, {}),
    "grant": (
        {"to": _PUBLIC_KEY, "enc": _base64url(65), "wrapped": _base64url(48)},
        {"expires": _is_time, "reason": _text(0)},
        _GRANTED,
    ),
    "role": ({"name": _matches(_ROLE_NAME), "public_key": _PUBLIC_KEY}, {}, {}),
    "revoke": ({"from": _PUBLIC_KEY, "reason": _REASON}, {}, _GRANTED),
    "writer": ({"public_key": _PUBLIC_KEY}, {}, {}),
    "writer-removed": ({"public_key": _PUBLIC_KEY}, {}, {}),
    "owner": ({"public_key": _PUBLIC_KEY}, {}, {}),
    "recovery": ({"public_keys": _PUBLIC_KEYS}, {}, {}),
    "rules": ({"rules": _are_rules}, {}, {}),
    "erase": ({"entries": _are_places, "reason": _REASON, "basis": _REASON}, {}, {}),
    "access": (
        {
            "id": _ID,
            "ledger": _hex(32),
            "by": _PUBLIC_KEY,
            "at": _is_time,
            "purpose": _matches(_PURPOSE),
            "dataset": _ID,
            "rows": _are_row_ranges,
            "outcome": lambda value: value in ("permitted", "refused"),
            "signature": _hex(SIGNATURE_LENGTH),
        },
        {},
        {},
    ),
    "audit": ({"on": _is_bool}, {}, {}),
    "log-key": ({"public_key": _hex(32)}, {}, {}),
}
