import { eraseStatements } from '../../access/erasure.js';
import { MedsealError } from '../../errors.js';
import { certificateFile, writeCertificate } from '../certificates.js';
import type { Context, ExitCode } from '../context.js';
import { chosenGroups, type DatasetChoice } from '../dataset-choice.js';
import { expectOtherFile } from '../files.js';
import { keyFileOf } from '../key-option.js';
import { rowRange } from '../row-range.js';
import { REASON_IS_PUBLIC, type SayOptions, sayAndTell } from '../saying.js';
import { count, printable } from '../terminal.js';

interface Options extends SayOptions, DatasetChoice {
  readonly rows?: string;
  readonly reason: string;
  readonly basis: string;
  readonly certificate?: string;
}

export async function run([path = '']: string[], options: Options, context: Context): Promise<ExitCode> {
  const rows = rowRange(options.rows);
  const { dataset, reason, basis } = options;
  context.terminal.warn(REASON_IS_PUBLIC);
  expectOtherFile(options.certificate, path, ...[keyFileOf(options)].filter((file) => file !== undefined));
  let erased = 0;
  return sayAndTell(
    path,
    options,
    context,
    async (granter, opened) => {
      const { state } = granter.writer;
      const { id, groups } = await chosenGroups(granter, opened, options);
      const keyIds = groups.flatMap((group) => group.keyIds);
      const request = { keyIds, reason, basis, ...(rows === undefined ? {} : { rows }) };
      const statements = await eraseStatements(opened.ledger, state, id, request);
      erased = statements.reduce((total, { entries }) => total + entries.length, 0);
      return statements;
    },
    async (block, { ledger, identity }) => {
      const json = { dataset, group: options.group ?? null, erased };
      if (block === 0) {
        return { text: 'All of this has been erased before: nothing to do.', json: { ...json, certificate: null } };
      }
      const file = options.certificate ?? certificateFile(path, block);
      await certified(() => writeCertificate(ledger, identity, block, file));
      const text = `Erased ${count(erased, 'record')} of "${dataset}": block ${block} says so, and their content and salts are destroyed in this file. Exports, backups and other copies keep what they have. The certificate is in ${printable(file)}.`;
      return { text, json: { ...json, certificate: file } };
    },
  );
}

/** What goes wrong with the certificate comes when all else is done. */
async function certified(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof MedsealError)) throw error;
    const message = `the records are erased, but not certified: ${error.message}. "medseal certificate" certifies them later`;
    throw new MedsealError(error.code, message, error.place, { cause: error });
  }
}
