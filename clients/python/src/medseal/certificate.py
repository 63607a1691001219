"""Erasure certificates, checked without the ledger (spec/proofs.md, "Erasure certificate")."""

from __future__ import annotations

from dataclasses import dataclass

from .anchor import Anchor, check_block, demand, failed, read_anchor, read_document, read_head, read_path
from .canonical_json import Json, serialize
from .checkpoint import Checkpoint
from .curve import PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH, verify
from .encoding import HASH_LENGTH, from_hex, label, parse_time, sha256
from .errors import MedsealError
from .header import Header, is_integer, malformed
from .merkle import root_by_path
from .statements import Statement, check_statement

MAX_DEPTH = 11
MAX_VALUES = 1_048_576

_MEMBERS = frozenset(("type", "ledger", "erasures", "block", "anchor", "at", "by", "signature"))


@dataclass(frozen=True, slots=True)
class Erasure:
    """An ``erase`` statement, and where it stands in its block."""

    statement: Statement
    position: int
    path: list[bytes]

    @property
    def records(self) -> int:
        """How many records it covers."""
        entries = self.statement["entries"]
        return len(entries) if isinstance(entries, list) else 0


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that has its form."""

    ledger: bytes
    erasures: list[Erasure]
    block: Header
    anchor: Anchor
    at: str
    by: bytes
    digest: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Certified:
    """What a certificate shows: what was to be erased, and who says that it has been."""

    certificate: Certificate
    size: int
    root: bytes


def verify_certificate(file: bytes, owner: bytes, checkpoint: Checkpoint | None = None) -> Certified:
    """Checks a certificate with the pinned public key, and perhaps a checkpoint from elsewhere.

    Raises the code of the first check that fails.
    """
    certificate = read_certificate(file)
    block = certificate.block
    for erasure in certificate.erasures:
        root = root_by_path(serialize(erasure.statement), erasure.position, block.data_size, erasure.path)
        demand(root == block.data_hash, "DATA_MISMATCH")
    size, tree = check_block(certificate.ledger, block, certificate.anchor, owner, checkpoint)
    demand(certificate.at >= block.timestamp, "TIME_BACKWARDS")
    demand(verify(certificate.by, certificate.digest, certificate.signature), "SIGNATURE_INVALID")
    return Certified(certificate, size, tree)


def read_certificate(file: bytes) -> Certificate:
    """A certificate of its form. Raises ``TOO_LARGE``, ``MALFORMED`` or ``VERSION_NEWER``."""
    value = read_document(file, "erasure-certificate", MAX_DEPTH)
    if _count(value) > MAX_VALUES:
        raise failed("TOO_LARGE")
    if value.keys() != _MEMBERS:
        raise malformed("members")
    ledger, signature = from_hex(value["ledger"], HASH_LENGTH), from_hex(value["signature"], SIGNATURE_LENGTH)
    by, at = from_hex(value["by"], PUBLIC_KEY_LENGTH), value["at"]
    if ledger is None or signature is None or by is None or parse_time(at) is None:
        raise malformed("ledger, at, by or signature")
    signed = serialize({name: member for name, member in value.items() if name != "signature"})
    return Certificate(
        ledger=ledger,
        erasures=_erasures(value["erasures"]),
        block=read_head(value["block"]),
        anchor=read_anchor(value["anchor"]),
        at=str(at),
        by=by,
        digest=sha256(label("certificate"), signed),
        signature=signature,
    )


def _erasures(value: Json) -> list[Erasure]:
    erasures = [_erasure(item) for item in value] if isinstance(value, list) else []
    positions = [erasure.position for erasure in erasures]
    if not erasures or positions != sorted(set(positions)):
        raise malformed("erasures")
    return erasures


def _erasure(value: Json) -> Erasure:
    if not isinstance(value, dict) or value.keys() != {"statement", "position", "entry_path"}:
        raise malformed("an erasure")
    statement, position = value["statement"], value["position"]
    if not isinstance(statement, dict) or statement.get("kind") != "erase":
        raise malformed("an erasure's statement")
    if type(position) is not int or not is_integer(position, 0):
        raise malformed("an erasure's position")
    try:
        check_statement(statement)
    except MedsealError as error:
        raise error if error.code == "TOO_LARGE" else malformed("an erasure's statement") from None
    return Erasure(statement, position, read_path(value["entry_path"]))


def _count(value: Json) -> int:
    """How many values there are, one within the other, each object and array counting too."""
    if isinstance(value, dict):
        return 1 + sum(_count(item) for item in value.values())
    return 1 + sum(_count(item) for item in value) if isinstance(value, list) else 1
