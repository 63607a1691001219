"""Sealed records: their entry, and how their content is opened (spec/records.md)."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from .encoding import MAX_INTEGER, label, sha256, u64
from .errors import MedsealError

FIRST_BYTE = 0x01
ENTRY_LENGTH = 121
SALT_LENGTH = 32
UNBODIED_LENGTH = 89
"""Bytes of an entry before ``body_hash``: what the body is bound to."""


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """An entry of 121 bytes, and beside it what may be withheld, erased or lost."""

    entry: bytes
    salt: bytes | None
    body: bytes | None

    @property
    def key_id(self) -> bytes:
        """Names the group key, 16 bytes."""
        return self.entry[1:17]

    @property
    def row(self) -> int:
        """The row's number in its data set; row 0 is the header row."""
        return int.from_bytes(self.entry[17:25], "big")

    def fault(self) -> str | None:
        """What is wrong beside the entry: the first check that fails.

        ``SALT_MISSING`` and ``BODY_MISSING`` are faults only where no ``erase`` accounts for them.
        """
        if self.salt is None:
            return "SALT_MISSING"
        if len(self.salt) != SALT_LENGTH or sha256(label("salt"), self.salt) != self.entry[25:57]:
            return "SALT_MISMATCH"
        if self.body is None:
            return "BODY_MISSING"
        return None if body_hash(self.body) == self.entry[89:] else "BODY_MISMATCH"


def is_entry(entry: bytes) -> bool:
    """Whether these bytes are the entry of a sealed record."""
    return len(entry) == ENTRY_LENGTH and entry[0] == FIRST_BYTE and int.from_bytes(entry[17:25], "big") <= MAX_INTEGER


def body_hash(body: bytes) -> bytes:
    """H(``"medseal/1 body"`` ‖ body)."""
    return sha256(label("body"), body)


def commitment(record_key: bytes) -> bytes:
    """H(``"medseal/1 commitment"`` ‖ record key)."""
    return sha256(label("commitment"), record_key)


def record_key_info(ledger: bytes, salt: bytes, key_id: bytes, row: int) -> bytes:
    """The info of HKDF-Expand, 105 bytes."""
    return label("record") + ledger + salt + key_id + u64(row)


def derive_record_key(group_key: bytes, info: bytes) -> bytes:
    """HKDF-Expand (RFC 5869 section 2.3): the AES key of one record and of no other."""
    return HKDFExpand(hashes.SHA256(), 32, info).derive(group_key)


def open_record(record: SealedRecord, ledger: bytes, group_key: bytes) -> bytes | None:
    """The content of a record whose salt and body are those of its entry; ``None`` where it does not open."""
    if record.salt is None or record.body is None:
        return None
    key = derive_record_key(group_key, record_key_info(ledger, record.salt, record.key_id, record.row))
    return open_body(record, key)


def open_body(record: SealedRecord, record_key: bytes) -> bytes | None:
    """What a record key opens. The commitment comes first: AES-GCM alone does not bind its key."""
    if record.body is None or commitment(record_key) != record.entry[57:89]:
        return None
    try:
        padded = AESGCM(record_key).decrypt(bytes(12), record.body, record.entry[:UNBODIED_LENGTH])
    except (InvalidTag, ValueError):
        return None
    return unpad(padded)


def padded_length(length: int) -> int:
    """Bytes of a padded content: Padmé of one more, and at least 64."""
    total = length + 1
    if total < 2:
        return 64
    exponent = total.bit_length() - 1
    step = 1 << max(0, exponent - exponent.bit_length())
    return max(64, -(-total // step) * step)


def unpad(padded: bytes) -> bytes | None:
    """The content; ``None`` for any padding that is not the canonical one."""
    content = padded.rstrip(b"\0")
    if not content.endswith(b"\x80") or padded_length(len(content) - 1) != len(padded):
        return None
    return content[:-1]


def read_entry(entry: bytes) -> SealedRecord:
    """A record without salt and body. Raises ``MALFORMED``."""
    if not is_entry(entry):
        raise MedsealError("MALFORMED", "this is no entry of a sealed record")
    return SealedRecord(entry, None, None)
