import { type Beside, type Group, rate, type Step } from '../step.js';
import { limitSteps, type Setting } from './setting.js';

/** SHA-256 works on blocks of 64 bytes, and a nonce takes one (FIPS 180-4). */
export const BLOCK_BYTES = 64;
/** So much that starting and stopping costs little, as with a real ledger of high difficulty. */
const BITS = 20;

/** How many nonces are tried a second. */
export function mining(setting: Setting): Group {
  const { plan } = setting;
  const limit = (threads: number): Beside => ({
    with: 'limit',
    what: `a SHA-256 block for each nonce, ${threads} at a time`,
    value: (of) => (threads * of('sha256')) / BLOCK_BYTES,
  });
  const steps: Step[] = [
    ...limitSteps(setting, 'sha256'),
    {
      id: 'mine/one',
      what: 'mining, one thread',
      unit: 'hashes/s',
      take: rate({ task: 'mine', on: { difficulty: BITS, proofs: plan.proofs }, warm: { difficulty: 12, proofs: 8 } }),
      beside: [limit(1)],
    },
  ];
  return {
    name: `mining, ${BITS} bits`,
    records: null,
    rounds: plan.rounds,
    prepare: async () => {},
    steps: () => steps,
  };
}
