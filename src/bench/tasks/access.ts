import { eraseStatements } from '../../access/erasure.js';
import { grantGroups, keyIdsOf } from '../../access/group-keys.js';
import { type Granter, standingReaders } from '../../access/readers.js';
import { addMember, createRole, removeMember } from '../../access/roles.js';
import { granterOf } from '../../access/say.js';
import { fromHex } from '../../bytes.js';
import { generateIdentity, identityFromPrivateKey, type SoftwareIdentity } from '../../crypto/identity.js';
import type { PublicKey } from '../../crypto/secp256k1.js';
import { listDatasets } from '../../dataset/directory.js';
import { findRows } from '../../dataset/lookup/find.js';
import { eraseSubject } from '../../dataset/lookup/subject-erasure.js';
import type { Statement } from '../../format/statement.js';
import { type Ledger, openLedger } from '../../ledger/ledger.js';
import { type LedgerWriter, statementEntry } from '../../ledger/writer.js';
import { type Done, expectRight, timed } from './done.js';
import { randomRows } from './random-rows.js';

/** What can be done to who may read a ledger's data set, or to its records, one after the other. */
export type Deed = 'begin' | 'grant' | 'join' | 'leave' | 'find' | 'erase' | 'erase-rest';

export interface AccessTask {
  readonly ledger: string;
  /** The owner's private key, hex. */
  readonly key: string;
  readonly deed: Deed;
  /** How often it is done. */
  readonly times: number;
  readonly records: number;
}

/** An open ledger, and its owner. */
interface Ground {
  readonly ledger: Ledger;
  readonly owner: SoftwareIdentity;
  readonly records: number;
}

const ROLE = 'reader';
const WHY = { reason: 'a measurement', basis: 'none' };

/** Does one thing again and again. What it takes to begin to write, the ledger's verification, is a deed of its own. */
export async function run({ ledger: path, key, deed, times, records }: AccessTask): Promise<Done> {
  const owner = await identityFromPrivateKey(fromHex(key, 32) ?? new Uint8Array());
  const ledger = await openLedger(path);
  const ground = { ledger, owner, records };
  try {
    if (deed === 'begin') return await timed(times, () => begin(ground, times));
    if (deed === 'find') return await timed(times, () => find(ground, times));
    const writer = await ledger.write(owner);
    try {
      if (deed === 'erase') return await erase(ground, writer, times);
      if (deed === 'erase-rest') return await eraseRest(ground, writer, times);
      return await change(ground, writer, deed, times);
    } finally {
      await writer.close();
    }
  } finally {
    await ledger.close();
  }
}

async function begin({ ledger, owner }: Ground, times: number): Promise<void> {
  for (let time = 0; time < times; time++) await (await ledger.write(owner)).close();
}

async function find({ ledger, owner, records }: Ground, times: number): Promise<void> {
  for (const row of randomRows(records, times)) {
    const finding = await findRows(ledger, owner, { where: [{ column: 'id', value: String(row) }] });
    for await (const _ of finding.rows());
    expectRight(finding.by === 'index' && finding.report().found === 1, `row ${row} was not found`);
  }
}

/** Grants and members, each durable before the next. */
async function change(
  { ledger }: Ground,
  writer: LedgerWriter,
  deed: Exclude<Deed, 'begin' | 'find' | 'erase' | 'erase-rest'>,
  times: number,
): Promise<Done> {
  const say = async (compose: (granter: Granter) => Promise<Statement[]>): Promise<void> => {
    await writer.append((await compose(granterOf(ledger, writer))).map(statementEntry));
    await writer.flush();
  };
  if (!writer.state.roles.has(ROLE)) await say((granter) => createRole(granter, ROLE));
  const people = deed === 'leave' ? membersOf(writer).slice(0, times) : await strangers(times);
  expectRight(people.length === times, `the role has only ${people.length} members`);
  const [dataset] = writer.state.datasets.keys();
  const group = keyIdsOf(writer.state, dataset ?? '', 1);
  return timed(times, async () => {
    for (const person of people) {
      if (deed === 'grant') await say((granter) => grantGroups(granter, group, person));
      if (deed === 'join') await say((granter) => addMember(granter, ROLE, person));
      if (deed === 'leave') await say((granter) => removeMember(granter, ROLE, person, 'left'));
    }
  });
}

async function strangers(count: number): Promise<PublicKey[]> {
  const people: PublicKey[] = [];
  for (let i = 0; i < count; i++) people.push((await generateIdentity()).publicKey);
  return people;
}

function membersOf(writer: LedgerWriter): PublicKey[] {
  const { keys, roles } = writer.state;
  const standing = standingReaders(writer);
  const holders = keys.get(roles.get(ROLE)?.publicKey ?? '')?.holders.keys() ?? [];
  return [...holders].filter((reader) => !standing.has(reader));
}

/** Rows of that many subjects, each destroyed before the next. */
async function erase({ ledger, owner, records }: Ground, writer: LedgerWriter, times: number): Promise<Done> {
  const { datasets } = await listDatasets(ledger, owner);
  const subjects = everyNth(records, times);
  const done = await timed(times, async () => {
    for (const subject of subjects) {
      const { statements } = await eraseSubject(ledger, writer.state, datasets, { subject: String(subject), ...WHY });
      await writer.append(statements.map(statementEntry));
      await writer.destroyErased();
    }
  });
  expectRight(writer.state.erased === 2 * times, `${writer.state.erased} records are erased`);
  return done;
}

/** Rows of that many subjects, less those that are erased already, with one statement. */
async function eraseRest({ ledger, records }: Ground, writer: LedgerWriter, times: number): Promise<Done> {
  const { state } = writer;
  const [dataset] = state.datasets.keys();
  const keyIds = [0, 1].flatMap((group) => keyIdsOf(state, dataset ?? '', group));
  const left = times - state.erased / 2;
  const done = await timed(left, async () => {
    const rows = new Set(everyNth(records, times));
    const statements = await eraseStatements(ledger, state, dataset ?? '', { ...{ keyIds, rows }, ...WHY });
    await writer.append(statements.map(statementEntry));
    await writer.destroyErased();
  });
  expectRight(state.erased === 2 * times, `${state.erased} records are erased`);
  return done;
}

/** Numbers of rows all over a table, so that they lie in many blocks. */
function everyNth(records: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => 1 + Math.floor((i * records) / count));
}
