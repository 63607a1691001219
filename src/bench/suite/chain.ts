import { join } from 'node:path';
import { type Beside, type Group, rate, type Step } from '../step.js';
import { limitSteps, roundsFor, type Setting } from './setting.js';
import { writeReviews } from './tables.js';
import { LITTLE_WORK, type Workflow, workflow } from './workflow.js';

/** With more records than this, what then takes long is done in the first round only. */
const SEALED_EACH_ROUND = 20_000;
const VERIFIED_EACH_ROUND = 100_000;
const CHECKS = 3000;

/** The workflow with one record a block, where it is the blocks that cost: signatures, links, the tree over them. */
export function chain(setting: Setting, records: number): Group {
  const csv = 'reviews.csv';
  const ledger = (folder: string): Workflow =>
    workflow(setting, {
      name: 'chain',
      folder,
      csv: join(folder, csv),
      records,
      blockSize: 1,
      difficulty: LITTLE_WORK,
    });
  return {
    name: 'one record a block, little work',
    records,
    rounds: roundsFor(records, setting.plan),
    async prepare(folder, signal) {
      await writeReviews(join(folder, csv), records, signal);
      await ledger(folder).prepare(signal);
    },
    steps: (folder) => [
      ...limitSteps(setting, 'sha256'),
      {
        id: 'checks',
        what: 'limit: signatures, one core',
        unit: 'checks/s',
        take: rate({ task: 'signatures', on: { checks: CHECKS } }),
      },
      ...steps(setting, records, ledger(folder)),
    ],
  };
}

function steps({ cores }: Setting, records: number, ledger: Workflow): Step[] {
  const { seal, verify, quick, row, prove, proofBytes, size, ledgerBytes } = ledger;
  const checked: Beside = {
    with: 'limit',
    what: 'every signature checked, on all cores',
    value: (of) => cores * of('checks'),
  };
  const hashed: Beside = {
    with: 'limit',
    what: 'every byte of the ledger hashed once, on all cores',
    value: (of) => (cores * of('sha256')) / ledgerBytes(),
  };
  const needs = 'chain/seal';
  const [once, verifiedOnce] = [records > SEALED_EACH_ROUND, records > VERIFIED_EACH_ROUND];
  return [
    { id: needs, what: 'sealing', unit: 'records/s', take: seal, once },
    {
      id: 'chain/verify',
      what: 'verifying',
      unit: 'blocks/s',
      take: verify,
      needs,
      once: verifiedOnce,
      beside: [checked],
    },
    { id: 'chain/quick', what: 'verifying quickly', unit: 'blocks/s', take: quick, needs, beside: [hashed] },
    { id: 'chain/row', what: 'one random record', unit: 'ms', take: row, needs, once },
    { id: 'chain/proof', what: 'a proof made and checked', unit: 'ms', take: prove, needs },
    { id: 'chain/proof-size', what: 'the largest proof', unit: 'bytes', take: proofBytes, needs: 'chain/proof', once },
    { id: 'chain/size', what: 'ledger file', unit: 'of the CSV', take: size, needs, once },
  ];
}
