import { chmodSync, closeSync, fstatSync, openSync, readSync, writeFileSync } from 'node:fs';
import { fromBase64url, toBase64url } from '../bytes.js';
import { identityFromPrivateKey, type SoftwareIdentity } from '../crypto/identity.js';
import { loadCurve } from '../crypto/secp256k1.js';
import { MedsealError } from '../errors.js';
import { publishFile, removeLeftovers, removeUnfinished, unfinishedName } from '../files.js';

/**
 * scrypt's work factor for key files, as a power of two: 2^17, 128 MiB and about half a second. That is what OWASP's
 * Password Storage Cheat Sheet recommends for scrypt; age's own default, 2^18, takes twice as much of both.
 */
const SCRYPT_WORK_FACTOR = 17;
const AGE_MAGIC = 'age-encryption.org/v1\n';
/** The most work (2^20) that is done for a file: whoever made it decides how much it asks for. */
const MOST_SCRYPT_WORK_FACTOR = 20;
const LARGEST = 64 * 1024;

/** A private key as RFC 7518 section 6.2 and RFC 8812 section 3.1 write it. */
interface PrivateJwk {
  readonly kty: 'EC';
  readonly crv: 'secp256k1';
  readonly x: string;
  readonly y: string;
  readonly d: string;
}

/**
 * Writes an identity to a key file that only its owner can read (0600): a JWK, in an age file where a passphrase is
 * given, which the standard `age` tool opens as well.
 * @param options.replace whether a file that is there is replaced
 * @throws {MedsealError} `FILE_EXISTS`, `OUTPUT_INVALID`, `OUTPUT_FAILED`
 */
export async function writeKeyFile(
  path: string,
  identity: SoftwareIdentity,
  options: { passphrase?: string; replace?: boolean } = {},
): Promise<void> {
  const text = `${JSON.stringify(await toJwk(identity))}\n`;
  const bytes = options.passphrase === undefined ? Buffer.from(text) : await encrypt(text, options.passphrase);
  removeLeftovers(path);
  const unfinished = unfinishedName(path);
  try {
    // Durable before it can replace anything: it may be the only copy of the key.
    writeFileSync(unfinished, bytes, { mode: 0o600, flag: 'wx', flush: true });
    chmodSync(unfinished, 0o600);
    publishFile(unfinished, path, { replace: options.replace ?? false });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new MedsealError('FILE_EXISTS', `${path} is there already; a key file is not overwritten without --force`, {
        file: path,
      });
    }
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new MedsealError('OUTPUT_INVALID', `cannot write ${path}: there is no such folder`, { file: path });
    }
    throw new MedsealError(
      'OUTPUT_FAILED',
      `cannot write ${path}: ${(cause as NodeJS.ErrnoException).code}`,
      { file: path },
      { cause },
    );
  } finally {
    removeUnfinished(unfinished);
  }
}

/**
 * Reads an identity from a key file.
 * @param passphrase asked for only where the file has one
 * @throws {MedsealError} `FILE_UNREADABLE`; `KEY_FILE_EXPOSED` where others may read the file; `KEY_FILE_INVALID`;
 *   `PASSPHRASE_WRONG`; what `passphrase` throws
 */
export async function readKeyFile(path: string, passphrase: () => Promise<string>): Promise<SoftwareIdentity> {
  const bytes = readPrivately(path);
  const text = isEncrypted(bytes) ? await decrypt(path, bytes, await passphrase()) : bytes.toString('utf8');
  return fromJwk(path, text);
}

/** Whether a key file asks for a passphrase. @throws {MedsealError} as `readKeyFile` */
export function keyFileIsEncrypted(path: string): boolean {
  return isEncrypted(readPrivately(path));
}

/** Whether other users can read a file. Windows has no such permissions. */
export function isExposed({ mode }: { readonly mode: number }): boolean {
  return process.platform !== 'win32' && (mode & 0o077) !== 0;
}

/** Whether these are the bytes of a key file that asks for a passphrase. */
export function isEncrypted(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, AGE_MAGIC.length)).toString('latin1') === AGE_MAGIC;
}

function readPrivately(path: string): Buffer {
  const place = { file: path };
  let bytes: Buffer;
  try {
    const file = openSync(path, 'r');
    try {
      bytes = readBeginning(file, LARGEST + 1);
      expectReadableForm(path, bytes);
      if (!mayBeKey(bytes)) throw invalid(path);
      if (isExposed(fstatSync(file))) {
        const message = `${path} can be read by other users; make it private first: chmod 600 ${path}`;
        throw new MedsealError('KEY_FILE_EXPOSED', message, place);
      }
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    if (cause instanceof MedsealError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file; "medseal keygen" makes one' : String(code);
    throw new MedsealError('FILE_UNREADABLE', `cannot read the key file ${path}: ${why}`, place, { cause });
  }
  if (bytes.length > LARGEST) {
    throw new MedsealError('KEY_FILE_INVALID', `${path} is no key file: it is too large`, place);
  }
  return bytes;
}

/** Whether it is worth hiding: who has given another file is told that, and not to change its mode. */
function mayBeKey(bytes: Buffer): boolean {
  return isEncrypted(bytes) || bytes.includes('"kty"');
}

/** A file of age in a form that is not read: in text, or of a version to come. */
function expectReadableForm(path: string, bytes: Buffer): void {
  const start = bytes.subarray(0, 100).toString('latin1');
  if (start.startsWith('-----BEGIN AGE ENCRYPTED FILE-----')) {
    const message = `${path} is a file of age in text form ("armored"), and a key file is in binary form: decrypt it with age, and encrypt it again without --armor`;
    throw new MedsealError('KEY_FILE_INVALID', message, { file: path });
  }
  const [, version] = /^age-encryption\.org\/(v\d+)\n/.exec(start) ?? [];
  if (version !== undefined && version !== 'v1') {
    const message = `${path} is a file of age ${version}, and this version of Medseal reads v1`;
    throw new MedsealError('KEY_FILE_INVALID', message, { file: path });
  }
}

/** A file's first bytes: a pipe or a device does not tell its size, and may have no end. */
function readBeginning(file: number, most: number): Buffer {
  const bytes = Buffer.alloc(most);
  let length = 0;
  for (let read = 1; read > 0 && length < most; length += read) {
    read = readSync(file, bytes, length, most - length, null);
  }
  return bytes.subarray(0, length);
}

async function encrypt(text: string, passphrase: string): Promise<Uint8Array> {
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  encrypter.setScryptWorkFactor(SCRYPT_WORK_FACTOR);
  encrypter.setPassphrase(passphrase);
  return encrypter.encrypt(text);
}

async function decrypt(path: string, bytes: Uint8Array, passphrase: string): Promise<string> {
  const { Decrypter } = await import('age-encryption');
  expectPassphrase(path, bytes);
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  try {
    return await decrypter.decrypt(bytes, 'text');
  } catch (cause) {
    const message = `${path} does not open: the passphrase is wrong, or the file is damaged`;
    throw new MedsealError('PASSPHRASE_WRONG', message, { file: path }, { cause });
  }
}

/**
 * An age file can be encrypted in other ways than this one, and is not damaged then (age-encryption.org/v1: the header is
 * lines of text, each recipient's begins with an arrow).
 */
function expectPassphrase(path: string, bytes: Uint8Array): void {
  const header = Buffer.from(bytes).toString('latin1').split('\n---')[0] ?? '';
  const [type, , logN] = /\n-> (\S+)(?: (\S+))?(?: (\S+))?/.exec(header)?.slice(1) ?? [];
  const how = `decrypt it with age, and make a key file of what comes out with "medseal keygen --import"`;
  if (type !== undefined && type !== 'scrypt') {
    const message = `${path} is encrypted for a key (${printableType(type)}), and not with a passphrase: ${how}`;
    throw new MedsealError('KEY_FILE_INVALID', message, { file: path });
  }
  if (logN !== undefined && /^[1-9]\d{0,19}$/.test(logN) && Number(logN) > MOST_SCRYPT_WORK_FACTOR) {
    const message = `${path} asks for more work than is done for a passphrase: its scrypt work factor is 2^${logN}, and 2^${MOST_SCRYPT_WORK_FACTOR} is the most; ${how}`;
    throw new MedsealError('KEY_FILE_INVALID', message, { file: path });
  }
}

/** The type of a recipient is text of a file of others. */
function printableType(type: string): string {
  return type.replace(/[^\w.-]/g, '?').slice(0, 40);
}

async function toJwk(identity: SoftwareIdentity): Promise<PrivateJwk> {
  const point = (await loadCurve()).uncompressed(identity.publicKey);
  return {
    kty: 'EC',
    crv: 'secp256k1',
    x: toBase64url(point.subarray(1, 33)),
    y: toBase64url(point.subarray(33)),
    d: toBase64url(identity.exportPrivateKey()),
  };
}

async function fromJwk(path: string, text: string): Promise<SoftwareIdentity> {
  let identity: SoftwareIdentity;
  let jwk: Partial<PrivateJwk> | null;
  try {
    jwk = JSON.parse(text) as Partial<PrivateJwk> | null;
    const privateKey = typeof jwk?.d === 'string' ? fromBase64url(jwk.d) : null;
    if (jwk?.kty !== 'EC' || jwk.crv !== 'secp256k1' || privateKey?.length !== 32) throw invalid(path);
    identity = await identityFromPrivateKey(privateKey);
  } catch {
    // The parser's own message could quote the key.
    throw invalid(path);
  }
  const { x, y } = await toJwk(identity);
  if (jwk?.x !== x || jwk.y !== y) throw invalid(path);
  return identity;
}

function invalid(path: string): MedsealError {
  const message = `${path} is no Medseal key file (a JWK of a secp256k1 private key)`;
  return new MedsealError('KEY_FILE_INVALID', message, { file: path });
}
