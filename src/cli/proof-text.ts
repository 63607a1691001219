import { fromUtf8, toBase64 } from '../bytes.js';
import type { CertificateVerdict } from '../proof/verify-certificate.js';
import type { ProofVerdict, ProvenRecord } from '../proof/verify-proof.js';
import { bad, bold, count, good, printable, table } from './terminal.js';

/** What a proof shows, as JSON can hold it. */
export function recordJson({ content, ...record }: ProvenRecord): object {
  if (content === null) return { ...record, content: null };
  return { ...record, content: { text: fromUtf8(content), base64: toBase64(content) } };
}

/** A verdict for people: the answer, then what it is about. */
export function proofText(name: string, { problem, record }: ProofVerdict): string {
  if (record === null) {
    const { code = '', message = '' } = problem ?? {};
    return `${bad(bold(`NOT OK: ${name} proves nothing.`))}\n  ${bold(code)}: ${printable(message)}`;
  }
  const { ledger, row, keyId, block, entry, timestamp, signer } = record;
  const facts = table([
    ['ledger', ledger],
    ['record', `${row === 0 ? 'the header row' : `row ${count(row)}`} of the data set sealed under key ${keyId}`],
    ['block', `${count(block)}, entry ${count(entry)}, of ${timestamp}`],
    ['sealed by', signer],
    ['vouched for', anchorText(record)],
  ]);
  return [good(bold(`OK: ${name} proves a record.`)), facts, ...contentText(record.content)].join('\n');
}

/** The same of an erasure certificate. */
export function certificateText(name: string, { problem, certificate }: CertificateVerdict): string {
  if (certificate === null) {
    const { code = '', message = '' } = problem ?? {};
    return `${bad(bold(`NOT OK: ${name} certifies nothing.`))}\n  ${bold(code)}: ${printable(message)}`;
  }
  const { ledger, block, timestamp, signer, erasures, by, at } = certificate;
  const facts: [string, string][] = [
    ['ledger', ledger],
    ['block', `${count(block)}, of ${timestamp}`],
    ['ordered by', signer],
  ];
  for (const { records, reason, basis, approvedBy } of erasures) {
    facts.push(['erased', `${count(records, 'record')} (${printable(basis)}): ${printable(reason)}`]);
    if (approvedBy.length > 0) facts.push(['approved by', approvedBy.join(', ')]);
  }
  facts.push(['vouched for', anchorText(certificate)], ['destroyed', `says ${by}, at ${at}`]);
  return [good(bold(`OK: ${name} certifies an erasure.`)), table(facts)].join('\n');
}

function anchorText({ anchor, block }: Pick<ProvenRecord, 'anchor' | 'block'>): string {
  const { kind, size, timestamp } = anchor;
  switch (kind) {
    case 'checkpoint':
      return `by a checkpoint of ${count(size, 'block')}`;
    case 'later-block':
      return `by block ${count(size + 1)}, of ${timestamp}`;
    case 'own-block':
      return `by block ${count(block)} itself`;
  }
}

function contentText(content: Uint8Array | null): string[] {
  if (content === null) return ['  The record is not disclosed: the proof shows that it exists, not what it says.'];
  const text = fromUtf8(content) ?? Buffer.from(content).toString('latin1');
  const lines = printable(text).trimEnd().split('\n');
  return [`  The record says (${count(content.length, 'byte')}):`, ...lines.map((line) => `    ${line}`)];
}
