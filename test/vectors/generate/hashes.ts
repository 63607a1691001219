// What is hashed, worked and signed; canonical JSON; trees.

import { type Header, headerHash, leadingZeroBits, sign, smallestProof } from '../../oracle/block.js';
import { fromHex, H, hex, label, u64, utf8 } from '../../oracle/bytes.js';
import { jcs } from '../../oracle/jcs.js';
import { treeHash } from '../../oracle/merkle.js';
import { OWNER, owner, START } from './people.js';
import type { Vector } from './verify-vector.js';

const HEADER: Header = {
  version: 1,
  index: 1,
  timestamp: START,
  previous_hash: '0',
  history_hash: hex(H()),
  data_hash: hex(treeHash([utf8('{"kind":"info-x"}')])),
  data_size: 1,
  difficulty: 4,
  signer: owner,
};

export function hashVectors(): Vector[] {
  return [
    blockVector('genesis', 'The header of a genesis block.', HEADER),
    blockVector('later', 'A header with the largest index, worked at 12 bits.', {
      ...HEADER,
      index: 2 ** 53 - 1,
      previous_hash: 'ab'.repeat(32),
      difficulty: 12,
    }),
    blockVector('no-work', 'Difficulty 0: the smallest proof is 0.', { ...HEADER, difficulty: 0 }),
    ...works(),
    ...trees(),
    ...texts(),
  ];
}

function blockVector(name: string, description: string, header: Header): Vector {
  const hash = headerHash(header);
  const proof = smallestProof(hash, header.difficulty);
  const signature = sign(hash, proof, fromHex(OWNER, 32));
  return {
    path: `hash/block-${name}`,
    content: {
      description,
      rule: 'spec/ledger.md#block-hash',
      header,
      private_key: OWNER,
      expect: {
        header_json: jcs(header),
        header_hash: hex(hash),
        proof,
        work_hash: hex(H(hash, u64(proof))),
        signing_digest: hex(H(label('block'), hash, u64(proof))),
        signature: hex(signature),
        block_hash: hex(H(hash, u64(proof), signature)),
      },
    },
  };
}

function works(): Vector[] {
  const hash = H(utf8('a header'));
  return [0, 1, 4, 7, 8, 9, 12].map((difficulty) => {
    const proof = smallestProof(hash, difficulty);
    const work = H(hash, u64(proof));
    return {
      path: `work/${difficulty}-bits`,
      content: {
        description: `The smallest proof of ${difficulty} leading zero bits.`,
        rule: 'spec/ledger.md#proof-of-work',
        header_hash: hex(hash),
        difficulty,
        expect: { proof, work_hash: hex(work), leading_zero_bits: leadingZeroBits(work) },
      },
    };
  });
}

function trees(): Vector[] {
  const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
  return [0, 1, 2, 3, 4, 5, 6, 7, 8].map((size) => ({
    path: `merkle/${size}-leaves`,
    content: {
      description: `A tree of ${size} leaves, as in the tests of Certificate Transparency.`,
      rule: 'spec/ledger.md#history',
      leaves: leaves.slice(0, size),
      expect: { root: hex(treeHash(leaves.slice(0, size).map((leaf) => fromHex(leaf, leaf.length / 2)))) },
    },
  }));
}

function texts(): Vector[] {
  const of = (name: string, description: string, text: string, code: string | null) => ({
    path: `json/${name}`,
    content: {
      description,
      rule: 'spec/README.md#canonical-json',
      max_depth: 4,
      text_base64: Buffer.from(text).toString('base64'),
      expect: code === null ? { ok: true } : { ok: false, code },
    },
  });
  const good = (name: string, description: string, text: string) => of(`ok-${name}`, description, text, null);
  const bad = (name: string, description: string, text: string, code = 'MALFORMED') =>
    of(name, description, text, code);
  return [
    good('values', 'Every kind of value.', '{"A":{},"a":[true,false,null,0,9007199254740991,"x"]}'),
    good(
      'escapes',
      'The escapes of RFC 8785, and no others.',
      '"\\b\\t\\n\\f\\r\\"\\\\\\u0000\\u001f/\u007f\u0080é\u2028😀"',
    ),
    good('member-order', 'Names in the order of their bytes.', '{"":0," ":0,"A":0,"a":0,"aa":0,"~":0}'),
    good('depth', 'Four levels.', '[[[[]]]]'),
    good('brackets-in-text', 'Brackets within a text do not nest.', '["[[[[\\"[[[["]'),
    bad('depth', 'Five levels.', '[[[[[]]]]]', 'TOO_LARGE'),
    bad('depth-unclosed', 'Five brackets that nothing closes: the depth is judged first.', '[[[[[', 'TOO_LARGE'),
    bad('empty', 'No text.', ''),
    bad('member-order', 'Names in another order.', '{"b":0,"a":0}'),
    bad('duplicate-member', 'A name twice.', '{"a":0,"a":0}'),
    bad('white-space', 'White space.', '[0, 0]'),
    bad('fraction', 'A number with a fraction.', '1.0'),
    bad('half', 'A number that is no integer.', '0.5'),
    bad('exponent', 'A number with an exponent.', '1e3'),
    bad('minus-zero', 'Minus zero.', '-0'),
    bad('negative', 'A negative number.', '-1'),
    bad('two-to-the-53', 'A number beyond 2^53 - 1.', '9007199254740992'),
    bad('infinite', 'A number beyond what a double holds.', '1e400'),
    bad('escaped-letter', 'A letter as an escape.', '"\\u0061"'),
    bad('escape-upper-case', 'An escape with capital digits.', '"\\u001F"'),
    bad('escaped-solidus', 'An escaped solidus.', '"\\/"'),
    bad('lone-surrogate', 'Half of a pair, escaped.', '"\\ud800"'),
    bad('name-not-ascii', 'A name beyond U+007E.', '{"é":0}'),
    bad('name-control', 'A control character in a name.', '{"\\n":0}'),
    bad('name-delete', 'U+007F in a name.', '{"\u007f":0}'),
    bad('byte-order-mark', 'A byte-order mark.', '\ufeff0'),
    bad('trailing-comma', 'No JSON at all.', '[0,]'),
  ];
}
