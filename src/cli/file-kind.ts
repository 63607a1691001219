import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { type Form, formOf } from '../compression/forms.js';
import type { ErrorCode, MedsealError } from '../errors.js';

type FileKind = 'ledger' | 'checkpoint' | 'export' | 'proof' | 'state' | 'proposal' | 'key' | 'other key' | 'text';

/** What a file can be, how such a file begins, and which command takes it. */
const KINDS: readonly { readonly kind: FileKind; readonly start: RegExp; readonly says: string }[] = [
  { kind: 'ledger', start: /^SQLite format 3\p{Cc}/u, says: 'it is a ledger, which "medseal verify" judges' },
  {
    kind: 'checkpoint',
    start: /^medseal\/[0-9a-f]{64}\n/,
    says: 'it is a checkpoint: "medseal verify LEDGER --checkpoint FILE" judges a ledger by it',
  },
  {
    kind: 'export',
    start: /^\{"data":\[/,
    says: 'it is an export of a ledger, which "medseal verify" judges and of which "medseal import" makes a ledger',
  },
  {
    kind: 'proof',
    start: /^\{"anchor":\{/,
    says: 'it looks like a proof or a certificate, which "medseal verify-proof" judges',
  },
  {
    kind: 'state',
    start: /^\{"anchor":(?:null|\d+),"blocks":/,
    says: 'it is what "medseal verify --save-state" has kept, for "medseal verify --since FILE"',
  },
  {
    kind: 'proposal',
    start: /^\{"ledger":"[0-9a-f]{64}","medseal":"proposal"/,
    says: 'it is a proposal, which "medseal approve" and "medseal submit" take',
  },
  {
    kind: 'key',
    start: /^(?:age-encryption\.org\/v1\n|\{"kty":"EC")/,
    says: 'it is a key file, whose public key "medseal key show" tells',
  },
  {
    kind: 'other key',
    // PEM, and the curve's name that openssl writes before it; a notebook's; a JWK; hex. A table can have such columns too.
    start:
      /^\s*(?:(?:-----BEGIN EC PARAMETERS-----[^-]*-----END EC PARAMETERS-----\s*)?-----BEGIN [A-Z ]*PRIVATE KEY|\{[^{}]*"private"\s*:\s*"[0-9a-fA-F]{64}"|\{(?=[^{}]*"kty"\s*:\s*"EC")[^{}]*"d"\s*:|[0-9a-fA-F]{64}\s*$)/,
    says: 'it looks like a private key of another tool, of which "medseal keygen --import FILE" makes a key file',
  },
  {
    kind: 'text',
    start: /^[^{[\p{Cc}][\P{Cc}\t\r\n]*$/u,
    says: 'it is text, such as a table, which "medseal seal" seals',
  },
];

/** What a file should have been that is refused with a code. */
const TAKEN: { readonly [code in ErrorCode]?: FileKind } = {
  NOT_A_LEDGER: 'ledger',
  CHECKPOINT_INVALID: 'checkpoint',
  KEY_FILE_INVALID: 'key',
  PROPOSAL_INVALID: 'proposal',
};

/** As many bytes as tell a file's kind. */
const BEGINNING = 4096;

/**
 * Tells somebody who gave a wrong file what they gave, by its first bytes.
 * @param taken what was asked for: such a file is not the wrong kind, but damaged
 * @returns null where it cannot be told
 */
export function otherKind(file: Uint8Array, taken: FileKind): string | null {
  const start = file.subarray(0, BEGINNING);
  const form = formOf(start);
  if (form !== null) return compressedKind(form, start, taken);
  const found = kindOf(start);
  if (found === undefined || found.kind === taken) return null;
  // What stands where a key is expected can be a secret in a form that is not known here: no table to be sealed.
  return found.kind === 'text' && taken === 'key' ? null : found.says;
}

/** Exports are read compressed, where a ledger or an export is asked for; nothing else is that has a kind. */
function compressedKind({ name, beginning }: Form, start: Uint8Array, taken: FileKind): string {
  const unpacked = beginning(start);
  const within = unpacked === null ? undefined : kindOf(unpacked);
  const compressed = `it is compressed with ${name}`;
  if (within?.kind === taken || (within === undefined && taken !== 'ledger')) return `${compressed}: unpack it first`;
  if (within === undefined) return `${compressed}, and what is in it is no export`;
  return `${compressed}; unpacked, ${within.says}`;
}

/** The same of a file that an error names. What is read of a pipe would be gone: it is left alone. */
export function otherKindIn({ code, place: { file } }: MedsealError): string | null {
  const taken = TAKEN[code];
  if (taken === undefined || file === undefined) return null;
  const start = beginningOf(file);
  return start === null ? null : otherKind(start, taken);
}

/** What a file is of which there may be no other copy, and that nothing makes again; null for any other. */
export function irreplaceable(path: string): 'a ledger' | 'a private key' | null {
  const kind = kindIn(path);
  if (kind === 'ledger') return 'a ledger';
  return kind === 'key' || kind === 'other key' ? 'a private key' : null;
}

/** What a file looks like; null for what is no file, cannot be read, or cannot be told. */
export function kindIn(path: string): FileKind | null {
  const start = beginningOf(path);
  return (start === null ? null : kindOf(start)?.kind) ?? null;
}

function kindOf(start: Uint8Array): (typeof KINDS)[number] | undefined {
  // A character may be cut off at the end, so this is no strict decoding.
  const text = Buffer.from(start).toString('utf8');
  return KINDS.find((each) => each.start.test(text));
}

/** Null for what is no file, or cannot be read. */
function beginningOf(path: string): Uint8Array | null {
  try {
    if (!statSync(path).isFile()) return null;
    const start = Buffer.alloc(BEGINNING);
    const file = openSync(path, 'r');
    try {
      return start.subarray(0, readSync(file, start, 0, BEGINNING, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  }
}
