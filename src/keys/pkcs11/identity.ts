import { randomBytes } from 'node:crypto';
import { equalBytes, toHex } from '../../bytes.js';
import type { Identity } from '../../crypto/identity.js';
import { type Curve, loadCurve, type PublicKey } from '../../crypto/secp256k1.js';
import { MedsealError } from '../../errors.js';
import type { Handle, Template } from './cryptoki.js';
import * as ck from './cryptoki.js';
import { openToken, type Token, type TokenOptions, told, toldLater } from './token.js';
import { type Pkcs11Uri, parsePkcs11Uri } from './uri.js';

/** An identity whose private key is in a PKCS #11 token and stays there. */
export interface HardwareIdentity extends Identity {
  /** Ends the session with the token. */
  close(): void;
}

/** DER of the curve's object identifier, 1.3.132.0.10: CKA_EC_PARAMS of a key on secp256k1. */
const SECP256K1 = Buffer.from('06052b8104000a', 'hex');

/**
 * The identity of a key that is in a token.
 * @param uri a PKCS #11 URI (RFC 7512), as `pkcs11:token=clinic;object=owner`
 * @throws {MedsealError} `USAGE`, `MODULE_UNAVAILABLE`, `TOKEN_NOT_FOUND`, `KEY_NOT_FOUND`, `PIN_WRONG`, `TOKEN_FAILED`;
 *   what `options.pin` throws
 */
export async function openHardwareIdentity(uri: string, options: TokenOptions): Promise<HardwareIdentity> {
  const wanted = parsePkcs11Uri(uri);
  return withToken(wanted, options, async (token) => {
    const privateKey = onlyKey(token, wanted);
    return identityOf(token, privateKey, await publicKeyOf(token, privateKey));
  });
}

/**
 * Generates a key pair in a token. The private key can neither be read nor be taken out.
 * @param uri a PKCS #11 URI (RFC 7512) with the key's label, `object`; its `id` is drawn where it is not given
 * @throws {MedsealError} as `openHardwareIdentity`; `KEY_EXISTS` where the token has such a key
 */
export async function generateHardwareIdentity(uri: string, options: TokenOptions): Promise<HardwareIdentity> {
  const wanted = parsePkcs11Uri(uri);
  const { object, id = randomBytes(16) } = wanted;
  if (object === undefined) throw new MedsealError('USAGE', 'a new key needs a label: "pkcs11:token=…;object=LABEL"');
  return withToken(wanted, options, async (token) => {
    if (findKeys(token, ck.CKO_PRIVATE_KEY, { object }).length > 0) {
      throw new MedsealError('KEY_EXISTS', `the token "${token.label}" has a key of this label; choose another`);
    }
    const { privateKey } = await token.exclusively(() =>
      toldLater(token.label, () =>
        token.cryptoki.C_GenerateKeyPairAsync(
          token.session,
          { mechanism: ck.CKM_EC_KEY_PAIR_GEN },
          publicTemplate(object, id),
          privateTemplate(object, id),
        ),
      ),
    );
    return identityOf(token, privateKey, await publicKeyOf(token, privateKey));
  });
}

function publicTemplate(object: string, id: Uint8Array): Template {
  return [
    { type: ck.CKA_TOKEN, value: true },
    { type: ck.CKA_LABEL, value: object },
    { type: ck.CKA_ID, value: Buffer.from(id) },
    { type: ck.CKA_EC_PARAMS, value: SECP256K1 },
    { type: ck.CKA_VERIFY, value: true },
  ];
}

function privateTemplate(object: string, id: Uint8Array): Template {
  return [
    { type: ck.CKA_TOKEN, value: true },
    { type: ck.CKA_PRIVATE, value: true },
    { type: ck.CKA_SENSITIVE, value: true },
    { type: ck.CKA_EXTRACTABLE, value: false },
    { type: ck.CKA_LABEL, value: object },
    { type: ck.CKA_ID, value: Buffer.from(id) },
    { type: ck.CKA_SIGN, value: true },
    { type: ck.CKA_DERIVE, value: true },
  ];
}

async function withToken<T>(uri: Pkcs11Uri, options: TokenOptions, run: (token: Token) => Promise<T>): Promise<T> {
  const token = await openToken(uri, options);
  try {
    return await run(token);
  } catch (error) {
    token.close();
    throw error;
  }
}

function identityOf(token: Token, privateKey: Handle, [publicKey, curve]: [PublicKey, Curve]): HardwareIdentity {
  return {
    publicKey,
    sign: (digest) =>
      token.exclusively(async () => {
        const signature = curve.lowS(await signRaw(token, privateKey, digest));
        // A token that errs would have its owner sign a block that nobody accepts.
        if (signature !== null && curve.verify(publicKey, digest, signature)) return signature;
        throw new MedsealError('TOKEN_FAILED', `the token "${token.label}" gave a signature that does not fit its key`);
      }),
    sharedSecret: (point) => token.exclusively(() => deriveX(token, privateKey, point)),
    close: () => token.close(),
  };
}

function signRaw(token: Token, privateKey: Handle, digest: Uint8Array): Promise<Uint8Array> {
  const { cryptoki, session, label } = token;
  return toldLater(label, () => {
    cryptoki.C_SignInit(session, { mechanism: ck.CKM_ECDSA }, privateKey);
    return cryptoki.C_SignAsync(session, Buffer.from(digest), Buffer.alloc(64));
  });
}

/** ECDH without a key derivation of the token's: those differ from maker to maker, and HPKE has its own. */
async function deriveX({ cryptoki, session, label }: Token, privateKey: Handle, point: Uint8Array): Promise<Buffer> {
  const parameter = { type: ck.CK_PARAMS_EC_DH, kdf: ck.CKD_NULL, publicData: Buffer.from(point) };
  const derived = await toldLater(label, () =>
    cryptoki.C_DeriveKeyAsync(session, { mechanism: ck.CKM_ECDH1_DERIVE, parameter }, privateKey, [
      { type: ck.CKA_CLASS, value: ck.CKO_SECRET_KEY },
      { type: ck.CKA_KEY_TYPE, value: ck.CKK_GENERIC_SECRET },
      { type: ck.CKA_TOKEN, value: false },
      { type: ck.CKA_SENSITIVE, value: false },
      { type: ck.CKA_EXTRACTABLE, value: true },
      { type: ck.CKA_VALUE_LEN, value: 32 },
    ]),
  );
  return told(label, () => {
    try {
      return attribute(cryptoki.C_GetAttributeValue(session, derived, [{ type: ck.CKA_VALUE }]));
    } finally {
      cryptoki.C_DestroyObject(session, derived);
    }
  });
}

function attribute([first]: { value: Uint8Array }[]): Buffer {
  return Buffer.from(first?.value ?? []);
}

/** @throws {MedsealError} `KEY_NOT_FOUND` where none is the one asked for, or several are */
function onlyKey(token: Token, wanted: Pkcs11Uri): Handle {
  const [only, ...others] = findKeys(token, ck.CKO_PRIVATE_KEY, wanted);
  if (only !== undefined && others.length === 0) return only;
  const message =
    only === undefined
      ? `the token "${token.label}" has no such key on secp256k1; "medseal keygen -o pkcs11:…" makes one`
      : `the token "${token.label}" has several such keys; name one with "object=…" or "id=…"`;
  throw new MedsealError('KEY_NOT_FOUND', message);
}

function findKeys(token: Token, kind: number, { object, id }: Pick<Pkcs11Uri, 'object' | 'id'>): Handle[] {
  const { cryptoki, session, label } = token;
  return told(label, () => {
    cryptoki.C_FindObjectsInit(session, [
      { type: ck.CKA_CLASS, value: kind },
      { type: ck.CKA_KEY_TYPE, value: ck.CKK_EC },
      { type: ck.CKA_EC_PARAMS, value: SECP256K1 },
      ...(object === undefined ? [] : [{ type: ck.CKA_LABEL, value: object }]),
      ...(id === undefined ? [] : [{ type: ck.CKA_ID, value: Buffer.from(id) }]),
    ]);
    try {
      return cryptoki.C_FindObjects(session, 2);
    } finally {
      cryptoki.C_FindObjectsFinal(session);
    }
  });
}

/** The public key beside a private one: they have their CKA_ID in common. */
async function publicKeyOf(token: Token, privateKey: Handle): Promise<[PublicKey, Curve]> {
  const { cryptoki, session, label } = token;
  const read = (key: Handle, type: number): Buffer =>
    told(label, () => attribute(cryptoki.C_GetAttributeValue(session, key, [{ type }])));
  const [publicKey] = findKeys(token, ck.CKO_PUBLIC_KEY, { id: read(privateKey, ck.CKA_ID) });
  if (publicKey === undefined) {
    throw new MedsealError('KEY_NOT_FOUND', `the token "${label}" has no public key of the same id beside this key`);
  }
  const point = rawPoint(read(publicKey, ck.CKA_EC_POINT));
  const curve = await loadCurve();
  const compressed = point === null ? '' : ((point[64] ?? 0) % 2 === 0 ? '02' : '03') + toHex(point.subarray(1, 33));
  if (point === null || !curve.isPublicKey(compressed) || !equalBytes(curve.uncompressed(compressed), point)) {
    throw new MedsealError('TOKEN_FAILED', `the token "${label}" has a public key that is no point on secp256k1`);
  }
  return [compressed, curve];
}

/** CKA_EC_POINT is the uncompressed point in a DER OCTET STRING; some tokens leave that away. */
function rawPoint(value: Buffer): Buffer | null {
  const raw = value.length === 67 && value[0] === 0x04 && value[1] === 0x41 ? value.subarray(2) : value;
  return raw.length === 65 && raw[0] === 0x04 ? raw : null;
}
