import { fileURLToPath } from 'node:url';
import { runProgram } from '../process.js';
import { type Group, outside, type Step } from '../step.js';
import type { Setting } from './setting.js';

const MAIN = fileURLToPath(new URL('../../cli/main.js', import.meta.url));

/** How long the shortest command takes. */
export function startUp({ plan }: Setting): Group {
  const program = (...args: string[]): Step['take'] =>
    outside(async (signal) => 1000 * (await runProgram(process.execPath, args, signal)).seconds);
  const steps: Step[] = [
    { id: 'node', what: 'limit: Node.js alone', unit: 'ms', take: program('-e', '0') },
    {
      id: 'start',
      what: 'medseal --version',
      unit: 'ms',
      take: program(MAIN, '--version'),
      beside: [{ with: 'limit', what: 'Node.js that does nothing', value: (of) => of('node') }],
    },
  ];
  // It is short, and what else the machine does shows the more.
  return { name: 'start-up', records: null, rounds: 2 * plan.rounds, prepare: async () => {}, steps: () => steps };
}
