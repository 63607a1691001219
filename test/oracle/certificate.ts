// Erasure certificates: made from an export with all its blocks at hand, and checked, straight from the specification's
// "Erasure certificate". A check that fails is a Fault that names the code.

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { b64, demand, Fault, fromHex, H, hex, join, label, utf8 } from './bytes.js';
import { readCheckpoint } from './checkpoint.js';
import { isObject, type Json, type JsonObject, jcs, parseJcs } from './jcs.js';
import { inclusionProof, rootOfInclusion } from './merkle.js';
import {
  type As,
  anchorForm,
  checkAnchor,
  checkHead,
  checkState,
  exactly,
  type Head,
  headForm,
  makeProof,
  type ProofWish,
  type Prover,
  pathOf,
  textOf,
} from './proof.js';
import { checkStatement, isTimestamp } from './statements.js';

export type CertificateWish = Omit<ProofWish, 'position' | 'disclosed'> & {
  /** Places of the statements in their block. */
  positions: readonly number[];
  at: string;
  /** Private key of whoever certifies. */
  by: string;
};

export function makeCertificate(prover: Prover, { positions, at, by, ...wish }: CertificateWish): JsonObject {
  const line = prover.lines[wish.block - 1]!;
  const leaves = prover.entries(line);
  const { ledger, block, anchor } = makeProof(prover, { ...wish, position: 0 });
  const erasures = positions.map((position) => ({
    statement: JSON.parse(new TextDecoder().decode(leaves[position])) as Json,
    position,
    entry_path: b64(join(...inclusionProof(position, leaves))),
  }));
  const members = { type: 'medseal/1 erasure-certificate', ledger: ledger!, erasures, block: block!, anchor: anchor! };
  return signCertificate({ ...members, at, by: hex(secp256k1.getPublicKey(fromHex(by, 32), true)) }, by);
}

/** Whatever is signed already is signed anew. */
export function signCertificate({ signature: _signature, ...members }: JsonObject, by: string): JsonObject {
  return { ...members, signature: hex(secp256k1.sign(digestOf(members), fromHex(by, 32), { prehash: false })) };
}

function digestOf(members: JsonObject) {
  return H(label('certificate'), utf8(jcs(members)));
}

export type CertificateResult =
  | { ok: true; ledger: string; block: number; size: number; root: string; by: string; at: string; records: number[] }
  | { ok: false; code: string };

export function checkCertificate(text: string, owner: string, checkpoint?: string): CertificateResult {
  let code = 'MALFORMED';
  const as: As = (name, run) => {
    code = name;
    return run();
  };
  try {
    const certificate = readCertificate(text, as);
    const { ledger, at, by, signature, ...rest } = certificate;
    const block = rest.block as Head;
    const erasures = rest.erasures as JsonObject[];
    for (const { statement, position, entry_path } of erasures) {
      as('DATA_MISMATCH', () => {
        const leaf = H(Uint8Array.of(0), utf8(jcs(statement!)));
        const root = rootOfInclusion(leaf, Number(position), block.data_size, pathOf(entry_path));
        demand(root !== null && hex(root) === block.data_hash, 'the statement is elsewhere');
      });
    }
    const hash = checkHead(block, as);
    const tree = checkAnchor(certificate, block, hash, owner, as);
    if (checkpoint !== undefined) checkState(readCheckpoint(checkpoint), tree, String(ledger), owner, as);
    as('TIME_BACKWARDS', () => demand(String(at) >= block.timestamp, 'earlier than the erasure'));
    as('SIGNATURE_INVALID', () => {
      const { signature: _signature, ...members } = certificate;
      const bytes = fromHex(String(signature), 64);
      const isGood = secp256k1.verify(bytes, digestOf(members), fromHex(String(by), 33), { prehash: false });
      demand(isGood, 'not signed by whoever certifies');
    });
    const records = erasures.map(({ statement }) => ((statement as JsonObject).entries as Json[]).length);
    return { ok: true, ledger: String(ledger), block: block.index, ...tree, by: String(by), at: String(at), records };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { ok: false, code };
  }
}

function readCertificate(text: string, as: As): JsonObject {
  return as('MALFORMED', () => {
    demand(text.endsWith('\n'), 'no line feed');
    const value = parseJcs(text.slice(0, -1), 11);
    demand(isObject(value), 'no object');
    const newer = typeof value.type === 'string' && /^medseal\/([2-9]|[1-9]\d+) erasure-certificate$/.test(value.type);
    as('VERSION_NEWER', () => demand(!newer, 'a newer version'));
    as('MALFORMED', () => undefined);
    demand(value.type === 'medseal/1 erasure-certificate', 'another type');
    exactly(value, ['anchor', 'at', 'block', 'by', 'erasures', 'ledger', 'signature', 'type']);
    fromHex(textOf(value.ledger), 32);
    fromHex(textOf(value.by), 33);
    fromHex(textOf(value.signature), 64);
    demand(isTimestamp(textOf(value.at)), 'no time');
    erasuresForm(value.erasures);
    headForm(value.block, as);
    anchorForm(value.anchor, as);
    return value;
  });
}

function erasuresForm(value: Json | undefined): void {
  demand(Array.isArray(value) && value.length > 0, 'no erasures');
  let before = -1;
  for (const erasure of value) {
    demand(isObject(erasure), 'no object');
    exactly(erasure, ['entry_path', 'position', 'statement']);
    const { position, statement } = erasure;
    demand(typeof position === 'number' && position > before, 'not in order');
    before = position;
    demand(isObject(statement) && statement.kind === 'erase', 'no erasure');
    checkStatement(statement);
    pathOf(erasure.entry_path);
  }
}

/** The certificate's file. */
export function certificateFile(certificate: JsonObject): string {
  return `${jcs(certificate)}\n`;
}
