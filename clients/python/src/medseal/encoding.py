"""Bytes and their texts (spec/README.md, "Bytes"; spec/ledger.md, "Time")."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime, timedelta

HASH_LENGTH = 32
MAX_INTEGER = 2**53 - 1
CLOCK_TOLERANCE = timedelta(minutes=5)

_HEX = re.compile(r"(?:[0-9a-f]{2})*\Z")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*\Z")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z\Z")


def label(name: str) -> bytes:
    """``"medseal/1 name"`` in a hash or an info: those ASCII bytes and one zero byte."""
    return b"medseal/1 " + name.encode("ascii") + b"\0"


def sha256(*parts: bytes) -> bytes:
    """H of the parts, one behind the other: 32 bytes."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()


def u64(number: int) -> bytes:
    """``number`` as 8 bytes, big-endian."""
    return number.to_bytes(8, "big")


def from_hex(value: object, length: int) -> bytes | None:
    """The bytes of canonical hex; ``None`` where ``value`` is no text of exactly ``length`` bytes of it."""
    if not isinstance(value, str) or len(value) != 2 * length or not _HEX.match(value):
        return None
    return bytes.fromhex(value)


def from_base64url(value: object) -> bytes | None:
    """The bytes of canonical base64url without padding; ``None`` for anything else."""
    if not isinstance(value, str) or len(value) % 4 == 1 or not _BASE64URL.match(value):
        return None
    decoded = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    return decoded if to_base64url(decoded) == value else None


def to_base64url(value: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")


def from_base64(value: str) -> bytes | None:
    """The bytes of canonical standard base64 with padding (RFC 4648 section 4); ``None`` for anything else."""
    try:
        decoded = base64.b64decode(value, validate=True)
    except ValueError:
        return None
    return decoded if base64.b64encode(decoded) == value.encode() else None


def parse_time(value: object) -> datetime | None:
    """A real date and time of the form ``YYYY-MM-DDTHH:MM:SS.mmmZ``; ``None`` for anything else."""
    if not isinstance(value, str) or not _TIME.match(value):
        return None
    try:
        return datetime.fromisoformat(value[:-1]).replace(tzinfo=UTC)
    except ValueError:
        return None


def is_ahead(time: str, of: datetime) -> bool:
    """Whether ``time`` is more than 5 minutes later than ``of``; exactly 5 minutes are not."""
    parsed = parse_time(time)
    return parsed is not None and parsed - of > CLOCK_TOLERANCE
