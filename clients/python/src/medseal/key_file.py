"""A private key on disk: a JWK, which a passphrase may protect (spec/keys.md, "Key file")."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from . import age
from .curve import Identity
from .encoding import from_base64url
from .errors import MedsealError

MAX_SIZE = 64 * 1024


def load_key(path: str | Path, passphrase: str | None = None) -> Identity:
    """The private key of a file that only its owner can read.

    Raises ``KEY_FILE_EXPOSED`` where others can read it, and what ``read_key`` raises.
    """
    with open(path, "rb") as file:
        content = file.read(MAX_SIZE + 1)
        if not _may_be_key(content):
            raise _invalid(f"{path} is neither a JWK nor an age file")
        if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o077:
            raise MedsealError("KEY_FILE_EXPOSED", f"others can read {path}: chmod 600 {path}")
        return read_key(content, passphrase)


def _may_be_key(content: bytes) -> bool:
    """Whether it is worth hiding: who has given another file is told that, and not to change its mode."""
    return content.startswith(age.MAGIC) or b'"kty"' in content


def read_key(file: bytes, passphrase: str | None = None) -> Identity:
    """The private key in the bytes of a key file.

    Raises ``PASSPHRASE_REQUIRED``, ``PASSPHRASE_WRONG`` or ``KEY_FILE_INVALID``.
    """
    if len(file) > MAX_SIZE:
        raise _invalid("more than 64 KiB")
    if file.startswith(age.MAGIC):
        if passphrase is None:
            raise MedsealError("PASSPHRASE_REQUIRED", "the key file is protected: give its passphrase")
        file = age.decrypt(file, passphrase)
    return _read_jwk(file)


def _read_jwk(text: bytes) -> Identity:
    try:
        jwk = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError):
        raise _invalid("no JSON") from None
    if not isinstance(jwk, dict) or jwk.get("kty") != "EC" or jwk.get("crv") != "secp256k1":
        raise _invalid("no JWK of a secp256k1 key")
    try:
        identity = Identity(_member(jwk, "d"))
    except MedsealError:
        raise _invalid("d") from None
    if _member(jwk, "x") + _member(jwk, "y") != identity.public_point[1:]:
        raise _invalid("x and y are not those of d")
    return identity


def _member(jwk: dict[str, Any], name: str) -> bytes:
    value = from_base64url(jwk.get(name))
    if value is None or len(value) != 32:
        raise _invalid(name)
    return value


def _invalid(what: str) -> MedsealError:
    return MedsealError("KEY_FILE_INVALID", f"the file holds no private key of secp256k1: {what}")
