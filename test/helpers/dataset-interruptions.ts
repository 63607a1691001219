// Ways in which a sealing ends before its time.

import type { SealOptions } from '../../src/dataset/seal.js';
import { MedsealError } from '../../src/errors.js';
import type { Surroundings } from '../../src/ledger/ledger.js';
import type { Store } from '../../src/store/store.js';
import { singleThreadMiner } from '../../src/work/miner.js';

/** What is handed to a ledger and to a sealing so that they fail at the given block of that sealing. */
export interface Trap {
  readonly surroundings: Surroundings;
  readonly options: Pick<SealOptions, 'signal'>;
  readonly store: (store: Store) => Store;
}

export const INTERRUPTIONS: Readonly<Record<string, (block: number) => Trap>> = {
  'a signal': (block) => {
    const controller = new AbortController();
    const mine = atBlock(block, () => controller.abort());
    return { surroundings: { miner: { mine } }, options: { signal: controller.signal }, store: (store) => store };
  },
  'a miner that throws': (block) => {
    const mine = atBlock(block, () => {
      throw new MedsealError('ABORTED', 'the miner has stopped');
    });
    return { surroundings: { miner: { mine } }, options: {}, store: (store) => store };
  },
  'a store that fails': (block) => failing(block, (store, ...call) => store.append(...call), 'before'),
  'a store that fails, but keeps': (block) => failing(block, (store, ...call) => store.append(...call), 'after'),
};

function atBlock(block: number, happen: () => void): (typeof singleThreadMiner)['mine'] {
  let count = 0;
  return (...call) => {
    if (++count === block) happen();
    return singleThreadMiner.mine(...call);
  };
}

function failing(
  block: number,
  append: (store: Store, ...call: Parameters<Store['append']>) => Promise<void>,
  when: 'before' | 'after',
): Trap {
  let count = 0;
  const wrap = (store: Store): Store => ({
    ...store,
    append: async (after, blocks) => {
      count += blocks.length;
      if (count < block || when === 'after') await append(store, after, blocks);
      if (count >= block) throw new MedsealError('STORE_FAILED', 'the disk is full');
    },
  });
  return { surroundings: {}, options: {}, store: wrap };
}
