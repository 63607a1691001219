"""Exports that were compressed on the way: known by their first bytes, unpacked piece by piece."""

from __future__ import annotations

import gzip
import shutil
import zlib
from typing import BinaryIO, cast

from .errors import MedsealError

_GZIP = b"\x1f\x8b"
"""RFC 1952, section 2.3.1."""
_ZSTANDARD = b"\x28\xb5\x2f\xfd"
"""RFC 8878, section 3.1.1."""


def is_compressed(start: bytes) -> bool:
    """Whether what begins so must be unpacked. Raises ``COMPRESSION_UNAVAILABLE`` for Zstandard."""
    if start.startswith(_ZSTANDARD):
        message = "this is compressed with Zstandard, which is not read here: unpack it first (zstd -d), or use gzip"
        raise MedsealError("COMPRESSION_UNAVAILABLE", message)
    return start.startswith(_GZIP)


def unpack(packed: BinaryIO, into: BinaryIO) -> None:
    """Unpacks gzip, member behind member, a piece at a time. Raises ``COMPRESSION_INVALID`` for what is damaged."""
    try:
        with gzip.GzipFile(fileobj=packed, mode="rb") as unpacked:
            shutil.copyfileobj(cast(BinaryIO, unpacked), into)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        message = f"what is compressed (gzip) is damaged, cut off or followed by something else: {error}"
        raise MedsealError("COMPRESSION_INVALID", message) from error
