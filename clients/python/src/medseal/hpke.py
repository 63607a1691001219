"""HPKE (RFC 9180) in base mode, with DHKEM(secp256k1, HKDF-SHA256) and AES-256-GCM (spec/keys.md, "Grant")."""

from __future__ import annotations

import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from .curve import Identity

KEM_SUITE = b"KEM" + (0x0016).to_bytes(2, "big")
HPKE_SUITE = b"HPKE" + b"".join(part.to_bytes(2, "big") for part in (0x0016, 0x0001, 0x0002))
_VERSION = b"HPKE-v1"


def open_sealed(identity: Identity, enc: bytes, info: bytes, aad: bytes, ciphertext: bytes) -> bytes | None:
    """The plaintext that was sealed to ``identity``; ``None`` where it does not open."""
    if len(enc) != 65 or enc[0] != 4:
        return None
    shared = identity.shared_secret(enc)
    if shared is None:
        return None
    key, nonce = key_schedule(kem_secret(shared, enc, identity.public_point), info)
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, aad)
    except InvalidTag:
        return None


def kem_secret(shared: bytes, enc: bytes, public_point: bytes) -> bytes:
    """ExtractAndExpand of section 4.1, from the x coordinate of the shared point."""
    prk = _extract(KEM_SUITE, b"", b"eae_prk", shared)
    return _expand(KEM_SUITE, prk, b"shared_secret", enc + public_point, 32)


def key_schedule(secret: bytes, info: bytes) -> tuple[bytes, bytes]:
    """KeySchedule of section 5.1 in base mode: the key, and the nonce of the only message."""
    psk_id_hash = _extract(HPKE_SUITE, b"", b"psk_id_hash", b"")
    info_hash = _extract(HPKE_SUITE, b"", b"info_hash", info)
    context = b"\0" + psk_id_hash + info_hash
    prk = _extract(HPKE_SUITE, secret, b"secret", b"")
    return _expand(HPKE_SUITE, prk, b"key", context, 32), _expand(HPKE_SUITE, prk, b"base_nonce", context, 12)


def _extract(suite: bytes, salt: bytes, label: bytes, material: bytes) -> bytes:
    """LabeledExtract: HKDF's extract step is an HMAC (RFC 5869 section 2.2)."""
    return hmac.new(salt or bytes(32), _VERSION + suite + label + material, hashlib.sha256).digest()


def _expand(suite: bytes, prk: bytes, label: bytes, info: bytes, length: int) -> bytes:
    """LabeledExpand."""
    labelled = length.to_bytes(2, "big") + _VERSION + suite + label + info
    return HKDFExpand(hashes.SHA256(), length, labelled).derive(prk)
