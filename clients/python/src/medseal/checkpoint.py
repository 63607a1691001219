"""Checkpoints: a few lines that say how far a ledger had come (spec/proofs.md, "Checkpoint")."""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import curve
from .encoding import MAX_INTEGER, from_base64, label, sha256
from .errors import MedsealError

MAX_SIZE = 65_536
MAX_SIGNATURES = 64

_TEXT = re.compile(r"medseal/([0-9a-f]{64})\n([1-9][0-9]{0,15})\n([A-Za-z0-9+/=]+)\n\Z")
_SIGNATURE = re.compile("— ([^\\s+\\x00-\\x1f\\x7f-\\x9f]+) ([A-Za-z0-9+/=]+)\\Z")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint that has its form; whether anybody signed it is another question."""

    ledger: bytes
    size: int
    root: bytes
    text: bytes
    signatures: tuple[tuple[str, bytes], ...]
    """Names, and key ids with the signatures behind them."""


def read_checkpoint(note: bytes) -> Checkpoint:
    """The checkpoint of a signed note. Raises ``CHECKPOINT_INVALID`` for whatever is not exactly of its form."""
    if len(note) > MAX_SIZE:
        raise _invalid()
    try:
        text, _, signatures = note.decode("utf-8").partition("\n\n")
    except UnicodeDecodeError:
        raise _invalid() from None
    found = _TEXT.match(text + "\n")
    root = from_base64(found[3]) if found else None
    if found is None or root is None or len(root) != 32 or not signatures.endswith("\n"):
        raise _invalid()
    if int(found[2]) > MAX_INTEGER:
        raise _invalid()
    lines = [_SIGNATURE.match(line) for line in signatures[:-1].split("\n")]
    signed = [(line[1], from_base64(line[2])) for line in lines if line]
    whole = tuple((name, value) for name, value in signed if value is not None and len(value) > 4)
    if not 1 <= len(lines) <= MAX_SIGNATURES or len(whole) != len(lines):
        raise _invalid()
    return Checkpoint(bytes.fromhex(found[1]), int(found[2]), root, f"{text}\n".encode(), whole)


def owner_signed(checkpoint: Checkpoint, owner: bytes) -> bool:
    """Whether at least one line has the owner's name and key id, and every such line is valid."""
    origin = f"medseal/{checkpoint.ledger.hex()}"
    key_id = sha256(origin.encode(), b"\n\xff", b"medseal/1 ecdsa-secp256k1", owner)[:4]
    digest = sha256(label("checkpoint"), checkpoint.text)
    own = [value[4:] for name, value in checkpoint.signatures if name == origin and value[:4] == key_id]
    return bool(own) and all(curve.verify(owner, digest, signature) for signature in own)


def _invalid() -> MedsealError:
    return MedsealError("CHECKPOINT_INVALID", "this is no checkpoint of a ledger")
