"""Files that a passphrase protects: age-encryption.org/v1, binary, with one scrypt stanza."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from .errors import MedsealError

MAGIC = b"age-encryption.org/v1\n"
MAX_WORK_FACTOR = 20
"""The highest logarithm of scrypt's N that is computed: 1 GiB of memory."""

_CHUNK = 64 * 1024
_TAG = 16
_HEADER = re.compile(
    rb"age-encryption\.org/v1\n-> scrypt ([A-Za-z0-9+/]{22}) ([1-9][0-9]?)\n([A-Za-z0-9+/]{43})\n---"
    rb" ([A-Za-z0-9+/]{43})\n"
)


def decrypt(file: bytes, passphrase: str) -> bytes:
    """The plaintext. Raises ``PASSPHRASE_WRONG``, also for a damaged file, and ``KEY_FILE_INVALID``."""
    header = _HEADER.match(file)
    if header is None or int(header[2]) > MAX_WORK_FACTOR:
        raise MedsealError("KEY_FILE_INVALID", "this is no age file that a passphrase protects")
    salt, wrapped, mac = (base64.b64decode(part + b"=" * (-len(part) % 4)) for part in header.group(1, 3, 4))
    stanza_key = Scrypt(b"age-encryption.org/v1/scrypt" + salt, 32, 2 ** int(header[2]), 8, 1).derive(
        passphrase.encode("utf-8")
    )
    try:
        file_key = ChaCha20Poly1305(stanza_key).decrypt(bytes(12), wrapped, None)
        authentic = hmac.new(_derive(file_key, b"", b"header"), file[: header.start(4) - 1], hashlib.sha256)
        if not hmac.compare_digest(authentic.digest(), mac):
            raise InvalidTag
        nonce, payload = file[header.end() : header.end() + 16], file[header.end() + 16 :]
        return _open_payload(_derive(file_key, nonce, b"payload"), payload)
    except InvalidTag:
        raise MedsealError("PASSPHRASE_WRONG", "the passphrase is not this key file's, or it is damaged") from None


def _open_payload(key: bytes, payload: bytes) -> bytes:
    """STREAM: chunks whose nonce is their number, and a last byte that says whether one is the last."""
    size = _CHUNK + _TAG
    chunks = [payload[at : at + size] for at in range(0, len(payload), size)] or [b""]
    plain = b""
    for number, chunk in enumerate(chunks):
        nonce = number.to_bytes(11, "big") + bytes([number + 1 == len(chunks)])
        plain += ChaCha20Poly1305(key).decrypt(nonce, chunk, None)
    return plain


def _derive(file_key: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt or None, info).derive(file_key)
