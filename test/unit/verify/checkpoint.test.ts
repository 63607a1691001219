// A ledger against a checkpoint, as far as each of the two is known.

import { beforeAll, expect, test } from 'vitest';
import { type Curve, loadCurve, type PublicKey } from '../../../src/crypto/secp256k1.js';
import { type Checkpoint, parseCheckpoint, signCheckpoint } from '../../../src/format/checkpoint.js';
import { checkAgainst, type FoundState } from '../../../src/verify/checkpoint.js';
import { owner, stranger } from '../../helpers/people.js';

const head = { ledger: 'ab'.repeat(32), size: 5, root: 'cd'.repeat(32) };
let curve: Curve;
let checkpoint: Checkpoint;

beforeAll(async () => {
  curve = await loadCurve();
  checkpoint = parseCheckpoint(Buffer.from(await signCheckpoint(head, await owner.identity())));
});

const grown: FoundState = {
  ledger: head.ledger,
  owner: owner.publicKey as PublicKey,
  blocks: 7,
  open: false,
  root: head.root,
};

test.each<[what: string, change: Partial<FoundState>, found: [block: number, code: string] | null]>([
  ['has grown', {}, null],
  ['is what it was', { blocks: 5 }, null],
  ['is not known', { ledger: null }, null],
  ['is another one', { ledger: 'ef'.repeat(32) }, [1, 'LEDGER_MISMATCH']],
  ['is another one, whatever else', { ledger: 'ef'.repeat(32), blocks: 1, owner: null }, [1, 'LEDGER_MISMATCH']],
  ['had another owner', { owner: stranger.publicKey as PublicKey }, [5, 'CHECKPOINT_UNSIGNED']],
  ['had an owner whom nobody knows', { owner: null }, [5, 'CHECKPOINT_UNCHECKED']],
  ['is older', { blocks: 4, root: null }, [4, 'LEDGER_ROLLED_BACK']],
  ['is older, and its owner is not known', { blocks: 4, owner: null }, [4, 'LEDGER_ROLLED_BACK']],
  ['goes on in a newer format', { blocks: 4, open: true, root: null }, [5, 'CHECKPOINT_UNCHECKED']],
  ['has a history that nobody knows', { root: null }, [5, 'CHECKPOINT_UNCHECKED']],
  ['has another history', { root: 'ef'.repeat(32) }, [5, 'LEDGER_REWRITTEN']],
])('the ledger %s', (_, change, found) => {
  const finding = checkAgainst(checkpoint, curve, { ...grown, ...change });
  expect(finding === null ? null : [finding.block, finding.code]).toEqual(found);
});
