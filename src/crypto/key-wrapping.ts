import { Dhkem, type DhkemPrimitives, HkdfSha256Native, type KemId } from '@hpke/common';
import { Aes256Gcm, CipherSuite, HkdfSha256 } from '@hpke/core';
import { concat, label } from '../bytes.js';
import { isFailure, MedsealError } from '../errors.js';
import type { Identity } from './identity.js';
import { loadCurve, type PublicKey } from './secp256k1.js';

/** DHKEM(secp256k1, HKDF-SHA256) in IANA's registry; the library's own constant for it is out of date. */
const KEM_SECP256K1_HKDF_SHA256 = 0x0016 as KemId;
const ENCAPSULATED_LENGTH = 65;

/** What a `grant` carries: the encapsulated key (65 bytes) and the ciphertext with its tag. */
export interface WrappedKey {
  readonly enc: Uint8Array;
  readonly wrapped: Uint8Array;
}

/** Binds a wrapping to one ledger: `"medseal/1 grant" ‖ ledger id`. */
export function grantInfo(ledgerId: Uint8Array): Uint8Array {
  return concat(label('medseal/1 grant'), ledgerId);
}

/**
 * Wraps a key to a public key: HPKE (RFC 9180) base mode, DHKEM(secp256k1, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
 * @param ephemeral a fresh identity, used for this wrapping only
 */
export async function wrapKey(
  key: Uint8Array,
  recipient: PublicKey,
  info: Uint8Array,
  associated: Uint8Array,
  ephemeral: Identity,
): Promise<WrappedKey> {
  const sender = await suite().createSenderContext({
    recipientPublicKey: publicHandle((await loadCurve()).uncompressed(recipient)),
    info: toArrayBuffer(info),
    ekm: await keyPairHandle(ephemeral),
  });
  const wrapped = await sender.seal(toArrayBuffer(key), toArrayBuffer(associated));
  return { enc: new Uint8Array(sender.enc), wrapped: new Uint8Array(wrapped) };
}

/**
 * The wrapped key, or null where it was not wrapped to this identity, for this ledger and this statement.
 * @throws {MedsealError} `TOKEN_FAILED` where the recipient's key is in hardware that fails
 */
export async function unwrapKey(
  { enc, wrapped }: WrappedKey,
  recipient: Identity,
  info: Uint8Array,
  associated: Uint8Array,
): Promise<Uint8Array | null> {
  if (enc.length !== ENCAPSULATED_LENGTH) return null;
  // The library tells every failure alike, but a token that fails says nothing about the grant.
  let failure: MedsealError | null = null;
  const agree = async (point: Uint8Array): Promise<Uint8Array> => {
    try {
      return await recipient.sharedSecret(point);
    } catch (error) {
      if (error instanceof MedsealError && isFailure(error)) failure = error;
      throw error;
    }
  };
  const handle = await keyPairHandle({ ...recipient, sharedSecret: agree });
  try {
    const context = await suite().createRecipientContext({
      recipientKey: handle,
      enc: toArrayBuffer(enc),
      info: toArrayBuffer(info),
    });
    return new Uint8Array(await context.open(toArrayBuffer(wrapped), toArrayBuffer(associated)));
  } catch {
    if (failure !== null) throw failure;
    return null;
  }
}

/*
 * The library works with CryptoKey objects, which know no secp256k1. It never looks into them: it only hands them
 * back to these primitives, so ours carry an identity or a point instead.
 */
type Key = Parameters<DhkemPrimitives['dh']>[0];
type KeyPair = Awaited<ReturnType<DhkemPrimitives['generateKeyPair']>>;

interface PublicHandle {
  readonly point: Uint8Array;
}

interface PrivateHandle extends PublicHandle {
  readonly identity: Identity;
}

function publicHandle(point: Uint8Array): Key {
  return { point } satisfies PublicHandle as unknown as Key;
}

async function keyPairHandle(identity: Identity): Promise<KeyPair> {
  const point = (await loadCurve()).uncompressed(identity.publicKey);
  const privateKey = { point, identity } satisfies PrivateHandle as unknown as Key;
  return { publicKey: publicHandle(point), privateKey };
}

function pointOf(key: Key): Uint8Array {
  return (key as unknown as PublicHandle).point;
}

function identityOf(privateKey: Key): Identity {
  return (privateKey as unknown as PrivateHandle).identity;
}

const primitives: DhkemPrimitives = {
  serializePublicKey: async (key) => toArrayBuffer(pointOf(key)),
  deserializePublicKey: async (bytes) => publicHandle(new Uint8Array(bytes as ArrayBuffer)),
  derivePublicKey: async (key) => publicHandle(pointOf(key)),
  dh: async (privateKey, publicKey) => toArrayBuffer(await identityOf(privateKey).sharedSecret(pointOf(publicKey))),
  generateKeyPair: neverAsked,
  deriveKeyPair: neverAsked,
  importKey: neverAsked,
  serializePrivateKey: neverAsked,
  deserializePrivateKey: neverAsked,
};

/** The ephemeral pair is always given, and private keys never leave their identity, so these are not called. */
function neverAsked(): never {
  throw new MedsealError('ARGUMENT_INVALID', 'this key operation has no place in wrapping a key');
}

function suite(): CipherSuite {
  return new CipherSuite({
    kem: new Secp256k1Dhkem(),
    kdf: new HkdfSha256(),
    aead: new Aes256Gcm(),
  });
}

class Secp256k1Dhkem extends Dhkem {
  override readonly secretSize: number = 32;
  override readonly encSize: number = ENCAPSULATED_LENGTH;
  override readonly publicKeySize: number = 65;
  override readonly privateKeySize: number = 32;

  constructor() {
    super(KEM_SECP256K1_HKDF_SHA256, primitives, new HkdfSha256Native());
  }
}

function toArrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}
