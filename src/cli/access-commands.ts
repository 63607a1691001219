import { type Command, Option } from 'commander';
import { action, command, key, output, passphraseFile, pinFile, program, reading } from './command.js';

/*
 * Who may read and write: roles, grants, writers, owners.
 */

function parent(name: string, description: string): Command {
  return program.command(name).description(description).helpCommand(false);
}

const writerCommand = async (name: 'add' | 'remove') => (await import('./commands/writer.js')).writerCommand(name);

/** Whose ledger it must be, and which. */
function pinned(each: Command): Command {
  return each
    .option('--public-key <key>', 'the owner that the ledger must have')
    .option('--ledger <id>', 'the id that the ledger must have');
}

/** What every command takes that puts a statement on the ledger. */
function saying(each: Command, whose = 'key file of the owner or a writer'): Command {
  return pinned(each.addOption(key(whose)).addOption(passphraseFile).addOption(pinFile)).option(
    '--accept-rollback',
    'extends a copy that is older than what the key has signed',
  );
}

const EXPIRES = ['--expires <date>', 'until when it is honoured: a day (2027-12-31), or a time in UTC'] as const;
const REASON = ['--reason <text>', 'why; it is public, for ever'] as const;

function defineRoles(): void {
  const role = parent('role', 'roles and their members');
  saying(
    command(
      'create',
      'a new role, with a key pair of its own',
      ['medseal role create trial.medseal researcher --key owner.key'],
      role,
    )
      .argument('<ledger>', 'the ledger')
      .argument('<role>', 'the role’s name')
      .argument('[members...]', 'public keys of its members'),
  ).action(action(() => import('./commands/role-create.js')));
  saying(
    command('add', 'adds a member', ['medseal role add trial.medseal researcher 02ab… --key owner.key'], role)
      .argument('<ledger>', 'the ledger')
      .argument('<role>', 'the role’s name')
      .argument('<member>', 'public key of a person, or role:NAME')
      .option(...EXPIRES)
      .option(...REASON),
  ).action(action(() => import('./commands/role-add.js')));
  saying(
    command(
      'remove',
      'removes a member; what is sealed later is closed to them',
      ['medseal role remove trial.medseal researcher 02ab… --reason "left the trial" --key owner.key'],
      role,
    )
      .argument('<ledger>', 'the ledger')
      .argument('<role>', 'the role’s name')
      .argument('<member>', 'public key of a person, or role:NAME')
      .requiredOption(...REASON),
  ).action(action(() => import('./commands/role-remove.js')));
  saying(
    command(
      'renew',
      'gives roles whose keys are out of use, as after a change of owner, other ones',
      ['medseal role renew trial.medseal --key owner.key'],
      role,
    )
      .argument('<ledger>', 'the ledger')
      .argument('[roles...]', 'the roles’ names (default: all that need it)'),
  ).action(action(() => import('./commands/role-renew.js')));
}

function defineGrants(): void {
  saying(
    command('grant', 'lets a person or a role read a data set, or some of its column groups', [
      'medseal grant trial.medseal --dataset visits --group clinical --to role:researcher --key owner.key',
      'medseal grant trial.medseal --dataset visits --to 02ab… --expires 2027-12-31 --key owner.key',
    ])
      .argument('<ledger>', 'the ledger')
      .requiredOption('--dataset <name>', 'name or id of the data set')
      .option('--group <group>', 'only this column group, by name or number')
      .requiredOption('--to <reader>', 'public key of a person, or role:NAME')
      .option(...EXPIRES)
      .option(...REASON),
  ).action(action(() => import('./commands/grant.js')));
  saying(
    command('revoke', 'closes what is sealed later to a person or a role', [
      'medseal revoke trial.medseal --dataset visits --from 02ab… --reason "left the trial" --key owner.key',
    ])
      .argument('<ledger>', 'the ledger')
      .requiredOption('--dataset <name>', 'name or id of the data set')
      .option('--group <group>', 'only this column group, by name or number')
      .requiredOption('--from <reader>', 'public key of a person, or role:NAME')
      .requiredOption(...REASON),
  ).action(action(() => import('./commands/revoke.js')));
  const access = parent('access', 'who may read what');
  pinned(
    command(
      'list',
      'who may read what, and since which block',
      ['medseal access list trial.medseal --public-key 02ab…'],
      access,
    ).argument('<ledger>', 'the ledger'),
  )
    .addOption(key('key file: shows the names of its data sets'))
    .addOption(passphraseFile)
    .addOption(pinFile)
    .action(action(() => import('./commands/access-list.js')));
  saying(
    command(
      'record',
      'from now on it is recorded who reads what and why, or no longer',
      ['medseal access record trial.medseal on --key owner.key'],
      access,
    )
      .argument('<ledger>', 'the ledger')
      .argument('<on|off>', 'whether reading is recorded'),
  ).action(action(() => import('./commands/access-record.js')));
}

function defineSigners(): void {
  const writer = parent('writer', 'who may seal data sets beside the owner');
  for (const [name, what] of [
    ['add', 'allows a key to seal data sets of its own'],
    ['remove', 'takes that back'],
  ] as const) {
    saying(
      command(name, what, [`medseal writer ${name} trial.medseal 02ab… --key owner.key`], writer)
        .argument('<ledger>', 'the ledger')
        .argument('<key>', 'the writer’s public key'),
    ).action(action(() => writerCommand(name)));
  }
  const owner = parent('owner', 'who owns the ledger');
  saying(
    command(
      'transfer',
      'hands the ledger over to another key, with all that the old owner can read',
      ['medseal owner transfer trial.medseal 02ab… --key owner.key'],
      owner,
    )
      .argument('<ledger>', 'the ledger')
      .argument('<key>', 'the new owner’s public key')
      .option('--without-content', 'grants the new owner nothing that has been sealed so far'),
  ).action(action(() => import('./commands/owner-transfer.js')));
  const recovery = parent('recovery', 'the keys to which every key is granted, beside the owner’s');
  saying(
    command(
      'set',
      'names the recovery keys anew; none are named by leaving them out',
      ['medseal recovery set trial.medseal 02ab… 03cd… --key owner.key'],
      recovery,
    )
      .argument('<ledger>', 'the ledger')
      .argument('[keys...]', 'public keys'),
  ).action(action(() => import('./commands/recovery-set.js')));
}

function defineApprovals(): void {
  const approvals = parent('approvals', 'what needs whose approval: m of n');
  saying(
    command(
      'set',
      'from the next block on, statements of a kind need so many approvals',
      [
        'medseal approvals set trial.medseal --kind erase --threshold 2 --from dpo=02ab…,cmo=03cd…,owner=02ef… --key owner.key',
      ],
      approvals,
    )
      .argument('<ledger>', 'the ledger')
      .requiredOption('--kind <kind>', 'kind of statement: erase, owner, grant, rules, …')
      .requiredOption('--threshold <m>', 'how many of the approvers must approve')
      .requiredOption('--from <approvers>', 'the approvers: NAME=PUBLICKEY,NAME=PUBLICKEY…'),
  ).action(action(() => import('./commands/approvals-set.js')));
  saying(
    command(
      'remove',
      'statements of a kind need no approvals any more',
      ['medseal approvals remove trial.medseal --kind grant --key owner.key'],
      approvals,
    )
      .argument('<ledger>', 'the ledger')
      .requiredOption('--kind <kind>', 'kind of statement'),
  ).action(action(() => import('./commands/approvals-remove.js')));
  pinned(
    command(
      'list',
      'what needs whose approval',
      ['medseal approvals list trial.medseal --public-key 02ab…'],
      approvals,
    ).argument('<ledger>', 'the ledger'),
  ).action(action(() => import('./commands/approvals-list.js')));
  command('approve', 'shows what a proposal says, and adds an approval to it', [
    'medseal approve erasure.proposal --key dpo.key',
    'medseal approve erasure.proposal trial.medseal --key dpo.key',
  ])
    .argument('<file>', 'a proposal, as "medseal propose" writes it')
    .argument(
      '[ledger]',
      'a copy of its ledger: it tells which data sets, rows and roles are meant, what becomes of rules, and who approves',
    )
    .addOption(key('the approver’s key file'))
    .addOption(passphraseFile)
    .addOption(pinFile)
    .option('--yes', 'does not ask')
    .action(action(() => import('./commands/approve.js')));
  saying(
    command('submit', 'puts a proposal that has been approved on the ledger', [
      'medseal submit trial.medseal erasure.proposal --key owner.key',
    ])
      .argument('<ledger>', 'the ledger')
      .argument('<file>', 'the proposal'),
    'key file of the owner, a writer or an approver',
  ).action(action(() => import('./commands/submit.js')));
}

const ERASURE = (each: Command): Command =>
  each
    .option('--dataset <name>', 'name or id of the data set; with --subject, only this one')
    .option('--rows <A-B>', 'only these rows, counted from 1 (default: all, and the header row)')
    .option('--subject <value>', 'every row of this subject, in every data set that the key opens')
    .option('--scan', 'with --subject: reads every row, whatever the index says')
    .option('--group <group>', 'only this column group, by name or number')
    .requiredOption(...REASON)
    .requiredOption('--basis <text>', 'the basis in law, such as "GDPR Art. 17(1)(b)"; public, for ever');

function defineErasure(): void {
  const erase = command('erase', 'destroys records for good; the ledger and its proofs stay valid', [
    'medseal erase trial.medseal --dataset visits --rows 17 --reason "asked for" --basis "GDPR Art. 17(1)(b)" --key owner.key',
    'medseal erase trial.medseal --subject P-17 --reason "asked for" --basis "GDPR Art. 17(1)(b)" --key owner.key',
  ]).argument('<ledger>', 'the ledger');
  saying(ERASURE(erase).option('--certificate <file>', 'the certificate to write (default: beside the ledger)')).action(
    action(() => import('./commands/erase.js')),
  );
  command('certificate', 'certifies an erasure: that it stands on the ledger, and that nothing is left here', [
    'medseal certificate trial.medseal --block 14 --key owner.key',
    'medseal verify-proof trial-erasure-14.json --public-key 02ab…',
  ])
    .argument('<ledger>', 'the ledger')
    .requiredOption('--block <index>', 'the block that says it')
    .addOption(key('key file of whoever keeps the ledger'))
    .addOption(passphraseFile)
    .addOption(pinFile)
    .option('--public-key <key>', 'the key that readers of the certificate will ask for (default: the owner’s)')
    .option('--checkpoint <file>', 'a checkpoint that it is to lead to (default: the newest block of the owner)')
    .option('-o, --output <file>', 'the file to write (default: beside the ledger)')
    .action(action(() => import('./commands/certificate.js')));
}

const CORRECTION = (each: Command): Command =>
  each
    .option('--dataset <name>', 'name or id, where the ledger holds several')
    .requiredOption('--row <number>', 'the row, counted from 1')
    .option('--from <file>', 'the corrected record, one line without a header; "-" for standard input')
    .option('--set <column=value>', 'a new value of a column; others can see it while the command runs', collected)
    .requiredOption(...REASON);

function collected(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function defineCorrections(): void {
  const amend = command('amend', 'corrects a row: its earlier versions are kept', [
    'medseal amend trial.medseal --dataset visits --row 17 --from corrected.csv --reason "misread" --key owner.key',
  ]).argument('<ledger>', 'the ledger');
  saying(CORRECTION(amend)).action(action(() => import('./commands/amend.js')));
  const history = command('history', 'every version of a row: who, when and why', [
    'medseal history trial.medseal --dataset visits --row 17 --key owner.key',
  ])
    .argument('<ledger>', 'the ledger')
    .option('--dataset <name>', 'name or id, where the ledger holds several')
    .requiredOption('--row <number>', 'the row, counted from 1')
    .addOption(key())
    .addOption(passphraseFile)
    .addOption(pinFile)
    .option('--public-key <key>', 'the owner that the ledger must have');
  reading(history).action(action(() => import('./commands/history.js')));
}

function defineTrail(): void {
  const audit = command('audit', 'the trail: who did what, when and why', [
    'medseal audit trial.medseal --public-key 02ab…',
    'medseal audit trial.medseal --by 02ab… --from 2027-01-01 --format csv -o trail.csv',
    'medseal audit trial.medseal --format fhir -o trail.ndjson',
    'medseal audit trial.medseal --subject P-17 --key owner.key',
  ]);
  pinned(audit.argument('<ledger>', 'the ledger'))
    .option('--subject <value>', 'only what is about the records of this subject, and when they were sealed')
    .option('--scan', 'with --subject: reads every row, whatever the index says')
    .addOption(key('a key by which data sets and groups are named; with --subject, one that opens its records'))
    .addOption(passphraseFile)
    .addOption(pinFile)
    .option('--by <key>', 'only what this key did, approved, was given or lost')
    .option('--kind <kinds>', 'only these kinds: access,grant,revoke,erase,…')
    .option('--from <date>', 'only from this day or time on')
    .option('--to <date>', 'only up to this day or time')
    .addOption(output())
    .addOption(
      new Option('--format <format>', 'table; csv; json; fhir: R4 AuditEvents, one a line')
        .choices(['table', 'csv', 'json', 'fhir'])
        .default('table'),
    )
    .action(action(() => import('./commands/audit.js')));
}

/** What can be proposed: the same commands, whose statements go into a file to be approved. */
function defineProposals(): void {
  const propose = parent('propose', 'writes what needs approvals into a file');
  const proposal = (kind: string, description: string, example: string): Command =>
    command(
      kind,
      description,
      [`medseal propose ${kind} trial.medseal ${example}-o file.proposal --key dpo.key`],
      propose,
    )
      .argument('<ledger>', 'the ledger')
      .addOption(key('key file of whoever proposes it'))
      .addOption(passphraseFile)
      .addOption(pinFile)
      .requiredOption('-o, --output <file>', 'the proposal to write')
      .option('--until <date>', 'the latest time at which it can be put on the ledger (default: in 30 days)')
      .addOption(new Option('--propose').default(true).hideHelp());
  proposal('owner', 'another owner', '02ab… ')
    .argument('<key>', 'the new owner’s public key')
    .option(
      '--without-content',
      'grants nothing that has been sealed so far: so approvers can submit it without the owner',
    )
    .action(action(() => import('./commands/owner-transfer.js')));
  proposal('recovery', 'other recovery keys', '02ab… ')
    .argument('[keys...]', 'public keys')
    .action(action(() => import('./commands/recovery-set.js')));
  proposal('writer', 'a new writer', '02ab… ')
    .argument('<key>', 'the writer’s public key')
    .action(action(() => writerCommand('add')));
  proposal('writer-removed', 'that a writer writes no more', '02ab… ')
    .argument('<key>', 'the writer’s public key')
    .action(action(() => writerCommand('remove')));
  proposal('rules', 'another rule for a kind of statement', '--kind erase --threshold 2 --from dpo=02ab…,cmo=03cd… ')
    .requiredOption('--kind <kind>', 'kind of statement')
    .requiredOption('--threshold <m>', 'how many of the approvers must approve')
    .requiredOption('--from <approvers>', 'the approvers: NAME=PUBLICKEY,NAME=PUBLICKEY…')
    .action(action(() => import('./commands/approvals-set.js')));
  proposal('role', 'a new role', 'researcher ')
    .argument('<role>', 'the role’s name')
    .argument('[members...]', 'public keys of its members')
    .action(action(() => import('./commands/role-create.js')));
  proposal('role-add', 'that a role has one member more', 'researcher 02ab… ')
    .argument('<role>', 'the role’s name')
    .argument('<member>', 'public key of a person, or role:NAME')
    .option(...EXPIRES)
    .option(...REASON)
    .action(action(() => import('./commands/role-add.js')));
  proposal('role-remove', 'that a role has one member less', 'researcher 02ab… --reason "left the trial" ')
    .argument('<role>', 'the role’s name')
    .argument('<member>', 'public key of a person, or role:NAME')
    .requiredOption(...REASON)
    .action(action(() => import('./commands/role-remove.js')));
  proposal('role-renew', 'that roles get other keys', '')
    .argument('[roles...]', 'the roles’ names (default: all that need it)')
    .action(action(() => import('./commands/role-renew.js')));
  proposal('grant', 'that somebody may read a data set', '--dataset visits --to 02ab… ')
    .requiredOption('--dataset <name>', 'name or id of the data set')
    .option('--group <group>', 'only this column group, by name or number')
    .requiredOption('--to <reader>', 'public key of a person, or role:NAME')
    .option(...EXPIRES)
    .option(...REASON)
    .action(action(() => import('./commands/grant.js')));
  proposal('revoke', 'that a grant ends', '--dataset visits --from 02ab… --reason "left the trial" ')
    .requiredOption('--dataset <name>', 'name or id of the data set')
    .option('--group <group>', 'only this column group, by name or number')
    .requiredOption('--from <reader>', 'public key of a person, or role:NAME')
    .requiredOption(...REASON)
    .action(action(() => import('./commands/revoke.js')));
  CORRECTION(
    proposal('amend', 'a corrected row', '--dataset visits --row 17 --from corrected.csv --reason misread '),
  ).action(action(() => import('./commands/amend.js')));
  proposal('audit', 'that reading is recorded, or no longer', 'off ')
    .argument('<on|off>', 'whether reading is recorded')
    .action(action(() => import('./commands/access-record.js')));
  ERASURE(
    proposal('erase', 'that records are destroyed', '--dataset visits --rows 17 --reason "asked for" --basis GDPR '),
  ).action(action(() => import('./commands/erase.js')));
}

export function defineAccessCommands(): void {
  defineRoles();
  defineGrants();
  defineSigners();
  defineApprovals();
  defineProposals();
  defineErasure();
  defineCorrections();
  defineTrail();
}
