import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { untilAborted } from '../../src/errors.js';

// Node.js warns of more than ten on standard error, in the midst of what a command says.
test('however many wait for a signal, it has one listener, and all hear of it', async () => {
  const interrupt = new AbortController();
  const ends: (() => void)[] = [];
  const waiting = Array.from({ length: 20 }, () =>
    untilAborted(new Promise<void>((resolve) => ends.push(resolve)), interrupt.signal),
  );
  expect(getEventListeners(interrupt.signal, 'abort')).toHaveLength(1);
  ends[0]?.();
  await waiting[0];
  interrupt.abort();
  const outcomes = await Promise.allSettled(waiting);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', ...Array(19).fill('rejected')]);
  expect(outcomes[1]).toMatchObject({ reason: { code: 'ABORTED' } });
});
