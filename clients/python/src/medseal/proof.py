"""Proofs of single records, checked without the ledger (spec/proofs.md, "Record proof")."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .canonical_json import Json, parse
from .checkpoint import Checkpoint, owner_signed, read_checkpoint
from .encoding import HASH_LENGTH, from_base64url, from_hex
from .errors import MedsealError
from .header import MAX_ENTRIES, Header, is_integer, malformed, read_header
from .merkle import root_by_path
from .records import SealedRecord, open_body, read_entry

MAX_SIZE = 64 * 1024 * 1024
MAX_DEPTH = 3
MAX_PATH = 53
"""Hashes of a path: no tree has more than 2^53 leaves."""
TYPE = "medseal/1 record-proof"

_NEWER_TYPE = re.compile(r"medseal/([1-9][0-9]*) record-proof\Z")
_MEMBERS = frozenset(("type", "ledger", "entry", "position", "entry_path", "block", "anchor"))


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a proof leads to: a checkpoint's text, a later block, or the block itself."""

    checkpoint: str | None
    block: Header | None
    path: list[bytes]
    genesis_path: list[bytes]


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
    _demand(root == block.data_hash, "DATA_MISMATCH")
    _demand(block.is_signed(), "SIGNATURE_INVALID")
    _demand(block.is_worked(), "WORK_INSUFFICIENT")
    size, tree = _anchored(proof, owner)
    if checkpoint is not None:
        _demand(checkpoint.ledger == proof.ledger, "LEDGER_MISMATCH")
        _demand(owner_signed(checkpoint, owner), "CHECKPOINT_UNSIGNED")
        _demand(checkpoint.size == size, "CHECKPOINT_DIFFERS")
        _demand(checkpoint.root == tree, "LEDGER_REWRITTEN")
    return Proven(proof.ledger, block, proof.record, size, tree, _content(proof.disclosed))


def _anchored(proof: Proof, owner: bytes) -> tuple[int, bytes]:
    """Follows the proof to its anchor: number of leaves, and hash, of a tree that the pinned key signed."""
    anchor, block = proof.anchor, proof.block
    if anchor.checkpoint is not None:
        checkpoint = read_checkpoint(anchor.checkpoint.encode("utf-8"))
        _demand(checkpoint.ledger == proof.ledger, "LEDGER_MISMATCH")
        _demand(owner_signed(checkpoint, owner), "CHECKPOINT_UNSIGNED")
        size, tree = checkpoint.size, checkpoint.root
    else:
        later = anchor.block or block
        _demand(later.signer == owner, "OWNER_MISMATCH")
        if anchor.block is not None:
            _demand(later.index > block.index, "MALFORMED")
            _demand(later.is_signed(), "SIGNATURE_INVALID")
            _demand(later.is_worked(), "WORK_INSUFFICIENT")
            _demand(later.timestamp >= block.timestamp, "TIME_BACKWARDS")
        size, tree = later.index - 1, later.history_hash
    if anchor.checkpoint is not None or anchor.block is not None:
        _demand(root_by_path(block.hash, block.index - 1, size, anchor.path) == tree, "HISTORY_MISMATCH")
    if anchor.checkpoint is None:
        _demand(root_by_path(proof.ledger, 0, size, anchor.genesis_path) == tree, "LEDGER_MISMATCH")
    return size, tree


def _content(disclosed: Disclosed | None) -> bytes | None:
    if disclosed is None:
        return None
    fault = disclosed.record.fault()
    if fault is not None:
        raise _failed(fault)
    content = open_body(disclosed.record, disclosed.key)
    if content is None:
        raise _failed("KEY_MISMATCH")
    return content


def read_proof(file: bytes) -> Proof:
    """A proof of its form. Raises ``TOO_LARGE``, ``MALFORMED`` or ``VERSION_NEWER``."""
    if len(file) > MAX_SIZE:
        raise _failed("TOO_LARGE")
    value = parse(file[:-1] if file.endswith(b"\n") else file, MAX_DEPTH)
    if not file.endswith(b"\n") or not isinstance(value, dict):
        raise malformed("no object and a line feed")
    newer = _NEWER_TYPE.match(value["type"]) if isinstance(value.get("type"), str) else None  # type: ignore[arg-type]
    if newer and int(newer[1]) > 1:
        raise _failed("VERSION_NEWER")
    if not _MEMBERS <= value.keys() <= _MEMBERS | {"disclosed"} or value["type"] != TYPE:
        raise malformed("members")
    ledger, entry = from_hex(value["ledger"], HASH_LENGTH), from_base64url(value["entry"])
    position = value["position"]
    if ledger is None or entry is None or type(position) is not int or not is_integer(position, 0, MAX_ENTRIES):
        raise malformed("ledger, entry or position")
    record = read_entry(entry)
    return Proof(
        ledger=ledger,
        record=record,
        position=position,
        entry_path=_path(value["entry_path"]),
        block=_head(value["block"]),
        anchor=_anchor(value["anchor"]),
        disclosed=_disclosed(value["disclosed"], record) if "disclosed" in value else None,
    )


def _head(value: Json) -> Header:
    if not isinstance(value, dict):
        raise malformed("block")
    return read_header(value)


def _anchor(value: Json) -> Anchor:
    if not isinstance(value, dict):
        raise malformed("anchor")
    path = _path(value["path"]) if "path" in value else []
    genesis_path = _path(value["genesis_path"]) if "genesis_path" in value else []
    members = set(value)
    if members == {"checkpoint", "path"} and isinstance(value["checkpoint"], str):
        return Anchor(value["checkpoint"], None, path, genesis_path)
    if members == {"block", "path", "genesis_path"}:
        return Anchor(None, _head(value["block"]), path, genesis_path)
    if members == {"genesis_path"}:
        return Anchor(None, None, path, genesis_path)
    raise malformed("anchor")


def _path(value: Json) -> list[bytes]:
    hashes = from_base64url(value)
    if hashes is None or len(hashes) % HASH_LENGTH or len(hashes) > MAX_PATH * HASH_LENGTH:
        raise malformed("a path")
    return [hashes[at : at + HASH_LENGTH] for at in range(0, len(hashes), HASH_LENGTH)]


def _disclosed(value: Json, record: SealedRecord) -> Disclosed:
    if not isinstance(value, dict) or set(value) != {"body", "key", "salt"}:
        raise malformed("disclosed")
    body, key, salt = (from_base64url(value[name]) for name in ("body", "key", "salt"))
    if body is None or salt is None or key is None or len(key) != 32:
        raise malformed("disclosed")
    return Disclosed(SealedRecord(record.entry, salt, body), key)


def _demand(good: bool, code: str) -> None:
    if not good:
        raise _failed(code)


def _failed(code: str) -> MedsealError:
    return MedsealError(code, f"the proof does not hold: {code}")
