#!/usr/bin/env node
import { CommanderError, Option } from 'commander';
import { MedsealError } from '../errors.js';
import { defineAccessCommands } from './access-commands.js';
import {
  action,
  command,
  key,
  output,
  overrideExit,
  passphraseFile,
  pinFile,
  program,
  reading,
  repeated,
  threads,
} from './command.js';
import { FAILED, REFUSED } from './context.js';
import { defineNotebookCommands } from './notebook-commands.js';
import { createTerminal, printError } from './terminal.js';

command('demo', 'the whole workflow on sample data: keys, genesis, seal, verify, a tampering caught, open', [
  'medseal demo',
])
  .option('--dir <folder>', 'where its files are left', 'medseal-demo')
  .action(action(() => import('./commands/demo.js')));

command('keygen', 'a new key pair in a key file; prints the public key', [
  'medseal keygen -o owner.key',
  'medseal keygen -o owner.key --import old-key.pem',
  'medseal keygen -o owner.key --import keys.json',
  'medseal keygen -o "pkcs11:token=clinic;object=owner"',
])
  .option('-o, --output <file>', 'the key file to make, or a PKCS #11 URI for a key in hardware', 'owner.key')
  .option('--no-passphrase', 'a key file that anyone who has it can use')
  .option(
    '--import <file>',
    'takes the private key in this file ("-" for standard input): 64 hex characters, PEM (PKCS #8 or SEC1, without a passphrase), a JWK, or a notebook’s keys in JSON',
  )
  .option('--force', 'replaces a key file that is there')
  .addOption(passphraseFile)
  .addOption(pinFile)
  .action(action(() => import('./commands/keygen.js')));

const keyCommand = program
  .command('key')
  .description('look into a key file, or change its passphrase')
  .helpCommand(false);
command('show', 'the public key, as hex and as the notebook’s base64', ['medseal key show owner.key'], keyCommand)
  .argument('<file>', 'key file, or a PKCS #11 URI')
  .option('--private', 'shows the private key as hex, after asking')
  .option('--yes', 'does not ask')
  .addOption(passphraseFile)
  .addOption(pinFile)
  .action(action(() => import('./commands/key-show.js')));
command('passphrase', 'changes a key file’s passphrase', ['medseal key passphrase owner.key'], keyCommand)
  .argument('<file>', 'key file')
  .option('--no-passphrase', 'takes the passphrase away')
  .option('--new-passphrase-file <file>', 'file with the new passphrase (or MEDSEAL_NEW_PASSPHRASE)')
  .addOption(passphraseFile)
  .action(action(() => import('./commands/key-passphrase.js')));

command('init', 'a new ledger with its genesis block', [
  'medseal init reviews.medseal --key owner.key',
  'medseal init reviews.medseal --key owner.key --difficulty 12 --recovery 02ab…',
])
  .argument('<ledger>', 'the file to make')
  .addOption(key('the owner’s key file'))
  .addOption(passphraseFile)
  .addOption(pinFile)
  .option('--difficulty <bits>', 'least work of a block, in leading zero bits, 0 to 48', '16')
  .addOption(threads)
  .option('--recovery <public-key...>', 'every group key is granted to this key too')
  .option('--audit', 'reading is recorded: it takes a purpose, which stands in the ledger with the reader')
  .action(action(() => import('./commands/init.js')));

command('seal', 'seals each file as a data set; an interrupted run is continued by running it again', [
  'medseal seal reviews.medseal drugs.csv --key owner.key',
  'medseal seal reviews.medseal drugs.csv --key owner.key --block-size 500',
  'medseal seal reviews.medseal march.csv --name drugs --append --key owner.key',
  'medseal seal trial.medseal "visits-*.csv.gz" --name visits --key owner.key',
  'medseal seal trial.medseal visits.csv --subject patient_id --index drug,condition --key owner.key',
  'medseal seal clinic.medseal Patient.ndjson --format fhir --name records --key owner.key',
  'medseal seal reviews.medseal drugs.csv --check',
  'medseal seal trial.medseal patients.csv --group identity=name,ssn,dob --group "clinical=*" --key owner.key',
])
  .argument('<ledger>', 'the ledger')
  .argument(
    '<files...>',
    'CSV, NDJSON, FHIR or Parquet files, all but Parquet also in .gz or .zst; patterns like "visits-*.csv"; "-" for standard input',
  )
  .addOption(key('key file of the owner or a writer'))
  .addOption(passphraseFile)
  .addOption(pinFile)
  .option('--block-size <rows>', 'rows a block, 1 to 65535 (default: 1, as in the notebook)')
  .option(
    '--group <name=columns>',
    'a column group with a key of its own: NAME=COLUMN,COLUMN… by name or number, or "NAME=*" for all other columns; repeat it',
    repeated,
  )
  .option(
    '--name <name>',
    'the data set’s name (default: each file’s, without its extension); several files become one data set',
  )
  .option('--append', 'adds the rows to the data set of this name')
  .option('--subject <column>', 'the column that says whose record a row is, by name or number: rows are found by it')
  .option('--index <columns>', 'further columns to find rows by (with commas)')
  .option('--no-index', 'FHIR resources are found by nothing; otherwise by patient and by type and id')
  .option('--public-key <key>', 'the owner that the ledger must have; needed once by a writer who is not the owner')
  .option('--ledger <id>', 'the id that the ledger must have')
  .option('--repeat', 'appends rows even where they equal the newest ones (else taken for done)')
  .option('--check', 'reads and judges the files, writes nothing')
  .option('--accept-rollback', 'extends a copy that is older than what the key has signed')
  .option('--delimiter <character>', 'one ASCII character, "\\t" for a tab (default: guessed)')
  .addOption(
    new Option('--format <format>', 'how the files are read (default: by name and content)').choices([
      'csv',
      'ndjson',
      'fhir',
      'parquet',
    ]),
  )
  .addOption(threads)
  .action(action(() => import('./commands/seal.js')));

command('log', 'the chain, a line a block, newest last', ['medseal log reviews.medseal --from 300'])
  .argument('<ledger>', 'the ledger')
  .option('--from <index>', 'first block')
  .option('--to <index>', 'last block')
  .action(action(() => import('./commands/log.js')));

reading(
  command('show', 'one block, decrypted where a key is given', ['medseal show reviews.medseal 3 --key owner.key'])
    .argument('<ledger>', 'the ledger')
    .argument('<index>', 'number of the block, 1 for the genesis block')
    .addOption(key())
    .addOption(passphraseFile)
    .addOption(pinFile),
).action(action(() => import('./commands/show.js')));

command('verify', 'the verdict on a ledger or an export, with public keys alone', [
  'medseal verify reviews.medseal --public-key 02ab…',
  'medseal export reviews.medseal | medseal verify - --public-key 02ab…',
])
  .argument('<ledger>', 'a ledger, an export, or "-" for an export on standard input')
  .option('--public-key <key>', 'the owner that the ledger must have (hex, or the notebook’s base64)')
  .option('--ledger <id>', 'the id that the ledger must have')
  .option('--without-bodies', 'accepts an export that withholds the encrypted records')
  .option('--checkpoint <file>', 'an earlier state, as "medseal checkpoint" signed it, that the ledger must continue')
  .option(
    '--quick',
    'takes the owner’s newest block, or a newer checkpoint, as a voucher for the signatures before it; needs --public-key',
  )
  .option('--save-state <file>', 'keeps how far this verification has come, for --since')
  .option('--since <file>', 'goes on from there: checks only what is new; the file is trusted')
  .option('--threads <number>', 'threads that work (default: all cores)')
  .option('--verbose', 'prints every block')
  .action(action(() => import('./commands/verify.js')));

reading(
  command('open', 'decrypts what verifies and writes the data set back, byte for byte', [
    'medseal open reviews.medseal --key owner.key -o drugs.csv',
    'medseal open reviews.medseal --key owner.key --rows 1-10 --columns drugName,rating',
    'medseal open reviews.medseal --key owner.key --format ndjson -o drugs.ndjson',
    'medseal open reviews.medseal --key owner.key -o drugs.csv.gz',
    'medseal open reviews.medseal --key owner.key -o drugs.parquet',
    'medseal open trial.medseal --key owner.key --format arrow --schema code=text,dose=float -o trial.arrow',
    'medseal open trial.medseal --group clinical --key owner.key -o clinical.csv',
  ])
    .argument('<ledger>', 'the ledger')
    .addOption(key())
    .addOption(passphraseFile)
    .addOption(pinFile)
    .addOption(output())
    .option('--dataset <name>', 'name or id, where the ledger holds several')
    .addOption(
      new Option(
        '--format <format>',
        'csv: a table’s exact bytes; the others: its values with their types (without --format the end of -o’s name tells: .parquet, .arrow, .feather, .json, .ndjson, .jsonl; all else gives the exact bytes)',
      ).choices(['csv', 'ndjson', 'json', 'parquet', 'arrow']),
    )
    .option('--schema <column=type,…>', 'types of columns, where they are not to be guessed')
    .option('--rows <A-B>', 'only these rows, counted from 1')
    .option('--columns <A,B>', 'only these columns, by name or number')
    .option('--group <group>', 'only this column group, by name or number; repeat it for several', repeated)
    .option('--public-key <key>', 'the owner that the ledger must have')
    .addOption(threads),
).action(action(() => import('./commands/open.js')));

reading(
  command('find', 'the rows that have certain values, by the columns that "seal --subject" and "--index" named', [
    'medseal find trial.medseal --where patient_id=P-17 --key owner.key',
    'medseal find trial.medseal --where patient_id=P-17 --where drug=aspirin --key owner.key -o rows.csv',
    'medseal find trial.medseal --where dose=10 --scan --key owner.key',
  ])
    .argument('<ledger>', 'the ledger')
    .requiredOption(
      '--where <column=value>',
      'what is looked for; of several, all must hold',
      (one: string, before: string[] = []) => [...before, one],
    )
    .addOption(key())
    .addOption(passphraseFile)
    .addOption(pinFile)
    .addOption(output())
    .option('--dataset <name>', 'name or id, where several have these columns')
    .addOption(
      new Option('--format <format>', 'csv: the exact bytes; ndjson: one object a row').choices(['csv', 'ndjson']),
    )
    .option('--columns <A,B>', 'only these columns, by name or number')
    .option('--scan', 'verifies the ledger and reads every row, whatever its index says; finds by any column')
    .option('--public-key <key>', 'the owner that the ledger must have'),
).action(action(() => import('./commands/find.js')));

reading(
  command('query', 'SQL over the data sets that the key opens, in memory only', [
    'medseal query reviews.medseal --key owner.key "SELECT condition, avg(rating) FROM drugs GROUP BY 1"',
    'medseal query trial.medseal --key owner.key -o patients.csv "SELECT DISTINCT patient_id FROM visits"',
    'medseal query trial.medseal --key owner.key --format json - < report.sql',
  ])
    .argument('<ledger>', 'the ledger')
    .argument('<sql>', 'one SELECT in DuckDB’s dialect; "-" for standard input')
    .addOption(key())
    .addOption(passphraseFile)
    .addOption(pinFile)
    .addOption(output())
    .addOption(
      new Option('--format <format>', 'default: table; into a file csv, or json where its name says so').choices([
        'table',
        'csv',
        'json',
      ]),
    )
    .option('--dataset <name>', 'only this data set, by name or id; repeat it for several (default: all)', repeated)
    .option(
      '--memory <size>',
      'what records, the work on them and the answer may take, such as 500MB or 8GB (default: 2GB); beside that 350 MB, and 25 MB a thread, are for verifying and decrypting',
    )
    .option('--public-key <key>', 'the owner that the ledger must have')
    .addOption(threads),
).action(action(() => import('./commands/query.js')));

command('index', 'makes what "find" looks up in, for a ledger that has none, such as an import', [
  'medseal index trial.medseal --key owner.key',
])
  .argument('<ledger>', 'the ledger')
  .addOption(key('a key that opens the data sets'))
  .addOption(passphraseFile)
  .addOption(pinFile)
  .action(action(() => import('./commands/index.js')));

command('status', 'owner, blocks, data sets with their rows, size, head', [
  'medseal status reviews.medseal',
  'medseal status reviews.medseal --key owner.key',
])
  .argument('<ledger>', 'the ledger')
  .addOption(key('key file: shows the names of its data sets'))
  .addOption(passphraseFile)
  .addOption(pinFile)
  .action(action(() => import('./commands/status.js')));

command('checkpoint', 'a signed statement of the ledger’s state now, to be kept by others', [
  'medseal checkpoint reviews.medseal --key owner.key -o reviews.checkpoint',
  'medseal verify reviews.medseal --checkpoint reviews.checkpoint',
])
  .argument('<ledger>', 'the ledger')
  .addOption(key('the owner’s key file'))
  .addOption(passphraseFile)
  .addOption(pinFile)
  .addOption(output())
  .option('--accept-rollback', 'signs a copy that is older than what the key has signed')
  .action(action(() => import('./commands/checkpoint.js')));

reading(
  command('prove', 'a proof of one record, checked offline without the ledger', [
    'medseal prove reviews.medseal --dataset drugs --row 17 --key owner.key -o row-17.proof',
    'medseal prove reviews.medseal --dataset drugs --row 17 --key owner.key --disclose -o row-17.proof',
    'medseal prove reviews.medseal --dataset 5a0c… --row 17 --checkpoint reviews.checkpoint',
  ])
    .argument('<ledger>', 'the ledger')
    .requiredOption('--row <number>', 'the row, counted from 1; 0 is the header row')
    .option('--dataset <name>', 'id of the data set; with a key also its name')
    .option('--group <group>', 'the column group, where there are several; by number, with a key also by name')
    .addOption(key('a key that opens the data set: for its name, and to disclose'))
    .addOption(passphraseFile)
    .addOption(pinFile)
    .option('--disclose', 'lets whoever has the proof read the record')
    .option('--checkpoint <file>', 'a checkpoint that the proof is to lead to (default: the newest block of the owner)')
    .option('--public-key <key>', 'the key that readers of the proof will ask for (default: the first owner’s)')
    .addOption(output()),
).action(action(() => import('./commands/prove.js')));

command('verify-proof', 'the verdict on a proof or an erasure certificate, without the ledger', [
  'medseal verify-proof row-17.proof --public-key 02ab…',
])
  .argument('<file>', 'a proof, as "medseal prove" makes it, or a certificate, as "medseal erase" does')
  .requiredOption('--public-key <key>', 'the owner’s key, which must vouch for it')
  .option('--checkpoint <file>', 'a checkpoint from elsewhere, of the state that the proof leads to')
  .action(action(() => import('./commands/verify-proof.js')));

command('export', 'the ledger as text, one block a line', [
  'medseal export reviews.medseal -o reviews.ndjson',
  'medseal export reviews.medseal --without-bodies -o reviews.ndjson.gz',
])
  .argument('<ledger>', 'the ledger')
  .addOption(output())
  .option('--without-bodies', 'leaves the encrypted records out')
  .action(action(() => import('./commands/export.js')));

command('import', 'makes a ledger of an export that verifies', [
  'medseal import reviews.ndjson copy.medseal --public-key 02ab…',
  'medseal import reviews.ndjson.gz copy.medseal --public-key 02ab…',
])
  .argument('<file>', 'an export; "-" for standard input')
  .argument('<ledger>', 'the file to make')
  .option('--public-key <key>', 'the owner that the ledger must have')
  .option('--ledger <id>', 'the id that the ledger must have')
  .option('--without-bodies', 'accepts an export that withholds the encrypted records')
  .action(action(() => import('./commands/import.js')));

command('backup', 'a consistent copy, while others go on working', [
  'medseal backup reviews.medseal /backup/reviews.medseal',
])
  .argument('<ledger>', 'the ledger')
  .argument('<file>', 'the file to make')
  .action(action(() => import('./commands/backup.js')));

command('bench', 'measures Medseal on this machine, beside what the machine could do', [
  'medseal bench --quick',
  'medseal bench -o results.json --table reviews.tsv --notebook notebook.py',
])
  .option('--quick', 'less than a minute, on little data')
  .option('--only <parts>', 'some of: start-up, mining, notebook, blocks, tables, access, chain, proofs (with commas)')
  .option('--records <numbers>', 'how many, with commas between several (default: 10000,100000,1000000)')
  .option('--rounds <number>', 'how often each measurement is taken (default: 5; of a million records 3)')
  .option('--table <file>', 'the table to compare with the notebook on (default: a generated one)')
  .option('--notebook <file>', 'the notebook’s workflow as a Python script (default: notebook.py, where it is there)')
  .option('--dir <folder>', 'where the ledgers are made, and removed again (default: the folder for temporary files)')
  .option('-o, --output <file>', 'writes the result to this file too, as JSON')
  .action(action(() => import('./commands/bench.js')));

defineAccessCommands();
defineNotebookCommands();

// A reader that has had enough (`| head`) ends the command quietly.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  const why = error.code === 'ENOSPC' ? 'the disk is full' : error.code;
  printError(new MedsealError('OUTPUT_FAILED', `cannot write to standard output: ${why}`));
  process.exit(FAILED);
});

overrideExit(program);
try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : REFUSED;
  if (error.exitCode !== 0 && process.argv.includes('--json')) {
    createTerminal({ json: true }).json({ error: { code: 'USAGE', message: error.message.replace(/^error: /, '') } });
  }
}
