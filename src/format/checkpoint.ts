import { sha256 } from '#primitives';
import { concat, equalBytes, fromBase64, fromHex, fromUtf8, isHex, label, toBase64, toHex, utf8 } from '../bytes.js';
import type { Identity } from '../crypto/identity.js';
import type { Curve, PublicKey } from '../crypto/secp256k1.js';
import { MedsealError } from '../errors.js';

/** The state of a ledger as a checkpoint names it: how many blocks, and the tree hash over all their hashes. */
export interface LedgerHead {
  /** The ledger's id, hex. */
  readonly ledger: string;
  /** Number of blocks, at least 1. */
  readonly size: number;
  /** The tree hash, hex; leaf i is the hash of block i + 1. */
  readonly root: string;
}

/** One signature line of a note. Whose it is, the key id says to those who know the key. */
interface NoteSignature {
  readonly name: string;
  /** 4 bytes. */
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

/** A checkpoint: a signed note (C2SP signed-note, tlog-checkpoint) about the state of a ledger. */
export interface Checkpoint extends LedgerHead {
  /** The whole note, as it was read. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** Far more than a checkpoint with the signatures of its witnesses takes. */
export const MAX_CHECKPOINT_BYTES: number = 64 * 1024;
const MAX_SIGNATURES = 64;

const ORIGIN = 'medseal/';
const SIGNING_LABEL = label('medseal/1 checkpoint');
/** What a key id is made of beside name and key (signed-note, "Signature types": 0xff and the type's own name). */
const KEY_TYPE = concat(Uint8Array.of(0x0a, 0xff), utf8('medseal/1 ecdsa-secp256k1'));
const SIGNATURE_LINE = /^\u2014 ([^\p{White_Space}+\p{Cc}]+) ([A-Za-z0-9+/]+={0,2})$/u;

/** The text that is signed: three lines, each with its line feed. */
function noteText({ ledger, size, root }: LedgerHead): string {
  return `${ORIGIN}${ledger}\n${size}\n${toBase64(fromHex(root, 32) ?? new Uint8Array(0))}\n`;
}

/** `H("medseal/1 checkpoint" ‖ note text)`. */
function checkpointDigest(head: LedgerHead): Uint8Array {
  return sha256(SIGNING_LABEL, utf8(noteText(head)));
}

/** The first 4 bytes of `H(origin ‖ 0x0A ‖ 0xff ‖ "medseal/1 ecdsa-secp256k1" ‖ public key)`. */
function checkpointKeyId(ledger: string, publicKey: PublicKey): Uint8Array {
  const key = fromHex(publicKey, 33) ?? new Uint8Array(0);
  return sha256(utf8(ORIGIN + ledger), KEY_TYPE, key).subarray(0, 4);
}

/** Signs a state of a ledger; returns the checkpoint's text. */
export async function signCheckpoint(head: LedgerHead, signer: Identity): Promise<string> {
  const signature = await signer.sign(checkpointDigest(head));
  const line = toBase64(concat(checkpointKeyId(head.ledger, signer.publicKey), signature));
  return `${noteText(head)}\n\u2014 ${ORIGIN}${head.ledger} ${line}\n`;
}

/**
 * Reads a checkpoint. Its signatures are not checked: see `isSignedBy`.
 * @throws {MedsealError} `CHECKPOINT_INVALID` for anything that is not exactly a checkpoint of a Medseal ledger
 */
export function parseCheckpoint(bytes: Uint8Array): Checkpoint {
  if (bytes.length > MAX_CHECKPOINT_BYTES) throw invalid('it is larger than 64 KiB');
  const text = fromUtf8(bytes);
  if (text === null) throw invalid('it is not UTF-8');
  const [origin = '', size = '', root = '', blank, ...rest] = text.split('\n');
  if (rest.pop() !== '' || blank !== '') {
    throw invalid('it is not three lines, a blank line, and signature lines, each with its line feed');
  }
  const ledger = origin.slice(ORIGIN.length);
  if (!origin.startsWith(ORIGIN) || !isHex(ledger, 32)) throw invalid('its first line is not "medseal/" and an id');
  if (!/^[1-9]\d{0,15}$/.test(size) || !Number.isSafeInteger(Number(size))) {
    throw invalid('its second line is not a number of blocks');
  }
  const hash = fromBase64(root);
  if (hash?.length !== 32) throw invalid('its third line is not the base64 of a hash');
  if (rest.length < 1 || rest.length > MAX_SIGNATURES) throw invalid(`it has not 1 to ${MAX_SIGNATURES} signatures`);
  return { ledger, size: Number(size), root: toHex(hash), text, signatures: rest.map(parseSignature) };
}

function parseSignature(line: string): NoteSignature {
  const [, name, encoded] = SIGNATURE_LINE.exec(line) ?? [];
  const bytes = encoded === undefined ? null : fromBase64(encoded);
  if (name === undefined || bytes === null || bytes.length < 5) throw invalid('a signature line is not well-formed');
  return { name, keyId: bytes.subarray(0, 4), signature: bytes.subarray(4) };
}

function invalid(why: string): MedsealError {
  return new MedsealError('CHECKPOINT_INVALID', `this is not a checkpoint of a Medseal ledger: ${why}`);
}

/**
 * Whether a checkpoint carries a valid signature of this key. Lines under other names or key ids (those of witnesses,
 * say) are passed over, as signed-note demands; of those under this key's, each must be valid.
 */
export function isSignedBy(checkpoint: Checkpoint, publicKey: PublicKey, curve: Curve): boolean {
  const keyId = checkpointKeyId(checkpoint.ledger, publicKey);
  const lines = checkpoint.signatures.filter(
    (line) => line.name === ORIGIN + checkpoint.ledger && equalBytes(line.keyId, keyId),
  );
  const digest = checkpointDigest(checkpoint);
  return (
    lines.length > 0 &&
    lines.every(({ signature }) => signature.length === 64 && curve.verify(publicKey, digest, signature))
  );
}
