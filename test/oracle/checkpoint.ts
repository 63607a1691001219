// Checkpoints, from the pages of C2SP signed-note and tlog-checkpoint and the specification's "Checkpoint".

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { type Bytes, demand, fromHex, H, hex, join, label, utf8 } from './bytes.js';
import { treeHash } from './merkle.js';

export type OracleCheckpoint = { ledger: string; size: number; root: string; text: string; lines: string[] };

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

export function noteText(ledger: string, size: number, root: Uint8Array): string {
  return `medseal/${ledger}\n${size}\n${base64(root)}\n`;
}

function keyIdOf(ledger: string, publicKey: Uint8Array): Bytes {
  const type = utf8('medseal/1 ecdsa-secp256k1');
  return H(utf8(`medseal/${ledger}`), Uint8Array.of(0x0a, 0xff), type, publicKey).slice(0, 4);
}

const digestOf = (text: string): Bytes => H(label('checkpoint'), utf8(text));

/** One signature line, its line feed included. */
export function signatureLine(ledger: string, text: string, privateKeyHex: string): string {
  const privateKey = fromHex(privateKeyHex, 32);
  const signature = secp256k1.sign(digestOf(text), privateKey, { prehash: false, lowS: true });
  const keyId = keyIdOf(ledger, secp256k1.getPublicKey(privateKey, true));
  return `— medseal/${ledger} ${base64(join(keyId, signature))}\n`;
}

/** A checkpoint over these blocks' hashes. */
export function signCheckpoint(hashes: readonly Uint8Array[], privateKeyHex: string): string {
  const ledger = hex(hashes[0]!);
  const text = noteText(ledger, hashes.length, treeHash(hashes));
  return `${text}\n${signatureLine(ledger, text, privateKeyHex)}`;
}

export function readCheckpoint(note: string): OracleCheckpoint {
  demand(utf8(note).length <= 65_536, 'too long');
  const [text, rest, ...more] = note.split('\n\n');
  demand(text !== undefined && rest !== undefined && more.length === 0, 'not a text, a blank line, and signatures');
  const [origin, size, root, ...others] = text.split('\n');
  demand(others.length === 0 && origin !== undefined && size !== undefined && root !== undefined, 'not three lines');
  const ledger = /^medseal\/([0-9a-f]{64})$/.exec(origin)?.[1];
  demand(ledger !== undefined, 'the origin is no ledger');
  demand(/^[1-9]\d*$/.test(size) && Number(size) < 2 ** 53, 'the size is no number of blocks');
  const hash = new Uint8Array(Buffer.from(root, 'base64'));
  demand(hash.length === 32 && base64(hash) === root, 'the root is no hash');
  demand(rest.endsWith('\n'), 'the last line has no line feed');
  const lines = rest.slice(0, -1).split('\n');
  demand(lines.length <= 64, 'more than 64 lines');
  for (const line of lines) {
    const encoded = /^— [^\p{White_Space}+\p{Cc}]+ ([A-Za-z0-9+/]+=*)$/u.exec(line)?.[1];
    demand(encoded !== undefined, 'a signature line has another form');
    const bytes = Buffer.from(encoded, 'base64');
    demand(base64(bytes) === encoded && bytes.length > 4, 'a signature line has other base64, or no signature');
  }
  return { ledger, size: Number(size), root: hex(hash), text: `${text}\n`, lines };
}

/** Whether one line is this key's, and every one that claims to be is valid. */
export function isSignedBy({ ledger, text, lines }: OracleCheckpoint, publicKeyHex: string): boolean {
  const publicKey = fromHex(publicKeyHex, 33);
  const begin = `— medseal/${ledger} `;
  const own = lines
    .filter((line) => line.startsWith(begin))
    .map((line) => new Uint8Array(Buffer.from(line.slice(begin.length), 'base64')))
    .filter((bytes) => hex(bytes.slice(0, 4)) === hex(keyIdOf(ledger, publicKey)));
  return own.length > 0 && own.every((bytes) => isValid(bytes.slice(4), digestOf(text), publicKey));
}

function isValid(signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    return secp256k1.verify(signature, digest, publicKey, { prehash: false, lowS: true });
  } catch {
    return false;
  }
}
