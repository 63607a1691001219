// A block of a newer version ends the verification: what it, or one behind it, may have said is not demanded.

import { hex } from '../../oracle/bytes.js';
import { signCheckpoint } from '../../oracle/checkpoint.js';
import { erase } from '../../oracle/say.js';
import { edit, hashOf, ledger, note, raw, replaced, say, stubbed } from './ledgers.js';
import { HEIR, heir, STRANGER } from './people.js';
import { SETS } from './verify-said.js';
import { type Case, notice, problem } from './verify-vector.js';

export function newerCases(): Case[] {
  const rule = 'spec/verification.md#newer-versions';
  const lines = ledger('newer', [
    ...SETS,
    note('newer'),
    raw(erase([4, 0])),
    say({ kind: 'owner', public_key: heir }),
    note('by the new owner', HEIR),
  ]);
  const newer = lines.with(
    8,
    edit(lines[8]!, () => ({ version: 2, further: true })),
  );
  const gone = stubbed(newer, [4, 0]);
  const about = {
    rule,
    problems: [problem(9, 'VERSION_NEWER')],
    expect: { undecided: true, blocks: 9, statements: 9, records: 4, head: null },
  };
  const checkpoint = { note: signCheckpoint(lines.slice(0, 12).map(hashOf), HEIR), size: 12, continued: false };
  const stranger = { note: signCheckpoint(lines.slice(0, 8).map(hashOf), STRANGER), size: 8, continued: false };
  return [
    {
      ...about,
      name: 'version-newer-erased-behind',
      description: 'A record is gone, and a block behind the newer one may have erased it.',
      export: gone,
    },
    {
      ...about,
      name: 'version-newer-withheld',
      description: 'The same where records may be withheld: it is withheld, as far as anybody can tell.',
      export: gone,
      withoutBodies: true,
      expect: { ...about.expect, withheld: 1 },
    },
    {
      ...about,
      name: 'version-newer-owner-behind',
      description: 'The pinned owner may have been named by the newer block, or behind it.',
      export: newer,
      owner: heir,
    },
    {
      ...about,
      name: 'version-newer-checkpoint-behind',
      description: 'A checkpoint is over more blocks than were judged: who owned the ledger then is not known.',
      export: newer,
      checkpoint,
      notices: [notice(12, 'CHECKPOINT_UNCHECKED')],
    },
    {
      ...about,
      name: 'version-newer-checkpoint-before',
      description: 'A checkpoint is over blocks that were judged, and not signed by who owned the ledger then.',
      export: newer,
      checkpoint: stranger,
      problems: [problem(8, 'CHECKPOINT_UNSIGNED'), ...about.problems],
      expect: { ...about.expect, undecided: false },
    },
    {
      ...about,
      name: 'version-newer-erased-behind-a-fault',
      description: 'Something was wrong before the newer block came; what it may have erased is no fault all the same.',
      export: gone.with(6, replaced(gone[6]!, '"index":7', '"index": 7')),
      problems: [problem(7, 'MALFORMED')],
      expect: { blocks: 8, statements: 9, records: 2, head: hex(hashOf(lines[7]!)) },
    },
  ];
}
