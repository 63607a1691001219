import { join } from 'node:path';
import { type Group, milliseconds, rate, type Step } from '../step.js';
import type { AccessTask, Deed } from '../tasks/access.js';
import type { SealTask } from '../tasks/seal.js';
import { roundsFor, type Setting } from './setting.js';
import { writeReviews } from './tables.js';
import { LITTLE_WORK, removeLedger } from './workflow.js';

/** Records a block. */
const BLOCK_SIZE = 1000;
const WARM_RECORDS = 2000;
const MEMBERS = 50;
/** Each takes long, and most of its steps do many times what they measure. */
const ROUNDS = 3;

const LAYOUT: NonNullable<SealTask['layout']> = {
  groups: [
    { name: 'identity', columns: ['id', 'date'] },
    { name: 'clinical', columns: ['*'] },
  ],
  subject: 'id',
};

/**
 * Two column groups, a role, subjects that are erased: what each of it costs. What does not have to read the ledger must
 * cost the same in a small one and in a large one.
 */
export function access(setting: Setting, records: number): Group {
  return {
    name: 'two column groups, a role of 50, subjects erased',
    records,
    rounds: Math.min(ROUNDS, roundsFor(records, setting.plan)),
    async prepare(folder, signal) {
      await writeReviews(join(folder, 'reviews.csv'), records, signal);
      await writeReviews(join(folder, 'warm.csv'), WARM_RECORDS, signal);
    },
    steps: (folder) => steps(setting, records, folder),
  };
}

function steps({ owner, plan }: Setting, records: number, folder: string): Step[] {
  const [ledger, csv] = [join(folder, 'access.medseal'), join(folder, 'reviews.csv')];
  const [warmLedger, warmCsv] = [join(folder, 'warm.medseal'), join(folder, 'warm.csv')];
  const { key, publicKey } = owner;
  const sealing: SealTask = {
    ...{ csv, ledger, key, records, blockSize: BLOCK_SIZE, difficulty: LITTLE_WORK, layout: LAYOUT },
  };
  const warm: SealTask = { ...sealing, csv: warmCsv, ledger: warmLedger, records: WARM_RECORDS };
  const subjects = Math.min(plan.subjects, records);
  const on = { ledger, owner: publicKey, key, records, csv, output: join(folder, 'opened.csv'), erased: subjects };
  const needs = 'access/seal';
  const deed = (name: Deed, what: string, times: number, after = needs): Step => {
    const task: AccessTask = { ledger, key, deed: name, times, records };
    return { id: `access/${name}`, what, unit: 'ms', take: milliseconds({ task: 'access', on: task }), needs: after };
  };
  return [
    {
      id: needs,
      what: 'sealing',
      unit: 'records/s',
      take(signal) {
        for (const path of [ledger, warmLedger]) removeLedger(path);
        return rate({ task: 'seal', on: sealing, warm })(signal);
      },
    },
    deed('begin', 'the ledger verified, to write to it', 3),
    deed('grant', 'a grant', 10),
    deed('join', 'a member more', MEMBERS),
    deed('leave', 'a member of 50 less', 3, 'access/join'),
    deed('find', 'rows found by the subject', 20),
    deed('erase', 'a subject erased', Math.min(plan.oneByOne, records)),
    deed('erase-rest', 'each of many subjects erased at once', subjects, 'access/erase'),
    { ...deed('begin', 'the ledger verified, subjects erased', 3, 'access/erase-rest'), id: 'access/begin-again' },
    {
      ...{ id: 'access/verify', what: 'verifying, subjects erased', unit: 'records/s', needs: 'access/erase-rest' },
      take: rate({ task: 'verify', on }),
    },
    {
      ...{ id: 'access/open', what: 'opening, subjects erased', unit: 'records/s', needs: 'access/erase-rest' },
      take: rate({ task: 'open', on }),
    },
  ];
}
