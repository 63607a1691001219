import { join } from 'node:path';
import { type Beside, type Group, rate, type Step } from '../step.js';
import { roundsFor, type Setting } from './setting.js';
import { writeReviews } from './tables.js';
import { LITTLE_WORK, type Workflow, workflow } from './workflow.js';

/** More records than this are sealed one a block only once: that takes minutes, and the others need it. */
const SEALED_EACH_ROUND = 20_000;
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

function steps({ cores }: Setting, records: number, { seal, verify, row, size }: Workflow): Step[] {
  const checked: Beside = {
    with: 'limit',
    what: 'every signature checked, on all cores',
    value: (of) => cores * of('checks'),
  };
  const once = records > SEALED_EACH_ROUND;
  return [
    { id: 'chain/seal', what: 'sealing', unit: 'records/s', take: seal, once },
    { id: 'chain/verify', what: 'verifying', unit: 'blocks/s', take: verify, needs: 'chain/seal', beside: [checked] },
    { id: 'chain/row', what: 'one random record', unit: 'ms', take: row, needs: 'chain/seal' },
    { id: 'chain/size', what: 'ledger file', unit: 'of the CSV', take: size, needs: 'chain/seal', once },
  ];
}
