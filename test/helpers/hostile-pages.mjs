// Reads a ledger file whose pages have been damaged, many times over, each time elsewhere. A driver that ended the
// process would end this one only.
import { readFileSync, writeFileSync } from 'node:fs';
import { identityFromPrivateKey, listDatasets, openLedger, verifyLedger } from '../../dist/index.js';

const [original, path, seed, runs] = [
  process.argv[2],
  process.argv[3],
  Number(process.argv[4]),
  Number(process.argv[5]),
];
const PAGE = 8192;
const whole = readFileSync(original);
const owner = await identityFromPrivateKey(new Uint8Array(32).fill(1));

// mulberry32: the same damage for the same seed.
let state = seed;
const random = (below) => {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % below;
};
const pages = whole.length / PAGE;
const pageStart = () => random(pages) * PAGE;

/** What becomes of the bytes: where damage hurts most is at the beginnings of pages, in their headers and pointers. */
const DAMAGES = [
  (bytes) => bytes.writeUInt8(random(256), pageStart() + random(12)),
  (bytes) => bytes.writeUInt16BE(random(65536), pageStart() + random(200)),
  (bytes) => bytes.writeUInt32BE(1 + random(pages + 2), pageStart() + 8),
  (bytes) => bytes.writeUInt32BE(1 + random(pages + 2), pageStart() + PAGE - 4 - random(400)),
  (bytes) => bytes.copyWithin(pageStart(), pageStart(), pageStart() + PAGE),
  (bytes) => bytes.fill(random(256), pageStart(), pageStart() + random(PAGE)),
  (bytes) => bytes.writeUInt8(random(256), random(PAGE)),
  (bytes) => bytes.writeUInt8(128 + random(128), random(100)),
];

const outcomes = {};
for (let run = 0; run < runs; run++) {
  const bytes = Buffer.from(whole);
  for (let i = 0; i <= random(3); i++) {
    try {
      DAMAGES[random(DAMAGES.length)](bytes);
    } catch {
      // Past the end of the file: this damage is none.
    }
  }
  writeFileSync(path, bytes);
  const outcome = await judge();
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
}
process.stdout.write(JSON.stringify(outcomes));

async function judge() {
  try {
    const ledger = await openLedger(path);
    try {
      await listDatasets(ledger, owner);
    } finally {
      await ledger.close();
    }
    const { ok } = await verifyLedger(path, { owner: owner.publicKey });
    return ok ? 'ok' : 'not ok';
  } catch (error) {
    return error.name === 'MedsealError' ? error.code : `unexpected: ${error.stack}`;
  }
}
