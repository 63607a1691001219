"""Proofs of single records, checked without the ledger (spec/proofs.md, "Record proof")."""

from __future__ import annotations

from dataclasses import dataclass

from .anchor import Anchor, check_block, demand, failed, read_anchor, read_document, read_head, read_path
from .canonical_json import Json
from .checkpoint import Checkpoint
from .encoding import HASH_LENGTH, from_base64url, from_hex
from .header import Header, is_integer, malformed
from .merkle import root_by_path
from .records import SALT_LENGTH, SealedRecord, open_body, read_entry

MAX_DEPTH = 3

_MEMBERS = frozenset(("type", "ledger", "entry", "position", "entry_path", "block", "anchor"))


@dataclass(frozen=True, slots=True)
class Disclosed:
    """What opens the record: its record key."""

    record: SealedRecord
    key: bytes


@dataclass(frozen=True, slots=True)
class Proof:
    """A record proof that has its form."""

    ledger: bytes
    record: SealedRecord
    position: int
    entry_path: list[bytes]
    block: Header
    anchor: Anchor
    disclosed: Disclosed | None


@dataclass(frozen=True, slots=True)
class Proven:
    """What a proof shows: that the record of this row is in a block of this ledger, and of which tree."""

    ledger: bytes
    block: Header
    record: SealedRecord
    size: int
    root: bytes
    content: bytes | None
    """What the record says, where it is disclosed."""


def verify_proof(file: bytes, owner: bytes, checkpoint: Checkpoint | None = None) -> Proven:
    """Checks a proof with the pinned public key, and perhaps a checkpoint from elsewhere.

    Raises the code of the first check that fails, in the order of spec/proofs.md, "Checking".
    """
    proof = read_proof(file)
    block = proof.block
    root = root_by_path(proof.record.entry, proof.position, block.data_size, proof.entry_path)
    demand(root == block.data_hash, "DATA_MISMATCH")
    size, tree = check_block(proof.ledger, block, proof.anchor, owner, checkpoint)
    return Proven(proof.ledger, block, proof.record, size, tree, _content(proof.disclosed))


def _content(disclosed: Disclosed | None) -> bytes | None:
    if disclosed is None:
        return None
    fault = disclosed.record.fault()
    if fault is not None:
        raise failed(fault)
    content = open_body(disclosed.record, disclosed.key)
    if content is None:
        raise failed("KEY_MISMATCH")
    return content


def read_proof(file: bytes) -> Proof:
    """A proof of its form. Raises ``TOO_LARGE``, ``MALFORMED`` or ``VERSION_NEWER``."""
    value = read_document(file, "record-proof", MAX_DEPTH)
    if not _MEMBERS <= value.keys() <= _MEMBERS | {"disclosed"}:
        raise malformed("members")
    ledger, entry = from_hex(value["ledger"], HASH_LENGTH), from_base64url(value["entry"])
    position = value["position"]
    if ledger is None or entry is None or type(position) is not int or not is_integer(position, 0):
        raise malformed("ledger, entry or position")
    record = read_entry(entry)
    return Proof(
        ledger=ledger,
        record=record,
        position=position,
        entry_path=read_path(value["entry_path"]),
        block=read_head(value["block"]),
        anchor=read_anchor(value["anchor"]),
        disclosed=_disclosed(value["disclosed"], record) if "disclosed" in value else None,
    )


def _disclosed(value: Json, record: SealedRecord) -> Disclosed:
    if not isinstance(value, dict) or set(value) != {"body", "key", "salt"}:
        raise malformed("disclosed")
    body, key, salt = (from_base64url(value[name]) for name in ("body", "key", "salt"))
    if body is None or salt is None or key is None or len(salt) != SALT_LENGTH or len(key) != 32:
        raise malformed("disclosed")
    return Disclosed(SealedRecord(record.entry, salt, body), key)
