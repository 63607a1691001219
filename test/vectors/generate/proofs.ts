// Record proofs: good ones, and one for each way in which one can fail. Checkpoints by themselves.

import { headerHash, sign } from '../../oracle/block.js';
import { type Bytes, b64, fromB64, fromHex, H, hex, join, label, utf8 } from '../../oracle/bytes.js';
import { noteText, signatureLine, signCheckpoint } from '../../oracle/checkpoint.js';
import { aesGcmSeal } from '../../oracle/hpke.js';
import type { JsonObject } from '../../oracle/jcs.js';
import { treeHash } from '../../oracle/merkle.js';
import { type Disclosed, makeProof, type ProofWish, proofFile } from '../../oracle/proof.js';
import { commitmentTo, openBody, recordKey, saltHash } from '../../oracle/seal.js';
import { openUnderTwoKeys } from '../../oracle/two-keys.js';
import type { WriterContext } from '../../oracle/write.js';
import { dataSet, hashOf, headerOf, ledger, note, parse, raw } from './ledgers.js';
import { OWNER, owner, STRANGER, seeded, stranger, WRITER, writer } from './people.js';
import { WITNESS } from './verify-checkpoint.js';
import type { Vector } from './verify-vector.js';

const CSV = 'id,name\n1,"Ada, Countess"\n2,Grace\n3,Mary\n';

let context: WriterContext | undefined;
/** Genesis; a writer; labs in blocks 3 to 5, three rows a block; the writer's visits in blocks 6 to 9; two notes. */
const LINES = ledger('proof', [
  { step: 'add-writer', publicKey: writer },
  { step: 'data-set', name: 'labs', csv: CSV, blockSize: 3 },
  { step: 'data-set', name: 'visits', csv: 'id\n1\n2\n', blockSize: 1, by: WRITER },
  note('the owner goes on'),
  raw((found) => {
    context = found;
    return [{ kind: 'info-note', text: 'the writer goes on' }];
  }, WRITER),
]);
const OTHER = ledger('another proof', [note('one'), note('two')]);

export function entriesOf(line: string): Bytes[] {
  return (parse(line).data as JsonObject[]).map((entry) => {
    if (typeof entry.sealed !== 'string') return utf8(JSON.stringify(entry));
    return join(fromB64(entry.sealed), H(label('body'), fromB64(String(entry.body))));
  });
}

const PROVER = { lines: LINES, entries: entriesOf, hash: hashOf };

function disclosed(line: string, position: number, name: string): Disclosed {
  const { sealed, body, salt } = (parse(line).data as JsonObject[])[position]!;
  const saltBytes = fromB64(String(salt));
  const row = Buffer.from(fromB64(String(sealed))).readBigUInt64BE(17);
  const key = recordKey(context!.ledger, dataSet(context!, name).key, saltBytes, row);
  return { body: fromB64(String(body)), key, salt: saltBytes };
}

function checkpointAt(size: number, by: string = OWNER, lines: readonly string[] = LINES): string {
  return signCheckpoint(lines.slice(0, size).map(hashOf), by);
}

/** Row 2 of labs: the second of three entries of block 4. */
const ROW: ProofWish = { block: 4, position: 1, anchor: 10 };
const LATER = makeProof(PROVER, ROW);
const OWN = makeProof(PROVER, { ...ROW, anchor: 4 });
const NOTED = makeProof(PROVER, { ...ROW, anchor: checkpointAt(11) });
const DISCLOSED = makeProof(PROVER, { ...ROW, disclosed: disclosed(LINES[3]!, 1, 'labs') });

interface Expected {
  readonly ok: boolean;
  readonly [member: string]: unknown;
}

interface Given {
  readonly owner?: string;
  readonly checkpoint?: string;
}

function vector(
  name: string,
  description: string,
  proof: JsonObject | Uint8Array,
  expect: Expected,
  given: Given,
): Vector {
  const bytes = proof instanceof Uint8Array ? proof : proofFile(proof);
  return {
    path: `proof/${name}`,
    content: {
      description,
      rule: 'spec/proofs.md#record-proof',
      owner,
      ...given,
      proof: Buffer.from(bytes).toString('utf8'),
      expect,
    },
  };
}

function good(name: string, description: string, proof: JsonObject, expect: object, given: Given = {}): Vector {
  const ledgerId = hex(hashOf(LINES[0]!));
  return vector(`ok-${name}`, description, proof, { ok: true, ledger: ledgerId, ...expect }, given);
}

function bad(
  name: string,
  description: string,
  code: string,
  proof: JsonObject | Uint8Array,
  given: Given = {},
): Vector {
  return vector(name, description, proof, { ok: false, code }, given);
}

export function proofVectors(): Vector[] {
  return [...goodProofs(), ...forms(), ...links(), ...anchors(), ...states(), ...disclosures()];
}

const root = (size: number): string => hex(treeHash(LINES.slice(0, size).map(hashOf)));
const row2 = { row: 2, block: 4, content_base64: null };

function goodProofs(): Vector[] {
  const content = Buffer.from('2,Grace\n').toString('base64');
  const visit = makeProof(PROVER, { block: 7, position: 0, anchor: 10 });
  const header = makeProof(PROVER, { block: 3, position: 2, anchor: 10 });
  const witnessed = makeProof(PROVER, { ...ROW, anchor: `${checkpointAt(11)}${WITNESS}` });
  const newest = makeProof(PROVER, { ...ROW, anchor: checkpointAt(4) });
  return [
    good('later-block', 'A later block by the owner vouches for the record.', LATER, {
      ...row2,
      size: 9,
      root: root(9),
    }),
    good('own-block', "The record's own block is the owner's.", OWN, { ...row2, size: 3, root: root(3) }),
    good('checkpoint', 'A checkpoint vouches for the record.', NOTED, { ...row2, size: 11, root: root(11) }),
    good('newest', 'The checkpoint ends with the block.', newest, { ...row2, size: 4, root: root(4) }),
    good('witnessed', 'The checkpoint has lines of others.', witnessed, { ...row2, size: 11, root: root(11) }),
    good('header-row', 'The header row, behind two statements.', header, { row: 0, block: 3, size: 9, root: root(9) }),
    good('by-a-writer', "A writer's record, vouched for by the owner.", visit, {
      row: 1,
      block: 7,
      size: 9,
      root: root(9),
    }),
    good('disclosed', 'The record is disclosed.', DISCLOSED, {
      ...row2,
      size: 9,
      root: root(9),
      content_base64: content,
    }),
    good(
      'given-checkpoint',
      'The verifier has the checkpoint.',
      NOTED,
      { ...row2, size: 11 },
      { checkpoint: checkpointAt(11) },
    ),
    good(
      'given-history',
      'The verifier has one of the same state.',
      LATER,
      { ...row2, size: 9 },
      { checkpoint: checkpointAt(9) },
    ),
  ];
}

/** The proof with a member of it changed. */
function change(proof: JsonObject, members: JsonObject): JsonObject {
  return { ...proof, ...members };
}

function changeIn(proof: JsonObject, member: string, members: JsonObject): JsonObject {
  return { ...proof, [member]: { ...(proof[member] as JsonObject), ...members } };
}

function without(proof: JsonObject, member: string): JsonObject {
  return Object.fromEntries(Object.entries(proof).filter(([name]) => name !== member)) as JsonObject;
}

const text = (proof: JsonObject): string => Buffer.from(proofFile(proof)).toString();

function forms(): Vector[] {
  const statement = b64(join(utf8('{"kind":"info-x"'), new Uint8Array(104).fill(0x20), utf8('}')));
  const malformed = (name: string, description: string, proof: JsonObject | Uint8Array): Vector =>
    bad(`malformed-${name}`, description, 'MALFORMED', proof);
  return [
    malformed('no-line-feed', 'The line feed is not there.', utf8(text(LATER).slice(0, -1))),
    malformed('two-line-feeds', 'Another line feed behind it.', utf8(`${text(LATER)}\n`)),
    malformed('white-space', 'JSON, and not the canonical one.', utf8(text(LATER).replace('":', '": '))),
    malformed('empty', 'Nothing.', new Uint8Array()),
    malformed('array', 'An array.', utf8('[]\n')),
    malformed('member-missing', 'A member is not there.', without(LATER, 'entry_path')),
    malformed('member-unknown', 'A member that no proof has.', change(LATER, { note: 'x' })),
    malformed('type', 'Another type.', change(LATER, { type: 'medseal/1 proof' })),
    malformed('ledger', 'The id is in upper case.', change(LATER, { ledger: String(LATER.ledger).toUpperCase() })),
    malformed('position', 'The position is a text.', change(LATER, { position: '1' })),
    malformed(
      'entry-short',
      'The entry has a byte less.',
      change(LATER, { entry: b64(fromB64(String(LATER.entry)).slice(1)) }),
    ),
    malformed('entry-statement', 'The entry is a statement of 121 bytes.', change(LATER, { entry: statement })),
    malformed('path', 'A path has half a hash.', change(LATER, { entry_path: b64(new Uint8Array(48)) })),
    malformed('path-long', 'A path of 54 hashes.', change(LATER, { entry_path: b64(new Uint8Array(54 * 32)) })),
    malformed('block-member', 'The block has a member more.', changeIn(LATER, 'block', { data: 'x' })),
    malformed(
      'block-time',
      'The block has no real time.',
      changeIn(LATER, 'block', { timestamp: '2025-02-30T00:00:00.000Z' }),
    ),
    malformed('anchor-empty', 'The anchor has no members.', change(LATER, { anchor: {} })),
    malformed('anchor-member', 'The anchor has a member more.', changeIn(OWN, 'anchor', { path: '' })),
    malformed('not-later', 'The later block is the block itself.', changeIn(LATER, 'anchor', { block: LATER.block! })),
    malformed(
      'disclosed-member',
      'A member more beside body, key and salt.',
      changeIn(DISCLOSED, 'disclosed', { row: 1 }),
    ),
    malformed(
      'disclosed-key',
      'The disclosed key is short.',
      changeIn(DISCLOSED, 'disclosed', { key: b64(new Uint8Array(31)) }),
    ),
    malformed(
      'disclosed-salt',
      'The disclosed salt is short.',
      changeIn(DISCLOSED, 'disclosed', { salt: b64(new Uint8Array(31)) }),
    ),
    malformed('disclosed-null', 'Nothing is disclosed, and said so.', change(LATER, { disclosed: null })),
    bad('too-deep', 'A fourth level.', 'TOO_LARGE', changeIn(LATER, 'anchor', { path: { of: [] } })),
    bad(
      'too-many-entries',
      'The block claims 65,536 entries.',
      'TOO_LARGE',
      changeIn(LATER, 'block', { data_size: 65_536 }),
    ),
    bad('newer', 'A proof of version 2.', 'VERSION_NEWER', { type: 'medseal/2 record-proof' }),
    bad('newer-block', 'A block of version 2.', 'VERSION_NEWER', changeIn(LATER, 'block', { version: 2 })),
  ];
}

/** The bytes with their first one changed. */
function flipped(value: unknown): string {
  const bytes = fromB64(String(value));
  return b64(bytes.map((byte, at) => (at === 0 ? byte ^ 1 : byte)));
}

function links(): Vector[] {
  const entry = fromB64(String(LATER.entry));
  const changed = b64(entry.map((byte, at) => (at === 30 ? byte ^ 1 : byte)));
  const longer = b64(join(fromB64(String(LATER.entry_path)), new Uint8Array(32)));
  const shorter = b64(fromB64(String(LATER.entry_path)).slice(32));
  const data = (name: string, description: string, members: JsonObject): Vector =>
    bad(`data-${name}`, description, 'DATA_MISMATCH', change(LATER, members));
  const signature = 'ab'.repeat(64);
  return [
    data('entry', 'The entry is another.', { entry: changed }),
    data('position', 'The entry is in another place.', { position: 0 }),
    data('position-beyond', 'No block has so many entries.', { position: 65_536 }),
    data('position-outside', 'The place is behind the last entry.', { position: 3 }),
    data('path', 'A hash of the path is another.', { entry_path: flipped(LATER.entry_path) }),
    data('path-long', 'The path has a hash more.', { entry_path: longer }),
    data('path-short', 'The path has a hash less.', { entry_path: shorter }),
    bad('signature', "The block's signature is another.", 'SIGNATURE_INVALID', changeIn(LATER, 'block', { signature })),
    bad(
      'signature-proof',
      'The block has another proof of work.',
      'SIGNATURE_INVALID',
      changeIn(LATER, 'block', { proof: 1 }),
    ),
    bad(
      'work',
      "The block's work is too little.",
      'WORK_INSUFFICIENT',
      change(OWN, { block: signed(4, { difficulty: 48 }) }),
    ),
  ];
}

/** The head of a block with another header, signed anew. */
function signed(number: number, header: JsonObject, by: string = OWNER): JsonObject {
  const changed = { ...headerOf(LINES[number - 1]!), ...header };
  const bytes = sign(headerHash(changed as ReturnType<typeof headerOf>), 0, fromHex(by, 32));
  return { ...changed, proof: 0, signature: hex(bytes) };
}

function anchors(): Vector[] {
  const of = (name: string, description: string, code: string, members: JsonObject, proof = LATER): Vector =>
    bad(`anchor-${name}`, description, code, changeIn(proof, 'anchor', members));
  const path = (proof: JsonObject, member = 'path') => (proof.anchor as JsonObject)[member];
  const by = makeProof(PROVER, { ...ROW, anchor: 11 });
  const foreign = hex(hashOf(OTHER[0]!));
  const visit = makeProof(PROVER, { block: 7, position: 0, anchor: 7 });
  return [
    of('writer', 'A later block, by a writer.', 'OWNER_MISMATCH', {}, by),
    of('own-writer', "The record's own block, by a writer.", 'OWNER_MISMATCH', {}, visit),
    bad('anchor-other-key', 'Another key is asked for.', 'OWNER_MISMATCH', LATER, { owner: stranger }),
    of('signature', "The later block's signature is another.", 'SIGNATURE_INVALID', {
      block: { ...signed(10, {}), proof: 5 },
    }),
    of('work', "The later block's work is too little.", 'WORK_INSUFFICIENT', { block: signed(10, { difficulty: 48 }) }),
    of('time', 'The later block is dated earlier.', 'TIME_BACKWARDS', {
      block: signed(10, { timestamp: '2025-01-01T00:00:00.000Z' }),
    }),
    of('path', "A hash of the block's path is another.", 'HISTORY_MISMATCH', { path: flipped(path(LATER)) }),
    of('path-short', "The block's path is short.", 'HISTORY_MISMATCH', {
      path: b64(fromB64(String(path(LATER))).slice(32)),
    }),
    of('index', 'The later block is of another number.', 'HISTORY_MISMATCH', { block: signed(10, { index: 7 }) }),
    of(
      'checkpoint-path',
      'The path to the checkpoint is another.',
      'HISTORY_MISMATCH',
      { path: flipped(path(NOTED)) },
      NOTED,
    ),
    of(
      'checkpoint-early',
      'The checkpoint is older than the block.',
      'HISTORY_MISMATCH',
      { checkpoint: checkpointAt(3) },
      NOTED,
    ),
    of('genesis-path', 'The path of the genesis block is another.', 'LEDGER_MISMATCH', {
      genesis_path: flipped(path(LATER, 'genesis_path')),
    }),
    bad('anchor-ledger', 'The ledger is another.', 'LEDGER_MISMATCH', change(LATER, { ledger: foreign })),
    bad('anchor-own-ledger', 'The ledger is another.', 'LEDGER_MISMATCH', change(OWN, { ledger: foreign })),
    bad('anchor-checkpoint-ledger', 'The ledger is another.', 'LEDGER_MISMATCH', change(NOTED, { ledger: foreign })),
    of(
      'checkpoint-invalid',
      'The checkpoint is cut off.',
      'CHECKPOINT_INVALID',
      { checkpoint: checkpointAt(11).slice(0, -1) },
      NOTED,
    ),
    of(
      'checkpoint-stranger',
      'The checkpoint is by a stranger.',
      'CHECKPOINT_UNSIGNED',
      { checkpoint: checkpointAt(11, STRANGER) },
      NOTED,
    ),
  ];
}

function states(): Vector[] {
  const rewritten = [...LINES.slice(0, 10), OTHER[2]!];
  const of = (name: string, description: string, code: string, checkpoint: string): Vector =>
    bad(`given-${name}`, description, code, NOTED, { checkpoint });
  return [
    of('other-ledger', 'The given checkpoint is of another ledger.', 'LEDGER_MISMATCH', checkpointAt(3, OWNER, OTHER)),
    of('stranger', 'The given checkpoint is by a stranger.', 'CHECKPOINT_UNSIGNED', checkpointAt(11, STRANGER)),
    of('other-size', 'The given checkpoint is of another state.', 'CHECKPOINT_DIFFERS', checkpointAt(10)),
    of(
      'rewritten',
      'The given checkpoint is of another history.',
      'LEDGER_REWRITTEN',
      checkpointAt(11, OWNER, rewritten),
    ),
  ];
}

function disclosures(): Vector[] {
  const shown = DISCLOSED.disclosed as JsonObject;
  const of = (name: string, description: string, code: string, members: JsonObject): Vector =>
    bad(`disclosed-${name}`, description, code, changeIn(DISCLOSED, 'disclosed', members));
  return [
    of('salt', 'The salt is another.', 'SALT_MISMATCH', { salt: flipped(shown.salt) }),
    of('body', 'The body is another.', 'BODY_MISMATCH', { body: flipped(shown.body) }),
    of('body-cut', 'The body is cut off.', 'BODY_MISMATCH', { body: b64(fromB64(String(shown.body)).slice(1)) }),
    of('key', 'The key is another.', 'KEY_MISMATCH', { key: flipped(shown.key) }),
    bad('disclosed-padding', 'The padding is not the canonical one.', 'KEY_MISMATCH', oddlyPadded()),
    ...underTwoKeys(),
  ];
}

/** A record that its signer padded in another way, in a block of its own. */
function oddlyPadded(): JsonObject {
  const [key, salt] = [H(utf8('a record key')), H(utf8('a salt'))];
  const head = headOf(key, salt);
  const body = aesGcmSeal(key, new Uint8Array(12), head, join(utf8('x'), Uint8Array.of(0x80)));
  return alone(head, { body, key, salt });
}

/** A record whose body opens under two keys, of which its entry commits to the first. */
function underTwoKeys(): Vector[] {
  const [key, salt] = [H(utf8('one record key')), H(utf8('a salt'))];
  const head = headOf(key, salt);
  const text = utf8('The first key opens this text behind 16 bytes.\n');
  const random = seeded('second keys');
  const { body, second } = openUnderTwoKeys(key, head, text, () => random(32));
  const own = alone(head, { body, key, salt });
  const content = openBody(key, head, body);
  return [
    good('disclosed-two-keys', 'A body that opens under two keys, with the one that its entry commits to.', own, {
      row: 0,
      block: 4,
      size: 3,
      root: root(3),
      content_base64: Buffer.from(content).toString('base64'),
    }),
    bad(
      'disclosed-two-keys',
      'The same body with the other key, under which its tag and its padding fit too.',
      'KEY_MISMATCH',
      alone(head, { body, key: second, salt }),
    ),
  ];
}

function headOf(key: Uint8Array, salt: Uint8Array): Bytes {
  return join(Uint8Array.of(1), new Uint8Array(16), new Uint8Array(8), saltHash(salt), commitmentTo(key));
}

/** The proof of a disclosed record, row 0, that is alone in its block. */
function alone(head: Uint8Array, { body, key, salt }: Disclosed): JsonObject {
  const entry = join(head, H(label('body'), body));
  const block = signed(4, { data_size: 1, data_hash: hex(treeHash([entry])) });
  const members = { entry: b64(entry), position: 0, entry_path: '', block };
  return change(OWN, { ...members, disclosed: { body: b64(body), key: b64(key), salt: b64(salt) } });
}

export function checkpointVectors(): Vector[] {
  const hashes = LINES.map(hashOf);
  const id = hex(hashes[0]!);
  const body = noteText(id, hashes.length, treeHash(hashes));
  const whole = `${body}\n${signatureLine(id, body, OWNER)}`;
  const of = (name: string, description: string, checkpoint: string, expect: object): Vector => ({
    path: `checkpoint/${name}`,
    content: { description, rule: 'spec/proofs.md#checkpoint', owner, checkpoint, expect },
  });
  const head = { ok: true, ledger: id, size: hashes.length, root: hex(treeHash(hashes)) };
  const no = { ok: false, code: 'CHECKPOINT_INVALID' };
  /** A witness's line with a character more in its name. */
  const named = (character: string): string => WITNESS.replace('/', `/${character}`);
  return [
    of('ok', "A checkpoint with the owner's signature.", whole, { ...head, signed: true }),
    of(
      'ok-witnessed',
      'With lines of others around it.',
      `${body}\n${WITNESS}${whole.slice(body.length + 1)}${WITNESS}`,
      {
        ...head,
        signed: true,
      },
    ),
    of('ok-unsigned', 'Of the form of one, signed by somebody else.', `${body}\n${signatureLine(id, body, STRANGER)}`, {
      ...head,
      signed: false,
    }),
    of(
      'ok-one-of-two',
      "Two of the owner's lines, of which one is not valid.",
      `${whole}${signatureLine(id, `${body}x`, OWNER)}`,
      {
        ...head,
        signed: false,
      },
    ),
    of('extension', 'An extension line.', whole.replace('\n\n', '\nmore\n\n'), no),
    of('leading-zero', 'A leading zero before the size.', whole.replace('\n11\n', '\n011\n'), no),
    of('no-blocks', 'A size of 0.', whole.replace('\n11\n', '\n0\n'), no),
    of('origin', 'Another origin.', whole.replace('medseal/', 'example.org/'), no),
    of('no-signatures', 'The text alone.', `${body}\n`, no),
    of('no-line-feed', 'Without its last line feed.', whole.slice(0, -1), no),
    of('carriage-returns', 'Line ends of two bytes.', whole.replaceAll('\n', '\r\n'), no),
    of('root-padding', 'The root without its padding.', whole.replace('=\n', '\n'), no),
    of('size-beyond', 'A size of 2^53.', whole.replace('\n11\n', `\n${2 ** 53}\n`), no),
    of('size-long', 'A size of 5,000 digits.', whole.replace('\n11\n', `\n${'1'.repeat(5000)}\n`), no),
    of(
      'signature-base64',
      'Base64 whose last bits are not zero.',
      `${whole}${WITNESS.replace(/.==/, (end) => `${end === 'B==' ? 'C' : 'B'}==`)}`,
      no,
    ),
    of('signature-none', 'A line with a key id alone.', `${whole}— witness.example/w BwcHBw==\n`, no),
    of('name-white-space', 'White space beyond ASCII in a name.', `${whole}${named('\u3000')}`, no),
    of('name-control', 'A control character in a name.', `${whole}${named('\u009f')}`, no),
    of('name-plus', 'A + in a name.', `${whole}${named('+')}`, no),
    of('ok-name', 'A name with a character that is no white space.', `${whole}${named('\ufeff')}`, {
      ...head,
      signed: true,
    }),
    of('lines-many', '65 signature lines.', `${whole}${WITNESS.repeat(64)}`, no),
    of('ok-lines', '64 signature lines.', `${whole}${WITNESS.repeat(63)}`, { ...head, signed: true }),
  ];
}
