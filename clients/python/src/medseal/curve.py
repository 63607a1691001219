"""Signatures and key agreement on secp256k1 (spec/README.md, "Curve"). The arithmetic is the library's."""

from __future__ import annotations

from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .errors import MedsealError

ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
PUBLIC_KEY_LENGTH = 33
SIGNATURE_LENGTH = 64

_DIGEST = ec.ECDSA(Prehashed(hashes.SHA256()))


@lru_cache(maxsize=1024)
def _public_key(point: bytes) -> ec.EllipticCurvePublicKey | None:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256K1(), point)
    except ValueError:
        return None


def is_public_key(point: bytes) -> bool:
    """Whether these are the 33 bytes of a compressed point of the curve."""
    return len(point) == PUBLIC_KEY_LENGTH and point[0] in (2, 3) and _public_key(point) is not None


def verify(public_key: bytes, digest: bytes, signature: bytes) -> bool:
    """Whether ``signature``, r ‖ s with a low s, is that of ``public_key`` over the 32-byte ``digest``."""
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if len(signature) != SIGNATURE_LENGTH or not 1 <= r < ORDER or not 1 <= s <= (ORDER - 1) // 2:
        return False
    key = _public_key(public_key) if is_public_key(public_key) else None
    if key is None:
        return False
    try:
        key.verify(encode_dss_signature(r, s), digest, _DIGEST)
    except InvalidSignature:
        return False
    return True


class Identity:
    """A private key of the curve, which opens grants. Raises ``KEY_INVALID`` for 32 bytes that are none."""

    def __init__(self, private_key: bytes) -> None:
        scalar = int.from_bytes(private_key, "big")
        if len(private_key) != 32 or not 1 <= scalar < ORDER:
            raise MedsealError("KEY_INVALID", "this is no private key of secp256k1")
        self._key = ec.derive_private_key(scalar, ec.SECP256K1())
        self.public_key = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
        self.public_point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def shared_secret(self, point: bytes) -> bytes | None:
        """ECDH: the x coordinate of the shared point, 32 bytes; ``None`` where ``point`` is not on the curve."""
        other = _public_key(point)
        return None if other is None else self._key.exchange(ec.ECDH(), other)
