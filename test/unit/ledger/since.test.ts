// Verification in parts of time: what was verified is not verified again, and a ledger that did not grow from it is told.

import { beforeAll, describe, expect, test } from 'vitest';
import { createLedger } from '../../../src/ledger/ledger.js';
import { type VerifyLedgerOptions, verifyLedger } from '../../../src/ledger/verify.js';
import { encodeSaved, parseSaved, SAVED_VERSION, type SavedState } from '../../../src/verify/saved.js';
import type { Verdict } from '../../../src/verify/verdict.js';
import { refusal, temporaryFolder } from '../../helpers/dataset-fixture.js';
import { info, linesOf, richLedger, say, streamOf, textOf } from '../../helpers/ledgers.js';
import { NOW, owner, stranger, writer } from '../../helpers/people.js';
import { blockBehind, parse } from '../../helpers/tampering.js';

const temporary = temporaryFolder();
const pinned = { now: new Date(NOW), owner: owner.publicKey };
let path = '';
let lines: string[] = [];

beforeAll(async () => {
  path = temporary.path('rich.medseal');
  const ledger = await richLedger('since', path);
  lines = await linesOf(ledger);
  await ledger.close();
});

/** Verifies the lines as an export, and gives the state with the verdict; null where none was handed out. */
async function verify(
  upTo: readonly string[],
  options: VerifyLedgerOptions = {},
): Promise<{ verdict: Verdict; state: SavedState | null }> {
  const states: SavedState[] = [];
  const onState = (state: SavedState): void => void states.push(state);
  const verdict = await verifyLedger(streamOf(textOf(upTo)), { ...pinned, ...options, onState });
  // As it comes from a file.
  return { verdict, state: states[0] === undefined ? null : parseSaved(encodeSaved(states[0])) };
}

async function stateAfter(blocks: number): Promise<SavedState> {
  const { state } = await verify(lines.slice(0, blocks));
  if (state === null) throw new Error('no state');
  return state;
}

describe('from a saved state on', () => {
  test('the verdict is that of the whole, wherever it was saved', async () => {
    const { verdict: whole, state: last } = await verify(lines);
    for (let k = 1; k <= lines.length; k++) {
      const since = await stateAfter(k);
      for (const threads of k % 7 === 0 ? [1, 2] : [1]) {
        const { verdict, state } = await verify(lines, { since, threads });
        const notices = verdict.notices.filter(({ code }) => code !== 'TAKEN_FROM_STATE');
        expect(verdict.notices).toContainEqual(expect.objectContaining({ code: 'TAKEN_FROM_STATE', block: k }));
        expect({ ...verdict, notices }).toEqual({ ...whole, since: k });
        expect(state).toEqual(last);
      }
    }
  });

  test('a ledger’s file and an export are the same', async () => {
    const since = await stateAfter(9);
    const { verdict } = await verify(lines, { since });
    expect(await verifyLedger(path, { ...pinned, since })).toEqual(verdict);
  });

  test('a fault is found in what is new, and not in what is old', async () => {
    const since = await stateAfter(9);
    const changed = (k: number): string[] => lines.with(k - 1, lines[k - 1]!.replace('"proof":', '"proof":1'));
    expect((await verify(changed(12), { since })).verdict.problems).toMatchObject([
      { block: 12, code: 'SIGNATURE_INVALID' },
    ]);
    expect((await verify(changed(4), { since })).verdict).toMatchObject({ ok: true, since: 9 });
  });

  test('what is said of writers and data sets before it still holds', async () => {
    const behind = blockBehind(lines, [{ kind: 'info-note', text: 'x' }], writer);
    const since = await stateAfter(lines.length);
    const { verdict, state } = await verify([...lines, behind], { since });
    expect(verdict.problems).toMatchObject([{ block: 22, code: 'SIGNER_UNAUTHORISED' }]);
    expect(state).toBeNull();
  });

  test('what has become of records that are erased later, in blocks that are not looked at, is not told', async () => {
    const at = lines.findIndex((line) => line.includes('"sealed":'));
    const entry = (parse(lines[at]!).data as { sealed?: string }[]).findIndex(({ sealed }) => sealed !== undefined);
    const erasure = { kind: 'erase', entries: [[at + 1, entry]], reason: 'asked for', basis: 'GDPR' };
    const longer = [...lines, blockBehind(lines, [erasure], owner)];
    const pending = async (since: number) => {
      const { verdict } = await verify(longer, { since: await stateAfter(since) });
      expect(verdict).toMatchObject({ ok: true, erased: 1 });
      return verdict.notices.some(({ code }) => code === 'ERASE_PENDING');
    };
    expect(await pending(at)).toBe(true);
    expect(await pending(at + 1)).toBe(false);
  });

  test('blocks can be added and verified again and again', async () => {
    const file = temporary.path('growing.medseal');
    const ledger = await createLedger(file, await owner.identity(), { difficulty: 0 });
    let since: SavedState | undefined;
    for (let round = 1; round <= 4; round++) {
      await say(ledger, owner, info(`round ${round}`));
      const onState = (state: SavedState): void => {
        since = state;
      };
      const verdict = await verifyLedger(file, { ...(since === undefined ? {} : { since }), onState });
      expect(verdict).toMatchObject({ ok: true, blocks: round + 1, statements: round + 1 });
      expect(since?.blocks).toBe(round + 1);
    }
    await ledger.close();
  });
});

describe('a ledger that has not grown from the state', () => {
  const codes = async (upTo: readonly string[], since: SavedState): Promise<string[]> => {
    const { verdict, state } = await verify(upTo, { since });
    expect(state).toBeNull();
    return verdict.problems.map(({ code, block }) => `${code} ${block}`);
  };

  test('is older', async () => {
    expect(await codes(lines.slice(0, 8), await stateAfter(9))).toEqual(['LEDGER_ROLLED_BACK 9']);
  });

  test('has another history', async () => {
    const other = blockBehind(lines.slice(0, 8), [{ kind: 'info-note', text: 'x' }], owner);
    expect(await codes([...lines.slice(0, 8), other], await stateAfter(9))).toEqual(['LEDGER_REWRITTEN 9']);
    expect(await codes(lines.with(8, '{}'), await stateAfter(9))).toEqual(['LEDGER_REWRITTEN 9']);
  });

  test('is another one', async () => {
    const others = await linesOf(await richLedger('another'));
    expect(await codes(others, await stateAfter(9))).toEqual(['LEDGER_MISMATCH 1']);
  });

  test('in a file', async () => {
    const since = { ...(await stateAfter(9)), head: 'ab'.repeat(32) };
    expect(await verifyLedger(path, { ...pinned, since })).toMatchObject({
      ok: false,
      problems: [{ block: 9, code: 'LEDGER_REWRITTEN' }],
    });
    const later = { ...(await stateAfter(21)), blocks: 23 };
    expect(
      await verifyLedger(path, { ...pinned, since: { ...later, edge: [...later.edge, 'ab'.repeat(32)] } }),
    ).toMatchObject({
      problems: [{ block: 23, code: 'LEDGER_ROLLED_BACK' }],
    });
  });

  test('is not owned by whom the caller names', async () => {
    const since = await stateAfter(9);
    const { verdict } = await verify(lines, { since, owner: stranger.publicKey });
    expect(verdict.problems).toMatchObject([{ code: 'OWNER_MISMATCH' }]);
  });
});

describe('a file of a state', () => {
  test('is taken exactly as it was written', async () => {
    const bytes = encodeSaved(await stateAfter(9));
    const text = Buffer.from(bytes).toString();
    const saved = JSON.parse(text) as Record<string, unknown>;
    const wrong: Record<string, unknown> = {
      ledger: 'ab',
      blocks: 0,
      head: null,
      time: '2025',
      edge: [],
      anchor: 10,
      state: null,
    };
    for (const [member, value] of Object.entries(wrong)) {
      const { checksum: _, ...members } = saved;
      const changed = encodeSaved({ ...members, [member]: value } as unknown as SavedState);
      expect((await refusal(async () => parseSaved(changed))).code, member).toBe('STATE_INVALID');
    }
    for (const bad of ['', '{}', `${text}\n`, text.slice(1), '[1]']) {
      expect((await refusal(async () => parseSaved(Buffer.from(bad)))).code).toBe('STATE_INVALID');
    }
    const newer = text.replace(`"version":${SAVED_VERSION}`, `"version":${SAVED_VERSION + 1}`);
    expect((await refusal(async () => parseSaved(Buffer.from(newer)))).code).toBe('STATE_VERSION');
  });

  test('with other members of the ledger’s state is refused', async () => {
    const since = await stateAfter(9);
    const state = since.state as Record<string, unknown>;
    const { records: _, ...fewer } = state;
    for (const other of [fewer, { ...state, more: 1 }, { ...state, writers: [] }, { ...state, records: '1' }]) {
      const refused = await refusal(verify(lines, { since: { ...since, state: other as SavedState['state'] } }));
      expect(refused.code).toBe('STATE_INVALID');
    }
  });

  test('is not made of a ledger with a problem', async () => {
    expect((await verify(lines.toSpliced(4, 1))).state).toBeNull();
  });
});
