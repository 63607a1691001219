"""What a proof without the ledger leads to: a tree that the pinned key signed (spec/proofs.md, "Record proof")."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .canonical_json import Json, parse
from .checkpoint import Checkpoint, owner_signed, read_checkpoint
from .encoding import HASH_LENGTH, from_base64url
from .errors import MedsealError
from .header import Header, malformed, read_header
from .merkle import root_by_path

MAX_SIZE = 64 * 1024 * 1024
MAX_PATH = 53
"""Hashes of a path: no tree has more than 2^53 leaves."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a proof leads to: a checkpoint's text, a later block, or the block itself."""

    checkpoint: str | None
    block: Header | None
    path: list[bytes]
    genesis_path: list[bytes]


def check_block(
    ledger: bytes, block: Header, anchor: Anchor, owner: bytes, checkpoint: Checkpoint | None
) -> tuple[int, bytes]:
    """Checks a block, follows its anchor, and compares the checkpoint that the verifier has from elsewhere.

    Returns the number of leaves, and the hash, of the tree that the pinned key signed. Raises the code of the first
    check that fails.
    """
    demand(block.is_signed(), "SIGNATURE_INVALID")
    demand(block.is_worked(), "WORK_INSUFFICIENT")
    size, tree = _follow(ledger, block, anchor, owner)
    if checkpoint is not None:
        demand(checkpoint.ledger == ledger, "LEDGER_MISMATCH")
        demand(owner_signed(checkpoint, owner), "CHECKPOINT_UNSIGNED")
        demand(checkpoint.size == size, "CHECKPOINT_DIFFERS")
        demand(checkpoint.root == tree, "LEDGER_REWRITTEN")
    return size, tree


def _follow(ledger: bytes, block: Header, anchor: Anchor, owner: bytes) -> tuple[int, bytes]:
    if anchor.checkpoint is not None:
        checkpoint = read_checkpoint(anchor.checkpoint.encode("utf-8"))
        demand(checkpoint.ledger == ledger, "LEDGER_MISMATCH")
        demand(owner_signed(checkpoint, owner), "CHECKPOINT_UNSIGNED")
        size, tree = checkpoint.size, checkpoint.root
    else:
        later = anchor.block or block
        demand(later.signer == owner, "OWNER_MISMATCH")
        if anchor.block is not None:
            demand(later.index > block.index, "MALFORMED")
            demand(later.is_signed(), "SIGNATURE_INVALID")
            demand(later.is_worked(), "WORK_INSUFFICIENT")
            demand(later.timestamp >= block.timestamp, "TIME_BACKWARDS")
        size, tree = later.index - 1, later.history_hash
    if anchor.checkpoint is not None or anchor.block is not None:
        demand(root_by_path(block.hash, block.index - 1, size, anchor.path) == tree, "HISTORY_MISMATCH")
    if anchor.checkpoint is None:
        demand(root_by_path(ledger, 0, size, anchor.genesis_path) == tree, "LEDGER_MISMATCH")
    return size, tree


def read_document(file: bytes, what: str, max_depth: int) -> dict[str, Json]:
    """The object of a file that is canonical JSON and a line feed, and of type ``medseal/1`` and ``what``.

    Raises ``TOO_LARGE``, ``MALFORMED`` or ``VERSION_NEWER``.
    """
    if len(file) > MAX_SIZE:
        raise failed("TOO_LARGE")
    value = parse(file.removesuffix(b"\n"), max_depth)
    if not file.endswith(b"\n") or not isinstance(value, dict):
        raise malformed("no object and a line feed")
    named = re.fullmatch(f"medseal/([1-9][0-9]*) {what}", str(value.get("type")))
    if named and int(named[1]) > 1:
        raise failed("VERSION_NEWER")
    if value.get("type") != f"medseal/1 {what}":
        raise malformed("type")
    return value


def read_head(value: Json) -> Header:
    """The head of a block, as in the exchange form."""
    if not isinstance(value, dict):
        raise malformed("block")
    return read_header(value)


def read_anchor(value: Json) -> Anchor:
    """An anchor of one of the three forms."""
    if not isinstance(value, dict):
        raise malformed("anchor")
    path = read_path(value["path"]) if "path" in value else []
    genesis_path = read_path(value["genesis_path"]) if "genesis_path" in value else []
    members = set(value)
    if members == {"checkpoint", "path"} and isinstance(value["checkpoint"], str):
        return Anchor(value["checkpoint"], None, path, genesis_path)
    if members == {"block", "path", "genesis_path"}:
        return Anchor(None, read_head(value["block"]), path, genesis_path)
    if members == {"genesis_path"}:
        return Anchor(None, None, path, genesis_path)
    raise malformed("anchor")


def read_path(value: Json) -> list[bytes]:
    """The hashes of a path, the lowest first."""
    hashes = from_base64url(value)
    if hashes is None or len(hashes) % HASH_LENGTH or len(hashes) > MAX_PATH * HASH_LENGTH:
        raise malformed("a path")
    return [hashes[at : at + HASH_LENGTH] for at in range(0, len(hashes), HASH_LENGTH)]


def demand(good: bool, code: str) -> None:
    """Raises a code where a check fails."""
    if not good:
        raise failed(code)


def failed(code: str) -> MedsealError:
    """A check that fails."""
    return MedsealError(code, f"it does not hold: {code}")
