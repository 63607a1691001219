import { type Beside, type Group, rate, type Step } from '../step.js';
import { limitSteps, type Setting } from './setting.js';

/** SHA-256 works on blocks of 64 bytes, and a nonce takes one (FIPS 180-4). */
export const BLOCK_BYTES = 64;
/** Enough for threads to be started, and for the compiler. */
const WARM_UP = { difficulty: 20, proofs: 2 };

/** How many nonces are tried a second, while blocks of this difficulty (leading zero bits) are mined one after the other. */
export function mining(setting: Setting, bits: number): Group {
  const { plan, cores } = setting;
  const numbers = [...new Set([1, 2, cores])].filter((threads) => threads <= cores);
  const proofs = Math.ceil(plan.nonces / 2 ** bits);
  return {
    name: `mining, ${bits} bits`,
    records: null,
    rounds: plan.rounds,
    prepare: async () => {},
    steps: () => [...limitSteps(setting, 'sha256'), ...numbers.map((threads) => step(threads, bits, proofs))],
  };
}

function step(threads: number, bits: number, proofs: number): Step {
  const limit: Beside = {
    with: 'limit',
    what: 'a SHA-256 block for each nonce, on as many cores',
    value: (of) => (threads * of('sha256')) / BLOCK_BYTES,
  };
  const alone: Beside = { with: 'one thread', what: 'one thread', value: (of) => of(`mine/${bits}/1`) };
  return {
    id: `mine/${bits}/${threads}`,
    what: threads === 1 ? 'one thread' : `${threads} threads`,
    unit: 'hashes/s',
    take: rate({ task: 'mine', on: { threads, difficulty: bits, proofs }, warm: { threads, ...WARM_UP } }),
    beside: threads === 1 ? [limit] : [limit, alone],
  };
}
