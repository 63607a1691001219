import { toHex } from '../bytes.js';
import { loadCurve, type PublicKey } from '../crypto/secp256k1.js';
import { MedsealError } from '../errors.js';

/** A public key as the notebook writes it: base64 of the point's 64 bytes, x ‖ y. */
export async function notebookPublicKey(publicKey: PublicKey): Promise<string> {
  const point = (await loadCurve()).uncompressed(publicKey);
  return Buffer.from(point.subarray(1)).toString('base64');
}

/**
 * A public key as a person gives it: 66 hex characters (compressed), 130 (uncompressed), or the notebook's base64.
 * @throws {MedsealError} `USAGE`
 */
export async function parsePublicKey(text: string): Promise<PublicKey> {
  const curve = await loadCurve();
  const compressed = text.length === 66 ? text.toLowerCase() : compress(uncompressedBytes(text));
  if (compressed !== null && curve.isPublicKey(compressed)) {
    const given = uncompressedBytes(text);
    // The y coordinate, where it was given, must be the one of this point.
    if (given === null || Buffer.from(curve.uncompressed(compressed)).equals(given)) return compressed;
  }
  throw new MedsealError(
    'USAGE',
    'this is no public key on secp256k1: it has 66 hex characters and begins with 02 or 03, as "medseal key show" prints it',
  );
}

function uncompressedBytes(text: string): Buffer | null {
  if (/^04[0-9a-f]{128}$/i.test(text)) return Buffer.from(text, 'hex');
  const raw = Buffer.from(text, 'base64');
  return raw.length === 64 && raw.toString('base64') === text ? Buffer.concat([Buffer.of(4), raw]) : null;
}

function compress(point: Buffer | null): string | null {
  if (point === null) return null;
  const odd = (point[64] ?? 0) % 2 === 1;
  return (odd ? '03' : '02') + toHex(point.subarray(1, 33));
}
