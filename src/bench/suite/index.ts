import type { Group } from '../step.js';
import { access } from './access.js';
import { blocks } from './blocks.js';
import { chain } from './chain.js';
import { mining } from './mining.js';
import { besideNotebook } from './notebook.js';
import { proofs } from './proofs.js';
import type { Plan, Setting } from './setting.js';
import { startUp } from './start-up.js';
import { tablesOfValues } from './tables-of-values.js';
import { DIFFICULTY } from './workflow.js';

export const WHOLE: Plan = {
  sizes: [10_000, 100_000, 1_000_000],
  chains: [10_000, 100_000],
  shared: [10_000, 100_000],
  subjects: 1000,
  oneByOne: 100,
  rounds: 5,
  nonces: 2 ** 25,
  worked: 2000,
  notebook: 200,
};

/** Less than a minute: to see that all is well, not to be quoted. */
export const QUICK: Plan = {
  sizes: [5000],
  chains: [5000],
  shared: [1000],
  subjects: 20,
  oneByOne: 5,
  rounds: 2,
  nonces: 2 ** 22,
  worked: 300,
  notebook: 20,
};

/** The parts, in the order in which they are measured: the short first. */
const PARTS: Readonly<Record<string, (setting: Setting) => Group[]>> = {
  'start-up': (setting) => [startUp(setting)],
  mining: (setting) => [DIFFICULTY, 20].map((bits) => mining(setting, bits)),
  notebook: (setting) => [besideNotebook(setting)],
  blocks: (setting) => setting.plan.sizes.map((records) => blocks(setting, records)),
  tables: (setting) => setting.plan.sizes.map((records) => tablesOfValues(setting, records)),
  access: (setting) => setting.plan.shared.map((records) => access(setting, records)),
  chain: (setting) => setting.plan.chains.map((records) => chain(setting, records)),
  proofs: (setting) => [proofs(setting, Math.max(...setting.plan.sizes))],
};

export const PART_NAMES: readonly string[] = Object.keys(PARTS);

/** The groups of these parts. */
export function suite(setting: Setting, parts: readonly string[]): Group[] {
  return Object.entries(PARTS).flatMap(([name, groups]) => (parts.includes(name) ? groups(setting) : []));
}
