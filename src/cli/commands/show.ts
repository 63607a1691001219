import { type Reading, recordReading } from '../../access/accesses.js';
import { loadCurve } from '../../crypto/secp256k1.js';
import { rowsIn } from '../../dataset/block-rows.js';
import { type DatasetInfo, listDatasets } from '../../dataset/directory.js';
import { MedsealError } from '../../errors.js';
import { type Block, isReadable } from '../../format/block.js';
import { type Ledger, openLedger } from '../../ledger/ledger.js';
import { inspectBlock } from '../../verify/inspect.js';
import { judgeBlocks } from '../../verify/judging.js';
import type { Problem } from '../../verify/verdict.js';
import { Verifier } from '../../verify/verifier.js';
import { entryTexts } from '../block-data.js';
import { type Context, DONE, type ExitCode, wholeNumber } from '../context.js';
import { optionalIdentity } from '../key-option.js';
import { type ReadingOptions, readingTerms } from '../reading.js';
import { blockText } from '../terminal.js';

export async function run(
  [path = '', number = '']: string[],
  options: ReadingOptions,
  context: Context,
): Promise<ExitCode> {
  const { terminal } = context;
  const index = wholeNumber(number, 'the index', 1);
  const ledger = await openLedger(path);
  try {
    const size = await ledger.size();
    const item = await ledger.block(index);
    if (item === null) {
      throw new MedsealError('USAGE', `there is no block ${index}: the ledger has blocks 1 to ${size}`, {
        block: index,
      });
    }
    const identity = await optionalIdentity(options);
    const { accepted, problems } = await judged(ledger, index);
    const unsigned = problems.find(({ code }) => code === 'SIGNATURE_INVALID' || code === 'SIGNER_UNAUTHORISED');
    const valid = isReadable(item) && unsigned === undefined;
    const directory = identity === null ? null : await listDatasets(ledger, identity);
    if (identity !== null && directory !== null && accepted && isReadable(item)) {
      const readings = readingsIn(item, directory.datasets);
      if (readings.length > 0)
        await recordReading(ledger, identity, directory, readings, readingTerms(options, identity, context));
    }
    // As in the notebook, nothing is decrypted that does not verify.
    const data = !isReadable(item)
      ? []
      : accepted
        ? entryTexts(item, directory)
        : ['[INVALID BLOCK — DATA NOT DECRYPTED]'];
    terminal.say(blockText(index, item, valid, data).trimEnd());
    const inspection = inspectBlock(item, await loadCurve());
    const fault = problems[0] ?? (inspection.kind === 'sound' ? (inspection.bodyFaults[0] ?? null) : null);
    if (fault !== null) terminal.warn(`${fault.code}: ${fault.message}`);
    terminal.json({
      index,
      signatureValid: valid,
      ...(isReadable(item) ? { header: item.header, proof: item.proof, data } : { error: item.error.message }),
      problem: fault,
    });
  } finally {
    await ledger.close();
  }
  return DONE;
}

/** The rows of a block that are about to be shown, data set by data set. */
function readingsIn(block: Block, datasets: readonly DatasetInfo[]): Reading[] {
  return datasets.flatMap(({ id, groups }) => {
    const keys = new Map(groups.flatMap((group) => [...group.keys]));
    const rows = rowsIn(block, keys, { from: 1, to: Number.MAX_SAFE_INTEGER }).map(({ row }) => row);
    const [first, last] = [rows[0], rows.at(-1)];
    return first === undefined || last === undefined ? [] : [{ dataset: id, rows: [[first, last]] as const }];
  });
}

/** What the chain says of one block: it is judged with all before it, by which its signer may sign or may not. */
async function judged(ledger: Ledger, index: number): Promise<{ accepted: boolean; problems: readonly Problem[] }> {
  const verifier = new Verifier(await loadCurve(), { now: new Date(), bodies: false });
  let position = 0;
  for await (const { report } of judgeBlocks(verifier, ledger.blocks({ to: index + 1, bodies: false }))) {
    if (++position === index) return { accepted: report.accepted !== null, problems: report.problems };
  }
  return { accepted: false, problems: verifier.finish().problems };
}
