import { loadCurve } from '../../crypto/secp256k1.js';
import { listDatasets } from '../../dataset/directory.js';
import { MedsealError } from '../../errors.js';
import { isReadable } from '../../format/block.js';
import { openLedger } from '../../ledger/ledger.js';
import { inspectBlock } from '../../verify/inspect.js';
import { entryTexts } from '../block-data.js';
import { type Context, DONE, type ExitCode, wholeNumber } from '../context.js';
import { type KeyOptions, optionalIdentity } from '../key-option.js';
import { blockText } from '../terminal.js';

export async function run(
  [path = '', number = '']: string[],
  options: KeyOptions,
  { terminal }: Context,
): Promise<ExitCode> {
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
    const inspection = inspectBlock(item, await loadCurve());
    const sound = inspection.kind === 'sound';
    const valid = sound || (inspection.fault.code !== 'SIGNATURE_INVALID' && isReadable(item));
    const datasets = identity === null ? [] : (await listDatasets(ledger, identity)).datasets;
    // As in the notebook, nothing is decrypted whose signature does not hold.
    const trusted = sound && inspection.entries !== null;
    const data = !isReadable(item)
      ? []
      : trusted
        ? await entryTexts(item, datasets, identity)
        : ['[INVALID BLOCK — DATA NOT DECRYPTED]'];
    terminal.say(blockText(index, item, valid, data).trimEnd());
    const fault = inspection.fault ?? (sound ? (inspection.bodyFaults[0] ?? null) : null);
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
