import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateIdentity } from '../../crypto/identity.js';
import { openDataset } from '../../dataset/open.js';
import { originalBytes } from '../../dataset/output.js';
import { sampleReviews } from '../../dataset/sample.js';
import { sealDataset } from '../../dataset/seal.js';
import { MedsealError } from '../../errors.js';
import { writeKeyFile } from '../../keys/key-file.js';
import { createLedger, openLedger } from '../../ledger/ledger.js';
import { verifyLedger } from '../../ledger/verify.js';
import type { Verdict } from '../../verify/verdict.js';
import { summaries } from '../block-data.js';
import { type Context, DONE, type ExitCode, FAILED } from '../context.js';
import { writeFileWhole } from '../files.js';
import { blockText, bold, count, dim, good, type Terminal, verdictText } from '../terminal.js';

interface Options {
  readonly dir: string;
}

/** Shows that a folder is an earlier demo's, so that nobody's own files are cleared away. */
const MARK = 'about-this-demo.txt';
const MARK_TEXT = 'Made by "medseal demo". Running it again replaces this folder.\n';
const TAMPERED_BLOCK = 120;

export async function run(_args: string[], { dir }: Options, { terminal, signal }: Context): Promise<ExitCode> {
  prepareFolder(dir);
  const paths = {
    key: join(dir, 'owner.key'),
    csv: join(dir, 'drug-reviews.csv'),
    ledger: join(dir, 'reviews.medseal'),
    tampered: join(dir, 'tampered.medseal'),
    reopened: join(dir, 'reopened.csv'),
    again: join(dir, 'again.csv'),
  };
  const step = steps(terminal);
  const start = performance.now();

  step('Key generation: a secp256k1 key pair. The private key stays in its file.');
  const owner = await generateIdentity();
  await writeKeyFile(paths.key, owner);
  terminal.say(`   public key ${owner.publicKey}`);

  step('A sample: drug reviews with commas, quotes and line breaks in their fields.');
  writeFileSync(paths.csv, sampleReviews(), { mode: 0o600 });
  terminal.say(`   ${paths.csv}`);

  step('A new ledger with its genesis block.');
  const ledger = await createLedger(paths.ledger, owner, { signal });
  let verdict: Verdict;
  try {
    step('Sealing: each row encrypted, in a block of its own, mined, signed and linked by hash.');
    const bar = await terminal.progress('rows', 300);
    const sealed = await sealDataset(ledger, owner, paths.csv, {
      name: 'drug-reviews',
      signal,
      onProgress: ({ rows }) => bar.update(rows),
    }).finally(() => bar.stop());
    terminal.say(`   ${count(sealed.sealed, 'row')} sealed in ${count(await ledger.size(), 'block')}`);

    step('The chain: what anyone sees who has the file but no key.');
    for await (const item of ledger.blocks({ from: 1, to: 3, bodies: false })) {
      if ('header' in item) terminal.say(indent(blockText(item.header.index, item, true, summaries(item))));
    }

    step('Verification, with the public key alone.');
    const begun = performance.now();
    verdict = await verifyLedger(ledger, { owner: owner.publicKey, signal });
    terminal.say(indent(verdictText(paths.ledger, verdict, (performance.now() - begun) / 1000)));
  } finally {
    await ledger.close();
  }

  step(`Tampering: one bit of the record in block ${TAMPERED_BLOCK} is changed, in a copy.`);
  copyFileSync(paths.ledger, paths.tampered);
  await flipOneBit(paths.tampered, TAMPERED_BLOCK);
  const begun = performance.now();
  const caught = await verifyLedger(paths.tampered, { owner: owner.publicKey, signal });
  terminal.say(indent(verdictText(paths.tampered, caught, (performance.now() - begun) / 1000)));

  step('Opening, with the private key: what verifies is decrypted and written back.');
  const identical = await reopen(paths, owner, signal);
  terminal.say(
    identical
      ? `   ${good('identical')}: ${paths.reopened} is ${paths.csv}, byte for byte`
      : '   the file came back changed',
  );

  terminal.say(
    `\n${dim(`Done in ${((performance.now() - start) / 1000).toFixed(1)} s.`)} Everything is in ${dir}. To explore:`,
  );
  for (const line of explore(paths, owner.publicKey)) terminal.say(`  ${line}`);
  const found = caught.problems.map(({ block, code }) => ({ block, code }));
  terminal.json({ dir, verified: verdict.ok, tampering: found, identical });
  return verdict.ok && !caught.ok && caught.problems[0]?.block === TAMPERED_BLOCK && identical ? DONE : FAILED;
}

function prepareFolder(dir: string): void {
  if (existsSync(dir) && readdirSync(dir).length > 0) {
    if (!existsSync(join(dir, MARK))) {
      throw new MedsealError('FILE_EXISTS', `${dir} holds other files; choose another folder with --dir`, {
        file: dir,
      });
    }
    rmSync(dir, { recursive: true });
  }
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, MARK), MARK_TEXT);
}

function steps(terminal: Terminal): (text: string) => void {
  let number = 0;
  return (text) => terminal.say(`\n${bold(`${++number}.`)} ${text}`);
}

function indent(text: string): string {
  return text.trimEnd().replace(/^/gm, '   ');
}

/** What someone with access to the storage could do: one bit of a stored body, with an ordinary SQLite library. */
async function flipOneBit(path: string, block: number): Promise<void> {
  const { default: Database } = await import('libsql');
  const database = new Database(path);
  const [bodies] = database.prepare('SELECT bodies FROM blocks WHERE position = ?').raw().get(block) as unknown as [
    Buffer,
  ];
  const changed = Buffer.from(bodies);
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  database.prepare('UPDATE blocks SET bodies = ? WHERE position = ?').run(changed, block);
  database.close();
}

async function reopen(
  paths: { ledger: string; reopened: string; csv: string },
  owner: Parameters<typeof openDataset>[1],
  signal: AbortSignal,
): Promise<boolean> {
  const ledger = await openLedger(paths.ledger);
  try {
    const dataset = await openDataset(ledger, owner, { owner: owner.publicKey, signal });
    await writeFileWhole(paths.reopened, originalBytes(dataset), { mode: 0o600 });
    return dataset.report().verdict.ok && readFileSync(paths.reopened).equals(readFileSync(paths.csv));
  } finally {
    await ledger.close();
  }
}

function explore(
  paths: { key: string; ledger: string; tampered: string; csv: string; again: string },
  publicKey: string,
): string[] {
  return [
    `npx medseal log ${paths.ledger} --to 10`,
    `npx medseal show ${paths.ledger} 3 --key ${paths.key}`,
    `npx medseal verify ${paths.ledger} --public-key ${publicKey}`,
    `npx medseal verify ${paths.tampered} --public-key ${publicKey}`,
    `npx medseal open ${paths.ledger} --key ${paths.key} -o ${paths.again} && cmp ${paths.again} ${paths.csv}`,
  ];
}
