import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type Notebook, runNotebook } from '../notebook.js';
import { type Beside, type Group, outside, type Step } from '../step.js';
import { BLOCK_BYTES } from './mining.js';
import { limitSteps, type Setting } from './setting.js';
import { writeFirst, writeReviews } from './tables.js';
import { DIFFICULTY, type Workflow, workflow } from './workflow.js';

/** Sealed in large blocks, so that starting threads does not count; a table with fewer is repeated. */
const RECORDS = 100_000;

/** The notebook's work, beside the notebook: a record a block as it does it, and many as one does who is in a hurry. */
export function besideNotebook(setting: Setting): Group {
  const { plan, table, notebook } = setting;
  const records = Math.min(RECORDS, Math.max(...plan.sizes));
  const [worked, few] = [Math.min(plan.worked, records), Math.min(plan.notebook, records)];
  const single = (folder: string): Workflow => ledger(setting, folder, 'single', worked, 1);
  const blocks = (folder: string): Workflow => ledger(setting, folder, 'blocks', records, 1000);
  return {
    name: table === null ? 'beside the notebook' : 'beside the notebook, on the table given',
    records,
    rounds: plan.rounds,
    async prepare(folder, signal) {
      const all = join(folder, 'blocks.csv');
      if (table === null) await writeReviews(all, records, signal);
      else await writeFirst(table.path, all, records, signal);
      await writeFirst(all, join(folder, 'single.csv'), worked, signal);
      await writeFirst(all, join(folder, 'notebook.csv'), few, signal);
      for (const each of [single, blocks]) await each(folder).prepare(signal);
    },
    steps: (folder) => [
      ...limitSteps(setting, 'sha256'),
      ...(notebook === null ? [] : notebookSteps(notebook, folder, few, table?.delimiter ?? ',')),
      ...singleSteps(setting, single(folder), worked),
      ...blocksSteps(blocks(folder)),
    ],
  };
}

function ledger(setting: Setting, folder: string, name: string, records: number, blockSize: number): Workflow {
  const csv = join(folder, `${name}.csv`);
  return workflow(setting, { name, folder, csv, records, blockSize, difficulty: DIFFICULTY });
}

function notebookSteps(notebook: Notebook, folder: string, records: number, delimiter: string): Step[] {
  const [csv, chain, key] = [join(folder, 'notebook.csv'), join(folder, 'chain.json'), join(folder, 'notebook.key')];
  const run = (...args: string[]): Step['take'] => outside((signal) => runNotebook(notebook, args, signal));
  const seal = run('seal', csv, String(records), chain, key, delimiter);
  const open = run('open', chain, key, join(folder, 'notebook-opened.csv'));
  const size = outside(() => statSync(chain).size / statSync(csv).size);
  const needs = 'notebook/seal';
  return [
    { id: needs, what: 'the notebook: sealing', unit: 'records/s', records, take: seal },
    { id: 'notebook/open', what: 'the notebook: opening', unit: 'records/s', records, take: open, needs },
    { id: 'notebook/size', what: 'the notebook: its chain', unit: 'of the CSV', records, take: size, needs },
  ];
}

function singleSteps({ cores }: Setting, { seal, open, size }: Workflow, records: number): Step[] {
  const mined: Beside = {
    with: 'limit',
    what: `2^${DIFFICULTY} nonces hashed for each record, on all cores`,
    value: (of) => (cores * of('sha256')) / BLOCK_BYTES / 2 ** DIFFICULTY,
  };
  const [what, needs] = ['one record a block', 'single/seal'];
  return [
    { id: needs, what: `sealing, ${what}`, unit: 'records/s', records, take: seal, beside: [mined, notebook('seal')] },
    {
      id: 'single/open',
      what: `opening, ${what}`,
      unit: 'records/s',
      records,
      take: open,
      needs,
      beside: [notebook('open')],
    },
    {
      id: 'single/size',
      what: `ledger file, ${what}`,
      unit: 'of the CSV',
      records,
      take: size,
      needs,
      beside: [notebook('size')],
    },
  ];
}

function blocksSteps({ seal, open, size }: Workflow): Step[] {
  const [what, needs] = ['blocks of 1,000', 'thousands/seal'];
  return [
    { id: needs, what: `sealing, ${what}`, unit: 'records/s', take: seal, beside: [notebook('seal')] },
    {
      id: 'thousands/open',
      what: `opening, ${what}`,
      unit: 'records/s',
      take: open,
      needs,
      beside: [notebook('open')],
    },
    {
      id: 'thousands/size',
      what: `ledger file, ${what}`,
      unit: 'of the CSV',
      take: size,
      needs,
      beside: [notebook('size')],
    },
  ];
}

function notebook(step: 'seal' | 'open' | 'size'): Beside {
  return { with: 'notebook', what: 'the notebook', value: (of) => of(`notebook/${step}`) };
}
