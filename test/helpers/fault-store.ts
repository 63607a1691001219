// A store in which one operation fails, at a chosen time, before it takes effect or after.

import { MedsealError } from '../../src/errors.js';
import type { ReadBlock, Store } from '../../src/store/store.js';

/** `read` is asking for the blocks, `block` is each that comes. */
export const OPERATIONS = ['lock', 'append', 'replace', 'tag', 'read', 'block', 'size', 'close'] as const;
export type Operation = (typeof OPERATIONS)[number];

export interface Fault {
  readonly operation: Operation;
  /** Which of its calls fails, counted from 1. */
  readonly call: number;
  readonly when: 'before' | 'after';
}

export type Calls = Record<Operation, number>;

/** A store like another, which counts its calls, and of which one fails where a fault is given. */
export function faultyStore(store: Store, fault: Fault | null = null): { store: Store; calls: Calls } {
  const calls: Calls = { lock: 0, append: 0, replace: 0, tag: 0, read: 0, block: 0, size: 0, close: 0 };

  function failNow(operation: Operation, when: Fault['when']): void {
    if (fault?.operation === operation && fault.when === when && fault.call === calls[operation]) {
      throw new MedsealError('STORE_FAILED', `${operation} failed ${when} it took effect`);
    }
  }

  async function around<T>(operation: Operation, run: () => Promise<T>): Promise<T> {
    calls[operation]++;
    failNow(operation, 'before');
    const result = await run();
    failNow(operation, 'after');
    return result;
  }

  async function* read(...call: Parameters<Store['read']>): AsyncGenerator<ReadBlock> {
    calls.read++;
    failNow('read', 'before');
    for await (const block of store.read(...call)) {
      calls.block++;
      failNow('block', 'before');
      yield block;
      failNow('block', 'after');
    }
    failNow('read', 'after');
  }

  const faulty: Store = {
    lock: () => around('lock', () => store.lock()),
    append: (...call) => around('append', () => store.append(...call)),
    replace: (...call) => around('replace', () => store.replace(...call)),
    read,
    nodes: (position) => store.nodes(position),
    places: (tag) => store.places(tag),
    tags: () => store.tags(),
    destroyed: () => store.destroyed(),
    tag: (...call) => around('tag', () => store.tag(...call)),
    size: () => around('size', () => store.size()),
    close: () => around('close', () => store.close()),
  };
  return { store: faulty, calls };
}
