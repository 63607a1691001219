import { statSync } from 'node:fs';
import { rowsWithoutVersions } from '../../dataset/amendments.js';
import { type DatasetInfo, listDatasets } from '../../dataset/directory.js';
import { type GroupInfo, groupLabel } from '../../dataset/group-info.js';
import { openLedger } from '../../ledger/ledger.js';
import { type Context, DONE, type ExitCode } from '../context.js';
import { type KeyOptions, optionalIdentity } from '../key-option.js';
import { bad, count, dim, good, printable, size, table } from '../terminal.js';

export async function run([path = '']: string[], options: KeyOptions, { terminal }: Context): Promise<ExitCode> {
  const ledger = await openLedger(path);
  try {
    const identity = await optionalIdentity(options);
    const directory = await listDatasets(ledger, identity ?? undefined);
    const bytes = statSync(path).size;
    terminal.say(
      table([
        ['ledger', directory.ledger ?? 'the genesis block cannot be read'],
        ['owner', directory.owner ?? 'unknown'],
        ['blocks', count(directory.blocks)],
        ['newest', directory.newest ?? '–'],
        ['head', directory.head ?? '–'],
        ['size', size(bytes)],
        ...(directory.audit ? [['reading', 'is recorded; it takes --purpose'] as const] : []),
      ]),
    );
    if (directory.damaged) terminal.warn('blocks are missing or cannot be read; "medseal verify" names them');
    if (directory.datasets.length === 0) terminal.say('No data sets yet.');
    for (const dataset of directory.datasets) terminal.say(datasetText(dataset, identity !== null));
    terminal.note('This is what the ledger says of itself; "medseal verify" tells whether it is true.');
    if (identity === null && directory.datasets.length > 0)
      terminal.note('Names are sealed too: --key shows those of its data sets.');
    terminal.json({
      file: path,
      ledger: directory.ledger,
      owner: directory.owner,
      blocks: directory.blocks,
      newest: directory.newest,
      head: directory.head,
      bytes,
      audit: directory.audit,
      damaged: directory.damaged,
      datasets: directory.datasets.map(
        ({ id, name, block, rows, amendments, complete, granted, manifest, groups }) => ({
          id,
          name,
          block,
          rows: rowsWithoutVersions(rows, amendments),
          corrections: amendments.originals.size,
          complete,
          ...(identity === null ? {} : { granted }),
          ...(manifest === null ? {} : { columns: manifest.columns.map((column) => column.name) }),
          groups: groups.map((group) => ({
            number: group.number + 1,
            name: group.manifest?.group ?? null,
            columns: group.manifest?.columns.map((column) => column.name) ?? null,
            ...(identity === null ? {} : { access: group.access }),
          })),
        }),
      ),
    });
  } finally {
    await ledger.close();
  }
  return DONE;
}

function datasetText(info: DatasetInfo, hasKey: boolean): string {
  const { id, name, block, rows, amendments, complete, granted, groups } = info;
  const title = name === null ? `data set ${id}` : `data set "${printable(name)}" ${dim(id)}`;
  const state = complete ? good('complete') : bad('incomplete: run the same "seal" again');
  const access = hasKey && !granted ? ', not granted to this key' : '';
  const corrections = amendments.originals.size;
  const corrected = corrections === 0 ? '' : ` with ${count(corrections, 'correction')}`;
  return `${title}\n    ${count(rowsWithoutVersions(rows, amendments), 'row')}${corrected} from block ${block} on, ${state}${access}${groups.length === 1 ? '' : groupsText(groups, hasKey)}`;
}

function groupsText(groups: readonly GroupInfo[], hasKey: boolean): string {
  const lines = groups.map((group) => {
    const columns = group.manifest?.columns.map(({ name }) => printable(name)).join(', ');
    const access = hasKey && group.access !== 'open' ? group.access : '';
    return `\n    column group "${printable(groupLabel(group))}" ${dim(columns === undefined ? access : `(${columns})`)}`.trimEnd();
  });
  return lines.join('');
}
