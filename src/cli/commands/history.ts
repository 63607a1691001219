import { fieldText } from '../../dataset/csv/fields.js';
import type { DatasetInfo } from '../../dataset/directory.js';
import { type RowVersion, rowHistory } from '../../dataset/history.js';
import { parsePublicKey } from '../../keys/public-key.js';
import { openLedger } from '../../ledger/ledger.js';
import { ANSWER_IS_NO, type Context, DONE, type ExitCode, wholeNumber } from '../context.js';
import { requiredIdentity } from '../key-option.js';
import { type ReadingOptions, readingTerms } from '../reading.js';
import { bold, count, dim, printable } from '../terminal.js';

interface Options extends ReadingOptions {
  readonly dataset?: string;
  readonly row: string;
  readonly publicKey?: string;
}

export async function run([path = '']: string[], options: Options, context: Context): Promise<ExitCode> {
  const { terminal } = context;
  const row = wholeNumber(options.row, '--row', 1);
  const owner = options.publicKey === undefined ? undefined : await parsePublicKey(options.publicKey);
  const identity = await requiredIdentity(options);
  const ledger = await openLedger(path);
  try {
    const { dataset } = options;
    const history = await rowHistory(ledger, identity, row, {
      ...readingTerms(options, identity, context),
      ...(dataset === undefined ? {} : { dataset }),
      ...(owner === undefined ? {} : { owner }),
    });
    const { info, versions } = history;
    const name = printable(info.name ?? info.id);
    terminal.say(`Row ${history.row} of "${name}" has ${count(versions.length, 'version')}.`);
    for (const version of versions) terminal.say(versionText(version, info));
    terminal.json({
      dataset: { id: info.id, name: info.name },
      row: history.row,
      versions: versions.map((version) => ({ ...version, content: contentText(version, info) })),
    });
    return versions.some(({ state }) => state === 'unopened') ? ANSWER_IS_NO : DONE;
  } finally {
    await ledger.close();
  }
}

function versionText(version: RowVersion, info: DatasetInfo): string {
  const { version: number, row, block, time, by, approvedBy, reason, state } = version;
  const place = block === null ? 'in no block that verifies' : `block ${block}, row ${row}`;
  const lines = [
    `${bold(`version ${number}`)}  ${time ?? ''}  ${dim(place)}`,
    `    by ${by ?? 'somebody unknown'}${approvedBy.length === 0 ? '' : `, approved by ${approvedBy.join(', ')}`}`,
    ...(reason === null ? [] : [`    reason: ${printable(reason)}`]),
    `    ${printable(contentText(version, info)?.trimEnd() ?? WITHOUT_CONTENT[state]).replaceAll('\n', '\n    ')}`,
  ];
  return lines.join('\n');
}

const WITHOUT_CONTENT: Readonly<Record<RowVersion['state'], string>> = {
  opened: '',
  erased: '[erased]',
  closed: '[closed to this key]',
  unopened: '[does not open]',
};

function contentText({ content }: RowVersion, { manifest }: DatasetInfo): string | null {
  return content === null ? null : fieldText(content, manifest?.encoding ?? 'utf-8');
}
