// Sealing and opening one record; padding.

import { H, hex, join, label, u64, utf8 } from '../../oracle/bytes.js';
import { entryBytes, groupKey, pad, recordKey, saltHash, sealRecord } from '../../oracle/seal.js';
import { seeded } from './people.js';
import type { Vector } from './verify-vector.js';

export const LEDGER: Uint8Array = H(utf8('a ledger'));
export const KEY: Uint8Array = H(utf8('a group key'));

export function recordVectors(): Vector[] {
  const repeat = (text: string, times: number) => utf8(text.repeat(times));
  return [
    recordVector('one-row', 'A short row: its body is 64 + 16 bytes.', 1, utf8('1,"Ada, Countess"\n')),
    recordVector('empty', 'No content: the padding is all.', 2, utf8('')),
    recordVector('63-bytes', 'The most that fits into 64 bytes.', 3, repeat('x', 63)),
    recordVector('64-bytes', 'One byte more: the Padmé length of 65 is 72.', 4, repeat('x', 64)),
    recordVector('300-bytes', 'The Padmé length of 301 is 304.', 5, repeat('x', 300)),
    recordVector(
      'ends-with-the-mark',
      'Content that looks like padding comes off whole.',
      6,
      new Uint8Array([0x80, 0, 0x80, 0]),
    ),
    recordVector('last-row', 'The largest row number.', 2 ** 53 - 1, utf8('x')),
    ...[0, 1, 8, 62, 63, 64, 71, 72, 127, 128, 1000, 65_535, 1_000_000].map(paddingVector),
  ];
}

function recordVector(name: string, description: string, row: number, content: Uint8Array): Vector {
  const key = groupKey(LEDGER, KEY);
  const salt = seeded(`salt ${name}`)(32);
  const record = sealRecord(LEDGER, key, row, content, () => salt);
  return {
    path: `records/${name}`,
    content: {
      description,
      rule: 'spec/records.md#entry',
      ledger: hex(LEDGER),
      group_key: hex(KEY),
      row,
      salt: hex(salt),
      content_base64: Buffer.from(content).toString('base64'),
      expect: {
        key_id: hex(key.keyId),
        info: hex(join(label('record'), LEDGER, salt, key.keyId, u64(row))),
        record_key: hex(recordKey(LEDGER, key, salt, row)),
        salt_hash: hex(saltHash(salt)),
        commitment: hex(record.head.slice(57)),
        padded_length: pad(content).length,
        body: hex(record.body),
        body_hash: hex(H(label('body'), record.body)),
        entry: hex(entryBytes(record)),
      },
    },
  };
}

function paddingVector(length: number): Vector {
  return {
    path: `padding/${length}-bytes`,
    content: {
      description: `Content of ${length} bytes.`,
      rule: 'spec/records.md#padding',
      length,
      expect: { padded_length: pad(new Uint8Array(length)).length },
    },
  };
}
