import type { PublicKey } from '../crypto/secp256k1.js';
import { MedsealError } from '../errors.js';
import type { GrantStatement, Statement } from '../format/statement.js';
import type { LedgerState } from '../verify/state.js';
import { grantKey, grantRole } from './grants.js';
import type { Granter } from './readers.js';

/** Blocks hold 65,535 entries; this leaves room for the statement itself. */
const MOST_GRANTS = 65_000;

/**
 * Hands a ledger over. The new owner owns it from the next block on.
 * @param options.content whether the new owner is granted every key that the old one holds, so that all that was sealed
 *   before can be read on. Without it they read what is sealed from now on
 * @throws {MedsealError} `ARGUMENT_INVALID` where the key owns it already, or where more keys are held than fit into a block
 */
export async function transferOwnership(
  { writer, keyring, random }: Granter,
  to: PublicKey,
  options: { content: boolean },
): Promise<Statement[]> {
  const { state, identity, ledgerId } = writer;
  if (to === state.owner) throw new MedsealError('ARGUMENT_INVALID', 'the ledger is owned by this key already');
  const names = options.content ? [...(state.data.held.get(identity.publicKey) ?? [])] : [];
  if (names.length > MOST_GRANTS) {
    const message = `the old owner holds ${names.length} keys, more than one block can grant; grant data sets one by one first, and then transfer without content`;
    throw new MedsealError('ARGUMENT_INVALID', message);
  }
  const grants: GrantStatement[] = [];
  for (const name of names) {
    if (state.keys.get(name)?.holders.has(to)) continue;
    const group = await keyring.groupKey(name);
    const role = group === null ? await keyring.role(name) : null;
    if (group !== null) grants.push(await grantKey(group, to, random));
    else if (role !== null) grants.push(await grantRole(role, ledgerId, to, random));
  }
  return [...grants, { kind: 'owner', public_key: to }];
}

/** The keys that somebody holds once some statements have been said. */
export function keysHeldWith(
  { data }: LedgerState,
  statements: readonly Statement[],
  reader: PublicKey,
): ReadonlySet<string> {
  const held = new Set(data.held.get(reader));
  for (const statement of grantsTo(statements, reader)) held.add(statement.key_id ?? statement.role_key ?? '');
  return held;
}

export function grantsTo(statements: readonly Statement[], reader: PublicKey): GrantStatement[] {
  return statements.filter((each): each is GrantStatement => each.kind === 'grant' && each.to === reader);
}
