// Reads one hostile input, made as it is read, and tells what came of it. Run alone, so that its memory is its own.
import { createHash } from 'node:crypto';
import { encodeLine } from '../../dist/format/exchange.js';
import { canonicalize } from '../../dist/format/json.js';
import {
  createLedger,
  examine,
  headsBeside,
  identityFromPrivateKey,
  memoryStore,
  openLedger,
  readKeyFile,
  sealDataset,
  verifyLedger,
} from '../../dist/index.js';
import { importPrivateKey } from '../../dist/keys/import.js';
import { composeBlock } from '../../dist/ledger/compose.js';
import { singleThreadMiner } from '../../dist/work/miner.js';

const MB = 1024 * 1024;
const owner = await identityFromPrivateKey(new Uint8Array(32).fill(1));

/** A beginning, a piece over and over, an end. */
async function* long(before, piece, megabytes, after) {
  yield Buffer.from(before);
  const part = Buffer.from(piece.repeat(Math.ceil(MB / 4 / Buffer.byteLength(piece))));
  for (let i = 0; i < 4 * megabytes; i++) yield part;
  yield Buffer.from(after);
}

const verdictOn = async (chunks) => {
  const { ok, problems } = await verifyLedger(chunks);
  return ok ? 'ok' : problems[0].code;
};
const sealing = async (chunks, format) => {
  const ledger = await createLedger(memoryStore(), owner, { difficulty: 0 });
  const { rows } = await sealDataset(ledger, owner, chunks, { name: 'x', format, blockSize: 1000 });
  return `${rows} rows`;
};

/** Signed lines that claim blocks a thousand million apart. */
async function* gaps(count) {
  const stranger = await identityFromPrivateKey(new Uint8Array(32).fill(9));
  const entries = [{ kind: 'statement', bytes: Buffer.from('{"kind":"info-x"}') }];
  for (let i = 1; i <= count; i++) {
    const place = { index: i * 1e9, timestamp: '2025-01-01T00:00:00.000Z', difficulty: 0 };
    const hash = createHash('sha256').update(String(i)).digest('hex');
    const hashes = { previous_hash: hash, history_hash: hash };
    yield encodeLine(await composeBlock({ ...place, ...hashes }, entries, stranger, singleThreadMiner));
  }
}

/** A well-signed block of statements full of small values, twice. */
async function* fullOfStatements(count, levels) {
  const statement = Buffer.from(canonicalize({ a: Array.from({ length: 340_000 }, () => levels), kind: 'info-x' }));
  const entries = Array.from({ length: count }, () => ({ kind: 'statement', bytes: statement }));
  const hash = '0'.repeat(64);
  for (const index of [1, 2]) {
    const place = {
      index,
      timestamp: '2025-01-01T00:00:00.000Z',
      previous_hash: '0',
      history_hash: hash,
      difficulty: 0,
    };
    yield encodeLine(await composeBlock(place, entries, owner, singleThreadMiner));
  }
}

const CASES = {
  'an export line without end': () => verdictOn(long('{"data":[', 'x', 1000, '\n')),
  'an export of one text without end': () => verdictOn(long('{"data":[{"kind":"', 'x', 1000, '')),
  'a line of empty arrays': () => verdictOn(long('{"data":[[', '[],', 120, '[]],"x":1}\n')),
  'a line of empty entries': () => verdictOn(long('{"data":[', '{},', 120, '{}],"x":1}\n')),
  'a line of numbers': () => verdictOn(long('{"data":[{"kind":"info-x","n":[', '0,', 120, '0]}],"x":1}\n')),
  'a line of members': () => verdictOn(long('{"data":[],', '"a":1,', 120, '"x":1}\n')),
  'a line that is no block of ours': () => verdictOn(long('{"aaa":[', '{},', 120, '{}]}\n')),
  'a line of opening brackets': () => verdictOn(long('{"data":[', '[', 120, '\n')),
  'lines of one character': () => verdictOn(long('{}\n', 'x\n', 0.5, '')),
  'gaps between blocks': () => verdictOn(gaps(5000)),
  'blocks full of statements': () => verdictOn(fullOfStatements(12, [])),
  'a CSV field without end': () => sealing(long('a,b\n1,"', 'x', 1000, ''), 'csv'),
  'a CSV header without end': () => sealing(long('', 'column,', 1000, ''), 'csv'),
  'CSV of nothing but quotes': () => sealing(long('a\n', '"', 1000, ''), 'csv'),
  'CSV of nothing but line ends': async () => `${(await examine(long('a\n', '\n', 10, ''), {})).rows} rows`,
  'an NDJSON line without end': () => sealing(long('', 'x', 1000, ''), 'ndjson'),
  'NDJSON of opening brackets': () => sealing(long('', '[', 30, '\n'), 'ndjson'),
  'NDJSON nested as deep as a line is long': () => sealing(nested(15_000_000), 'ndjson'),
  'NDJSON in small pieces': () => sealing(long('[', '{},', 30, '{}]\n'), 'ndjson'),
  'a key file': async () => (await readKeyFile(process.argv[3], () => Promise.resolve('x'))).publicKey,
  'a private key': async () => (await importPrivateKey('['.repeat(100_000_000))).publicKey,
  'remembered heads': async () => String(headsBeside(process.argv[3]).get('x')),
  'a ledger': async () => {
    const ledger = await openLedger(process.argv[3]);
    await ledger.close();
    return verdictOn(process.argv[3]);
  },
};

async function* nested(levels) {
  yield Buffer.alloc(levels, '[');
  yield Buffer.alloc(levels, ']');
  yield Buffer.from('\n');
}

let outcome;
try {
  outcome = await CASES[process.argv[2]]();
} catch (error) {
  outcome = error.name === 'MedsealError' ? error.code : `unexpected: ${error.stack}`;
}
process.stdout.write(outcome);
