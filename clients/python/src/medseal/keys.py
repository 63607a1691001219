"""Group keys and grants: how a private key opens what the ledger holds for it (spec/keys.md)."""

from __future__ import annotations

from collections.abc import Iterable

from .canonical_json import serialize
from .curve import Identity
from .encoding import from_base64url, label, sha256
from .errors import MedsealError
from .hpke import open_sealed
from .statements import Statement

_NOT_BOUND = ("enc", "wrapped", "approvals")


def key_id_of(ledger: bytes, group_key: bytes) -> bytes:
    """The first 16 bytes of H(``"medseal/1 key"`` ‖ ledger id ‖ group key)."""
    return sha256(label("key"), ledger, group_key)[:16]


def open_grant(identity: Identity, ledger: bytes, grant: Statement) -> bytes | None:
    """The group key or role's private key of a grant to ``identity``; ``None`` where it does not open.

    The grant's form has been checked; its key must be the one that it names.
    """
    enc, wrapped = from_base64url(grant["enc"]), from_base64url(grant["wrapped"])
    if enc is None or wrapped is None or grant["to"] != identity.public_key.hex():
        return None
    bound = {name: value for name, value in grant.items() if name not in _NOT_BOUND}
    key = open_sealed(identity, enc, label("grant") + ledger, serialize(bound), wrapped)
    return key if key is not None and _is_key_of(grant, ledger, key) else None


def open_grants(identity: Identity, ledger: bytes, grants: Iterable[Statement]) -> dict[bytes, bytes]:
    """All group keys, by key id, that a private key opens: its own, those of its roles, of their roles, and so on."""
    by_reader: dict[str, list[Statement]] = {}
    for grant in grants:
        by_reader.setdefault(str(grant["to"]), []).append(grant)
    group_keys: dict[bytes, bytes] = {}
    known = {identity.public_key}
    waiting = [identity]
    while waiting:
        reader = waiting.pop()
        for grant in by_reader.get(reader.public_key.hex(), ()):
            named = bytes.fromhex(str(grant["role_key"] if "role_key" in grant else grant["key_id"]))
            if named in known:
                continue
            key = open_grant(reader, ledger, grant)
            if key is None:
                continue
            known.add(named)
            if "role_key" in grant:
                waiting.append(Identity(key))
            else:
                group_keys[named] = key
    return group_keys


def _is_key_of(grant: Statement, ledger: bytes, key: bytes) -> bool:
    if "key_id" in grant:
        return key_id_of(ledger, key).hex() == grant["key_id"]
    try:
        return Identity(key).public_key.hex() == grant["role_key"]
    except MedsealError:
        return False
