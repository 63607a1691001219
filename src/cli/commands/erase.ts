import { MedsealError } from '../../errors.js';
import { certificateFile, expectNoCertificate, writeCertificate } from '../certificates.js';
import type { Context, ExitCode } from '../context.js';
import { type Erasing, type ErasureOptions, erasing, expectChoice } from '../erased-records.js';
import { expectFolder } from '../files.js';
import { keyFileOf } from '../key-option.js';
import { REASON_IS_PUBLIC, type SayOptions, sayAndTell } from '../saying.js';
import { count, printable } from '../terminal.js';

interface Options extends SayOptions, ErasureOptions {
  readonly certificate?: string;
}

export async function run([path = '']: string[], options: Options, context: Context): Promise<ExitCode> {
  expectChoice(options);
  expectNoCertificate(options.certificate, path, keyFileOf(options));
  if (options.certificate !== undefined) expectFolder(options.certificate);
  const { terminal } = context;
  let what: Erasing | null = null;
  return sayAndTell(
    path,
    options,
    context,
    async (granter, opened) => {
      what = await erasing(granter, opened, options, terminal);
      if (what.statements.length > 0) terminal.warn(REASON_IS_PUBLIC);
      if (what.missed > 0) terminal.warn(MISSED);
      if (what.shared > 0) terminal.warn(`${count(what.shared, 'row')} of these are of other patients too`);
      return what.statements;
    },
    async (block, { ledger, identity, completed }) => {
      const { records = 0, datasets = [] } = what ?? {};
      const json = {
        completed,
        dataset: options.dataset ?? null,
        group: options.group ?? null,
        erased: records,
        ...what?.unsearched,
      };
      // What was asked for need not be what has been completed: nobody can tell any more whose records those were.
      if (block === 0) return { text: ERASED_BEFORE, json: { ...json, certificate: null } };
      const file = options.certificate ?? certificateFile(path, block);
      await certified(() => writeCertificate(ledger, identity, block, file));
      const names = datasets.map((name) => `"${printable(name)}"`).join(', ');
      const text = `Erased ${count(records, 'record')} of ${names}: block ${block} says so, and ${records === 1 ? 'its content and salt' : 'their content and salts'} are destroyed in this file. Exports, backups and other copies keep what they have. The certificate is in ${printable(file)}.`;
      return { text, json: { ...json, certificate: file } };
    },
    () => ({ ...what?.unsearched }),
  );
}

const ERASED_BEFORE =
  'All of this has been erased before: nothing to do. "medseal audit --kind erase" tells by which block, "medseal certificate" certifies it.';

const MISSED =
  'some records do not open, so nobody can tell whose they are; "medseal verify" tells what is wrong with them';

/** What goes wrong with the certificate comes when all else is done, so it is no refusal. */
async function certified(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof MedsealError)) throw error;
    const message = `the records are erased, but not certified: ${error.message}. "medseal certificate" certifies them later`;
    throw new MedsealError('OUTPUT_FAILED', message, error.place, { cause: error });
  }
}
