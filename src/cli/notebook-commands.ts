import { Option } from 'commander';
import { action, command, key, output, passphraseFile, pinFile, program, threads } from './command.js';

/** What is done with the chains of the notebook that Medseal began with (docs/notebook.md). */
export function defineNotebookCommands(): void {
  const notebook = program
    .command('notebook')
    .description('verifies, opens, takes over and makes chains of the notebook that Medseal began with')
    .helpCommand(false);

  command(
    'verify',
    'judges a chain by the notebook’s rules, and shows on copies of it what they do not find',
    ['medseal notebook verify chain.json --public-key Nr1…=='],
    notebook,
  )
    .argument('<chain>', 'the chain, as a notebook has saved it')
    .requiredOption('--public-key <key>', 'the public key (the notebook’s base64, or hex)')
    .action(action(() => import('./commands/notebook-verify.js')));

  command(
    'open',
    'decrypts a chain and rebuilds its table, as far as pandas’ text form lets it',
    [
      'medseal notebook open chain.json --notebook-key keys.json -o rows.csv',
      'medseal notebook open chain.json --key owner.key -o rows.csv',
    ],
    notebook,
  )
    .argument('<chain>', 'the chain, as a notebook has saved it')
    .addOption(notebookKey)
    .addOption(key('the notebook’s key as a key file of Medseal'))
    .addOption(passphraseFile)
    .addOption(output('the CSV file to write'))
    .addOption(threads)
    .action(action(() => import('./commands/notebook-open.js')));

  command(
    'import',
    'takes a chain that verifies over into a ledger, each row with its block’s index, timestamp and hash',
    [
      'medseal notebook import chain.json --into records.medseal --key owner.key --notebook-key keys.json',
      'medseal notebook import chain.json --into records.medseal --key owner.key --block-size 500',
    ],
    notebook,
  )
    .argument('<chain>', 'the chain, as a notebook has saved it')
    .requiredOption('--into <ledger>', 'the ledger, which must be there')
    .addOption(key('key file of the ledger’s owner or a writer'))
    .addOption(passphraseFile)
    .addOption(pinFile)
    .addOption(notebookKey)
    .option('--name <name>', 'the data set’s name (default: the file’s, without its extension)')
    .option('--block-size <rows>', 'rows a block, 1 to 65535 (default: 1, as in the notebook)')
    .option('--public-key <key>', 'the owner that the ledger must have; needed once by a writer who is not the owner')
    .option('--ledger <id>', 'the id that the ledger must have')
    .option('--accept-rollback', 'extends a copy that is older than what the key has signed')
    .addOption(threads)
    .action(action(() => import('./commands/notebook-import.js')));

  command(
    'create',
    'makes a chain of a CSV file that the notebook’s Python code verifies, decrypts and reads',
    [
      'medseal notebook create drugs.csv -o chain.json --key owner.key',
      'medseal notebook create drugs.csv -o chain.json --notebook-key keys.json --text',
    ],
    notebook,
  )
    .argument('<file>', 'a CSV file')
    .requiredOption('-o, --output <file>', 'the chain to write')
    .addOption(key('key file: its private key becomes the chain’s password'))
    .addOption(passphraseFile)
    .addOption(notebookKey)
    .option('--text', 'takes every value as text (default: the types that pandas finds)')
    .option('--delimiter <character>', 'one ASCII character, "\\t" for a tab (default: guessed)')
    .addOption(threads)
    .action(action(() => import('./commands/notebook-create.js')));
}

const notebookKey: Option = new Option(
  '--notebook-key <file>',
  'the notebook’s private key: hex, or JSON with "private" and "public"',
);
