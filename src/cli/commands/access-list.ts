import { createKeyring, type Keyring, storedGrants } from '../../access/keyring.js';
import { membersOf, type Reading, readingsOf } from '../../access/readings.js';
import { type DatasetGroup, groupsOf } from '../../dataset/groups-of.js';
import { type Timestamp, timestampOf } from '../../format/timestamp.js';
import { type Ledger, openLedger } from '../../ledger/ledger.js';
import { type VerifiedState, verifiedState } from '../../ledger/verified-state.js';
import type { LedgerState } from '../../verify/state.js';
import { type Context, DONE, type ExitCode } from '../context.js';
import { type KeyOptions, optionalIdentity } from '../key-option.js';
import { type PinOptions, pins } from '../pins.js';
import { bold, dim, printable, table } from '../terminal.js';

export async function run(
  [path = '']: string[],
  options: KeyOptions & PinOptions,
  { terminal }: Context,
): Promise<ExitCode> {
  const identity = await optionalIdentity(options);
  const pinned = await pins(options);
  const ledger = await openLedger(path);
  try {
    const verified = await verifiedState(ledger, pinned);
    const { ledgerId, state } = verified;
    const now = timestampOf(ledger.clock());
    const keyring = identity === null ? null : createKeyring(ledgerId, state, storedGrants(ledger), identity, now);
    const datasets = await datasetsOf(ledger, verified, keyring, now);
    const roles = [...state.roles.keys()].map((name) => ({ name, members: membersOf(state, name, now) }));
    terminal.say(table([['owner', String(state.owner)], ...signers(state)]));
    for (const { name, members } of roles) terminal.say(section(state, `role ${name}`, members));
    for (const { id, groups } of datasets) {
      for (const group of groups) terminal.say(section(state, groupTitle(id, groups.length, group), group.readers));
    }
    if (identity === null && datasets.length > 0)
      terminal.note('Names are sealed; --key shows those of its data sets.');
    terminal.json({
      file: path,
      owner: state.owner,
      recovery: state.recovery,
      writers: [...state.writers],
      roles: roles.map(({ name, members }) => ({ name, publicKey: state.roles.get(name)?.publicKey, members })),
      datasets: datasets.map(({ id, groups }) => ({
        id,
        name: groups.find(({ manifest }) => manifest !== null)?.manifest?.name ?? null,
        groups: groups.map(({ number, manifest, readers }) => ({
          number: number + 1,
          name: manifest?.group ?? null,
          columns: manifest?.columns.map(({ name }) => name) ?? null,
          readers,
        })),
      })),
    });
  } finally {
    await ledger.close();
  }
  return DONE;
}

type GroupReaders = DatasetGroup & { readonly readers: readonly Reading[] };

async function datasetsOf(
  ledger: Ledger,
  { state }: VerifiedState,
  keyring: Keyring | null,
  now: Timestamp,
): Promise<{ id: string; groups: GroupReaders[] }[]> {
  const datasets = [];
  for (const dataset of state.datasets.values()) {
    const groups = await groupsOf(ledger, state, dataset, keyring);
    const readers = groups.map((group) => ({ ...group, readers: readingsOf(state, group.keyIds, now) }));
    datasets.push({ id: dataset.id, groups: readers });
  }
  return datasets;
}

function signers({ recovery, writers }: LedgerState): [string, string][] {
  return [
    ...recovery.map((key): [string, string] => ['recovery', key]),
    ...[...writers].map((key): [string, string] => ['writer', key]),
  ];
}

function groupTitle(id: string, count: number, { number, manifest }: DatasetGroup): string {
  const name = manifest === null ? `data set ${id}` : `data set "${printable(manifest.name)}"`;
  if (count === 1) return name;
  const columns = manifest?.columns.map((column) => printable(column.name)).join(', ');
  return `${name}, group ${manifest === null ? number + 1 : `"${printable(manifest.group)}" (${columns})`}`;
}

function section(state: LedgerState, title: string, readers: readonly Reading[]): string {
  const lines = readers.map(({ reader, role, since, expires, expired }) => {
    const until = expires === null ? '' : expired ? `, expired ${expires}` : `, until ${expires}`;
    const who = role === null ? reader : `role ${role}`;
    return `    ${who}  ${dim(`${standing(state, reader)}since block ${since}${until}`)}`;
  });
  return [bold(title), ...(lines.length === 0 ? ['    nobody'] : lines)].join('\n');
}

/** The owner and the recovery keys hold every key, whoever else does. */
function standing({ owner, recovery }: LedgerState, reader: string): string {
  if (reader === owner) return 'the owner, ';
  return recovery.some((key) => key === reader) ? 'a recovery key, ' : '';
}
