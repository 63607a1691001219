import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateIdentity, type SoftwareIdentity } from '../../crypto/identity.js';
import { openDataset } from '../../dataset/open.js';
import { originalBytes } from '../../dataset/output.js';
import { sampleReviews } from '../../dataset/sample.js';
import { sealDataset } from '../../dataset/seal.js';
import { examine } from '../../dataset/source/examine.js';
import { MedsealError } from '../../errors.js';
import { isReadable } from '../../format/block.js';
import { writeKeyFile } from '../../keys/key-file.js';
import { createLedger, type Ledger, openLedger } from '../../ledger/ledger.js';
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

/** What each step of the demonstration works with. */
interface Stage extends Context {
  readonly dir: string;
  readonly paths: Readonly<Record<'key' | 'csv' | 'ledger' | 'tampered' | 'reopened' | 'again', string>>;
  readonly owner: SoftwareIdentity;
  /** Announces the next step. */
  readonly step: (text: string) => void;
}

export async function run(_args: string[], { dir }: Options, context: Context): Promise<ExitCode> {
  const { terminal } = context;
  const start = performance.now();
  prepareFolder(dir);
  const stage: Stage = { ...context, dir, paths: pathsIn(dir), owner: await generateIdentity(), step: steps(terminal) };
  await makeKeyAndSample(stage);
  const ledger = await makeLedger(stage);
  let verified: boolean;
  try {
    await seal(stage, ledger);
    await showChain(stage, ledger);
    verified = (await verify(stage, ledger, stage.paths.ledger)).ok;
  } finally {
    await ledger.close();
  }
  const { problems } = await tamper(stage);
  const identical = await reopen(stage);
  terminal.say(`\n${dim(`Done in ${seconds(start).toFixed(1)} s.`)} Everything is in ${dir}. To explore:`);
  for (const line of explore(stage)) terminal.say(`  ${line}`);
  const tampering = problems.map(({ block, code }) => ({ block, code }));
  terminal.json({ dir, verified, tampering, identical });
  const caught = problems.length === 1 && problems[0]?.block === TAMPERED_BLOCK;
  return verified && caught && identical ? DONE : FAILED;
}

function pathsIn(dir: string): Stage['paths'] {
  return {
    key: join(dir, 'owner.key'),
    csv: join(dir, 'drug-reviews.csv'),
    ledger: join(dir, 'reviews.medseal'),
    tampered: join(dir, 'tampered.medseal'),
    reopened: join(dir, 'reopened.csv'),
    again: join(dir, 'again.csv'),
  };
}

async function makeKeyAndSample({ step, terminal, paths, owner }: Stage): Promise<void> {
  step('Key generation: a secp256k1 key pair. The private key stays in its file.');
  await writeKeyFile(paths.key, owner);
  terminal.say(`   public key ${owner.publicKey}`);

  step('A sample: drug reviews with commas, quotes and line breaks in their fields.');
  writeFileSync(paths.csv, sampleReviews(), { mode: 0o600 });
  terminal.say(`   ${paths.csv}`);
}

function makeLedger({ step, paths, owner, signal }: Stage): Promise<Ledger> {
  step('A new ledger with its genesis block.');
  return createLedger(paths.ledger, owner, { signal });
}

async function seal({ step, terminal, paths, owner, signal }: Stage, ledger: Ledger): Promise<void> {
  step('Sealing: each row encrypted, in a block of its own, mined, signed and linked by hash.');
  const examined = await examine(paths.csv, { signal });
  const bar = await terminal.progress('rows', examined.rows);
  const { sealed } = await sealDataset(ledger, owner, examined, {
    name: 'drug-reviews',
    signal,
    onProgress: ({ rows }) => bar.update(rows),
  }).finally(() => bar.stop());
  terminal.say(`   ${count(sealed, 'row')} sealed in ${count(await ledger.size(), 'block')}`);
}

async function showChain({ step, terminal }: Stage, ledger: Ledger): Promise<void> {
  step('The chain: what anyone sees who has the file but no key.');
  for await (const item of ledger.blocks({ from: 1, to: 3, bodies: false })) {
    if (isReadable(item)) terminal.say(indent(blockText(item.header.index, item, true, summaries(item))));
  }
}

async function verify({ step, terminal, owner, signal }: Stage, ledger: Ledger, name: string): Promise<Verdict> {
  step('Verification, with the public key alone.');
  const start = performance.now();
  const verdict = await verifyLedger(ledger, { owner: owner.publicKey, signal });
  terminal.say(indent(verdictText(name, verdict, seconds(start))));
  return verdict;
}

async function tamper({ step, terminal, paths, owner, signal }: Stage): Promise<Verdict> {
  step(`Tampering: one bit of the record in block ${TAMPERED_BLOCK} is changed, in a copy.`);
  copyFileSync(paths.ledger, paths.tampered);
  await flipOneBit(paths.tampered, TAMPERED_BLOCK);
  const start = performance.now();
  const verdict = await verifyLedger(paths.tampered, { owner: owner.publicKey, signal });
  terminal.say(indent(verdictText(paths.tampered, verdict, seconds(start))));
  return verdict;
}

async function reopen({ step, terminal, paths, owner, signal }: Stage): Promise<boolean> {
  step('Opening, with the private key: what verifies is decrypted and written back.');
  const ledger = await openLedger(paths.ledger);
  try {
    const dataset = await openDataset(ledger, owner, { owner: owner.publicKey, signal });
    await writeFileWhole(paths.reopened, originalBytes(dataset), { mode: 0o600 });
    const identical = dataset.report().verdict.ok && readFileSync(paths.reopened).equals(readFileSync(paths.csv));
    const outcome = `${paths.reopened} is ${paths.csv}, byte for byte`;
    terminal.say(identical ? `   ${good('identical')}: ${outcome}` : '   the file came back changed');
    return identical;
  } finally {
    await ledger.close();
  }
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

function seconds(since: number): number {
  return (performance.now() - since) / 1000;
}

function explore({ paths, owner }: Stage): string[] {
  return [
    `npx medseal log ${paths.ledger} --to 10`,
    `npx medseal show ${paths.ledger} 3 --key ${paths.key}`,
    `npx medseal verify ${paths.ledger} --public-key ${owner.publicKey}`,
    `npx medseal verify ${paths.tampered} --public-key ${owner.publicKey}`,
    `npx medseal open ${paths.ledger} --key ${paths.key} -o ${paths.again} && cmp ${paths.again} ${paths.csv}`,
  ];
}
