import { toHex } from '../bytes.js';
import type { GroupKey } from '../crypto/sealing.js';
import type { PublicKey } from '../crypto/secp256k1.js';
import { MedsealError } from '../errors.js';
import type { GrantStatement, Statement } from '../format/statement.js';
import { isInUse } from '../verify/state/keys.js';
import type { DatasetState, LedgerState } from '../verify/state.js';
import { type GrantTerms, grantKey, newGroupKey } from './grants.js';
import { type Granter, remainingReaders, sameTerms, standingReaders } from './readers.js';

/** The ids of all keys that a group of a data set has had, the first one first. */
export function keyIdsOf(state: LedgerState, dataset: string, group: number): string[] {
  const ids: string[] = [];
  for (const [id, key] of state.keys) {
    if (key.kind === 'group' && key.dataset === dataset && key.group === group) ids.push(id);
  }
  return ids;
}

/**
 * Grants group keys to a person or a role. Keys that the reader holds already on the same terms are left out.
 * @param keyIds of all keys that the groups have had, so that all rows can be read
 * @throws {MedsealError} `NOT_GRANTED` where the granter does not hold them; `GRANT_EXISTS` where nothing is left to grant
 */
export async function grantGroups(
  { writer, keyring, random }: Granter,
  keyIds: readonly string[],
  to: PublicKey,
  terms: GrantTerms = {},
): Promise<Statement[]> {
  const grants: GrantStatement[] = [];
  for (const id of keyIds) {
    const holding = writer.state.keys.get(id)?.holders.get(to);
    if (holding !== undefined && sameTerms(holding, terms)) continue;
    const key = await keyring.groupKey(id);
    if (key === null) throw new MedsealError('NOT_GRANTED', 'what is to be granted is not granted to this key itself');
    grants.push(await grantKey(key, to, random, terms));
  }
  if (grants.length === 0) throw new MedsealError('GRANT_EXISTS', 'all of this is granted to this reader already');
  return grants;
}

/**
 * Ends grants. What is sealed later is closed to the reader; what was sealed before cannot be taken back from one who has
 * copied it.
 * @param from the reader: all public keys that it has or has had, where it is a role
 * @throws {MedsealError} `GRANT_UNKNOWN` where the reader holds none of the keys; `ARGUMENT_INVALID` for the owner and the
 *   recovery keys, who hold every key
 */
export function revokeGroups(
  { writer }: Granter,
  keyIds: readonly string[],
  from: readonly PublicKey[],
  reason: string,
): Statement[] {
  const { state } = writer;
  if (from.some((reader) => reader === state.owner || state.recovery.includes(reader))) {
    throw new MedsealError(
      'ARGUMENT_INVALID',
      'the owner and the recovery keys hold every key; none is revoked from them',
    );
  }
  const held = keyIds.flatMap((key_id) =>
    from.filter((reader) => state.keys.get(key_id)?.holders.has(reader)).map((reader) => ({ key_id, from: reader })),
  );
  if (held.length === 0) {
    const message =
      'nothing of this is granted to this reader by itself; what a role holds is revoked from the role, or by removing the member';
    throw new MedsealError('GRANT_UNKNOWN', message);
  }
  return held.map((grant) => ({ kind: 'revoke', ...grant, reason }) as const);
}

/** The keys under which a data set goes on, and what the block that begins to use them must say. */
export interface Renewal {
  readonly keys: readonly GroupKey[];
  readonly statements: readonly Statement[];
}

/**
 * The keys of a data set's groups for the rows to come. Those that have been put out of use (by a revocation, or since
 * the owner or a recovery key has changed) are replaced, and the new ones granted to everybody who still holds the old.
 * @throws {MedsealError} `NOT_GRANTED` where a key that is still in use is not granted to the writer
 */
export async function renewKeys(granter: Granter, dataset: DatasetState): Promise<Renewal> {
  const { writer, keyring, random } = granter;
  const { state, ledgerId } = writer;
  const keys: GroupKey[] = [];
  const grants: Promise<GrantStatement>[] = [];
  for (const id of dataset.keys) {
    const old = state.keys.get(id);
    if (old !== undefined && isInUse(state.data, old)) {
      const key = await keyring.groupKey(id);
      if (key === null) throw new MedsealError('NOT_GRANTED', 'a key of this data set is not granted to this key');
      keys.push(key);
      continue;
    }
    const key = newGroupKey(ledgerId, random);
    const readers = old === undefined ? new Map<PublicKey, GrantTerms>() : remainingReaders(granter, old);
    for (const reader of standingReaders(writer)) readers.set(reader, {});
    for (const [reader, terms] of readers) grants.push(grantKey(key, reader, random, terms));
    keys.push(key);
  }
  if (grants.length === 0) return { keys, statements: [] };
  const ids = keys.map(({ keyId }) => toHex(keyId));
  return { keys, statements: [{ kind: 'dataset-keys', id: dataset.id, keys: ids }, ...(await Promise.all(grants))] };
}
