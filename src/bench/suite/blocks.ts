import { join } from 'node:path';
import type { Beside, Group, Step } from '../step.js';
import { limitSteps, roundsFor, type Setting } from './setting.js';
import { writeReviews } from './tables.js';
import { LITTLE_WORK, type Workflow, workflow } from './workflow.js';

/** The workflow with many records a block, where it is the records that cost. */
export function blocks(setting: Setting, records: number): Group {
  const csv = 'reviews.csv';
  const ledger = (folder: string): Workflow =>
    workflow(setting, {
      name: 'blocks',
      folder,
      csv: join(folder, csv),
      records,
      blockSize: 1000,
      difficulty: LITTLE_WORK,
    });
  return {
    name: 'blocks of 1,000 records',
    records,
    rounds: roundsFor(records, setting.plan),
    async prepare(folder, signal) {
      await writeReviews(join(folder, csv), records, signal);
      await ledger(folder).prepare(signal);
    },
    steps: (folder) => [...limitSteps(setting, 'sha256', 'aes-256-gcm'), ...steps(setting, ledger(folder))],
  };
}

function steps({ cores }: Setting, { seal, verify, open, row, size, csvBytes, ledgerBytes }: Workflow): Step[] {
  const hashed: Beside = {
    with: 'limit',
    what: 'every byte of the ledger hashed once, on all cores',
    value: (of) => (cores * of('sha256')) / ledgerBytes(),
  };
  const hashedAndEncrypted: Beside = {
    with: 'limit',
    what: 'every byte of the table encrypted and hashed once, on all cores',
    value: (of) => cores / (csvBytes() / of('sha256') + csvBytes() / of('aes-256-gcm')),
  };
  const needs = 'blocks/seal';
  return [
    { id: needs, what: 'sealing', unit: 'records/s', take: seal, beside: [hashedAndEncrypted] },
    { id: 'blocks/verify', what: 'verifying', unit: 'records/s', take: verify, needs, beside: [hashed] },
    { id: 'blocks/open', what: 'opening', unit: 'records/s', take: open, needs, beside: [hashedAndEncrypted] },
    { id: 'blocks/row', what: 'one random record', unit: 'ms', take: row, needs },
    { id: 'blocks/size', what: 'ledger file', unit: 'of the CSV', take: size, needs },
  ];
}
