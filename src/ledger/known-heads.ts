import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { MedsealError } from '../errors.js';
import { publishFile, removeLeftovers, removeUnfinished, unfinishedName } from '../files.js';

/** Room for the heads of more than 30,000 ledgers. */
const LARGEST = 8 * 1024 * 1024;

/** The newest block of a ledger that a signer knows of. */
export interface KnownHead {
  readonly index: number;
  /** The block's hash, hex. */
  readonly hash: string;
  readonly timestamp: string;
}

/**
 * What a signer remembers of the ledgers that it has written to, so that it never extends an older copy of one: two
 * different blocks of one number, both signed, would be two histories of one ledger.
 */
export interface KnownHeads {
  /** The newest head known of a ledger, null for none. @throws {MedsealError} `KEY_FILE_INVALID`, `FILE_UNREADABLE` */
  get(ledger: string): KnownHead | null;
  /** Remembers a head durably. @throws {MedsealError} `OUTPUT_FAILED` */
  set(ledger: string, head: KnownHead): void;
}

/**
 * Heads kept in a file beside the key file: `owner.key` has `owner.key.heads`.
 * @param onFailure told where a head cannot be remembered (a key on a medium that cannot be written); by default thrown
 */
export function headsBeside(keyFile: string, onFailure?: (error: MedsealError) => void): KnownHeads {
  const path = `${keyFile}.heads`;
  let swept = false;
  return {
    get(ledger) {
      const heads = read(path);
      return Object.hasOwn(heads, ledger) ? (heads[ledger] ?? null) : null;
    },
    set(ledger, head) {
      const heads = { ...read(path), [ledger]: head };
      // Heads come several times a second; what was left before is removed once.
      if (!swept) removeLeftovers(path);
      swept = true;
      const unfinished = unfinishedName(path);
      try {
        writeFileSync(unfinished, `${JSON.stringify(heads, null, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true });
        publishFile(unfinished, path, { replace: true });
      } catch (cause) {
        removeUnfinished(unfinished);
        const { code } = cause as NodeJS.ErrnoException;
        const message = `cannot remember the ledger's newest block in ${path}: ${code}`;
        const error = new MedsealError('OUTPUT_FAILED', message, { file: path }, { cause });
        if (onFailure === undefined) throw error;
        onFailure(error);
      }
    },
  };
}

function read(path: string): Record<string, KnownHead> {
  let text: string;
  try {
    // What is no file, or too large to be ours, is told below to be damaged.
    const stats = statSync(path);
    text = stats.isFile() && stats.size <= LARGEST ? readFileSync(path, 'utf8') : '';
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return {};
    throw new MedsealError('FILE_UNREADABLE', `cannot read ${path}: ${code}`, { file: path }, { cause });
  }
  try {
    const heads: unknown = JSON.parse(text);
    if (typeof heads === 'object' && heads !== null && !Array.isArray(heads) && Object.values(heads).every(isHead)) {
      return heads as Record<string, KnownHead>;
    }
  } catch {
    // Told below, with what to do about it.
  }
  throw new MedsealError(
    'KEY_FILE_INVALID',
    `${path} is damaged; it keeps the newest block of each ledger that this key has signed. Restore it, or remove it if you are sure that your ledgers are their newest copies`,
    { file: path },
  );
}

function isHead(head: unknown): boolean {
  const { index, hash, timestamp } = (head ?? {}) as Partial<KnownHead>;
  return Number.isSafeInteger(index) && Number(index) > 0 && typeof hash === 'string' && typeof timestamp === 'string';
}
