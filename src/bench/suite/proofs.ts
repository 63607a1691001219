import { join } from 'node:path';
import { type Group, rate } from '../step.js';
import { limitSteps, roundsFor, type Setting } from './setting.js';
import { writeReviews } from './tables.js';
import { LITTLE_WORK, removeLedger, workflow } from './workflow.js';

/**
 * A ledger of as many blocks as there may be: what a proof in it costs, and verifying it quickly. It is made without what
 * sealing does beside signing, which would take most of the time.
 */
export function proofs(setting: Setting, records: number): Group {
  const files = (folder: string) => ({ csv: join(folder, 'reviews.csv'), ledger: join(folder, 'proofs.medseal') });
  return {
    name: 'proofs in a long chain, one record a block',
    records,
    rounds: roundsFor(records, setting.plan),
    async prepare(folder, signal) {
      await writeReviews(files(folder).csv, records, signal);
      await shaped(setting, folder, records).prepare(signal);
    },
    steps(folder) {
      const { quick, prove, proofBytes } = shaped(setting, folder, records);
      const { csv, ledger } = files(folder);
      const making = { csv, ledger, key: setting.owner.key, records, difficulty: LITTLE_WORK };
      const needs = 'proofs/chain';
      return [
        ...limitSteps(setting, 'sha256'),
        {
          id: needs,
          what: 'a chain made, nothing checked',
          unit: 'blocks/s',
          once: true,
          take(signal) {
            removeLedger(ledger);
            return rate({ task: 'chain', on: making })(signal);
          },
        },
        // The same as of chains that are sealed.
        { id: 'chain/quick', what: 'verifying quickly', unit: 'blocks/s', take: quick, needs },
        { id: 'chain/proof', what: 'a proof made and checked', unit: 'ms', take: prove, needs },
        { id: 'chain/proof-size', what: 'the largest proof', unit: 'bytes', take: proofBytes, needs: 'chain/proof' },
      ];
    },
  };
}

function shaped(setting: Setting, folder: string, records: number) {
  const csv = join(folder, 'reviews.csv');
  return workflow(setting, { name: 'proofs', folder, csv, records, blockSize: 1, difficulty: LITTLE_WORK });
}
