import { createCipheriv, createDecipheriv, scryptSync } from 'node:crypto';
import { fromBase64, fromUtf8, toBase64, utf8 } from '../bytes.js';
import { type Task, task } from '../threads/task.js';

/*
 * The cryptocode package's form of encrypted text: AES-256-GCM under a key that scrypt makes of a password and a salt of
 * its own; text, salt, nonce and tag in base64, joined by "*". It takes 16 MiB and some tens of milliseconds each, by
 * scrypt's design, so it is done in threads.
 */

const SCRYPT = { N: 2 ** 14, r: 8, p: 1, maxmem: 64 * 1024 * 1024 } as const;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** As PyCryptodome chooses it; GCM's usual 12 would do as well. */
const NONCE_BYTES = 16;
const TAG_BYTES = 16;
/** Salts and nonces that somebody else has made; nobody makes longer ones. */
const MOST_BYTES = 1024;

export interface Encrypted {
  readonly data: string;
  readonly password: string;
}

export interface ToEncrypt {
  readonly text: string;
  readonly password: string;
  /** 32 bytes: the salt and the nonce. */
  readonly random: Uint8Array;
}

/** The text, or null where the data is not of this form or does not open under the password. */
export const decryptText: Task<Encrypted, string | null> = task(import.meta.url, 'decryptText', decrypt);

function decrypt({ data, password }: Encrypted): string | null {
  const parts = data.split('*').map(fromBase64);
  const [text, salt, nonce, tag] = parts;
  if (parts.length !== 4 || !text || !salt || !nonce || tag?.length !== TAG_BYTES) return null;
  if (salt.length > MOST_BYTES || nonce.length > MOST_BYTES || nonce.length === 0) return null;
  try {
    const key = scryptSync(password, salt, KEY_BYTES, SCRYPT);
    const cipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAuthTag(tag);
    return fromUtf8(Buffer.concat([cipher.update(text), cipher.final()]));
  } catch {
    // The tag does not fit: another password, or changed data.
    return null;
  }
}

export const encryptText: Task<ToEncrypt, string> = task(import.meta.url, 'encryptText', encrypt);

function encrypt({ text, password, random }: ToEncrypt): string {
  const [salt, nonce] = [random.subarray(0, SALT_BYTES), random.subarray(SALT_BYTES, SALT_BYTES + NONCE_BYTES)];
  const key = scryptSync(password, salt, KEY_BYTES, SCRYPT);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  const encrypted = Buffer.concat([cipher.update(utf8(text)), cipher.final()]);
  return [encrypted, salt, nonce, cipher.getAuthTag()].map(toBase64).join('*');
}
