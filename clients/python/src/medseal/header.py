"""A block's header and the hashes over it (spec/ledger.md, "Block")."""

from __future__ import annotations

from dataclasses import dataclass

from . import curve
from .canonical_json import Json, serialize
from .encoding import HASH_LENGTH, from_hex, label, parse_time, sha256, u64
from .errors import MedsealError

MAX_DIFFICULTY = 48
MAX_ENTRIES = 65_535
HEADER_MEMBERS = frozenset(
    ("version", "index", "timestamp", "previous_hash", "history_hash", "data_hash", "data_size", "difficulty", "signer")
)
NO_BLOCK = b""
"""``previous_hash`` of the genesis block, which JSON writes ``"0"``."""


@dataclass(frozen=True, slots=True)
class Header:
    """The head of a block: what its signer signed, and the signature."""

    index: int
    timestamp: str
    previous_hash: bytes
    history_hash: bytes
    data_hash: bytes
    data_size: int
    difficulty: int
    signer: bytes
    proof: int
    signature: bytes
    header_hash: bytes

    @property
    def hash(self) -> bytes:
        """block_hash: everything in the block is covered by it."""
        return sha256(self.header_hash, u64(self.proof), self.signature)

    def is_signed(self) -> bool:
        """Whether the signature is the signer's."""
        digest = sha256(label("block"), self.header_hash, u64(self.proof))
        return curve.verify(self.signer, digest, self.signature)

    def is_worked(self) -> bool:
        """Whether the proof of work reaches the block's own difficulty."""
        return leading_zero_bits(work_hash(self.header_hash, self.proof)) >= self.difficulty


def work_hash(header_hash: bytes, proof: int) -> bytes:
    """H(header_hash ‖ u64(proof))."""
    return sha256(header_hash, u64(proof))


def leading_zero_bits(value: bytes) -> int:
    """Zero bits from the first byte's highest bit on."""
    return 8 * len(value) - int.from_bytes(value, "big").bit_length()


def is_integer(value: object, least: int = 0, most: int | None = None) -> bool:
    """Whether this is a number of JSON within bounds: ``True`` and ``False`` are none."""
    return type(value) is int and value >= least and (most is None or value <= most)


def read_header(members: dict[str, Json]) -> Header:
    """The header of an object with exactly the members of a header, ``proof`` and ``signature``.

    Raises ``VERSION_NEWER`` where ``version`` is a number above 1, whatever else there is, and ``MALFORMED``.
    """
    check_version(members)
    if set(members) != HEADER_MEMBERS | {"proof", "signature"}:
        raise malformed("members")
    hashed: dict[str, Json] = {name: members[name] for name in HEADER_MEMBERS}
    previous = NO_BLOCK if members["previous_hash"] == "0" else _hex(members, "previous_hash", HASH_LENGTH)
    if parse_time(members["timestamp"]) is None:
        raise malformed("timestamp")
    size = _integer(members, "data_size", 1)
    if size > MAX_ENTRIES:
        raise MedsealError("TOO_LARGE", "a block of more than 65,535 entries")
    return Header(
        index=_integer(members, "index", 1),
        timestamp=str(members["timestamp"]),
        previous_hash=previous,
        history_hash=_hex(members, "history_hash", HASH_LENGTH),
        data_hash=_hex(members, "data_hash", HASH_LENGTH),
        data_size=size,
        difficulty=_integer(members, "difficulty", 0, MAX_DIFFICULTY),
        signer=_hex(members, "signer", curve.PUBLIC_KEY_LENGTH),
        proof=_integer(members, "proof", 0),
        signature=_hex(members, "signature", curve.SIGNATURE_LENGTH),
        header_hash=sha256(serialize(hashed)),
    )


def check_version(members: dict[str, Json]) -> None:
    """Raises ``VERSION_NEWER`` for a number above 1, and ``MALFORMED`` for anything else than 1."""
    version = members.get("version")
    if type(version) is int and version > 1:
        raise MedsealError("VERSION_NEWER", f"a block of format {version}, which this version does not know")
    if type(version) is not int or version != 1:
        raise malformed("version")


def malformed(what: str) -> MedsealError:
    """A block that does not have its form."""
    return MedsealError("MALFORMED", f"this is no block: {what}")


def _hex(members: dict[str, Json], name: str, length: int) -> bytes:
    value = from_hex(members[name], length)
    if value is None:
        raise malformed(name)
    return value


def _integer(members: dict[str, Json], name: str, least: int, most: int | None = None) -> int:
    value = members[name]
    if type(value) is not int or not is_integer(value, least, most):
        raise malformed(name)
    return value
