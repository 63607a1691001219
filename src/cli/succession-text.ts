import { grantsTo, keysHeldWith } from '../access/succession.js';
import type { PublicKey } from '../crypto/secp256k1.js';
import type { Statement } from '../format/statement.js';
import type { LedgerState } from '../verify/state.js';
import { count, type Terminal } from './terminal.js';

/*
 * What is told of a change of the owner or the recovery keys, whether it is said at once or has been proposed.
 */

const ROLES_OUT_OF_USE =
  ' The keys of its roles are out of use by that: "medseal role renew" gives them others, before further rows are sealed.';

/** What is known of a change. */
interface Change {
  /** How many roles there are. */
  readonly roles: number;
}

/** @param change.content whether the new owner has been granted what the old one could read */
export function handedOverText(block: number, owner: string, change: Change & { readonly content: boolean }): string {
  const reads = change.content ? ', and can read all that the old owner could' : '';
  return `Handed the ledger over in block ${block}: ${owner} owns it from the next block on${reads}. Whoever pins the owner’s public key needs the new one as soon as it has signed a block.${outOfUse(change)}`;
}

export function recoveryText(block: number, keys: readonly string[], change: Change): string {
  return `The ledger has ${count(keys.length, 'recovery key')} from the next block on (block ${block}). Every key that is sealed under after this is granted to them; "medseal grant" gives them what was sealed before.${outOfUse(change)}`;
}

function outOfUse({ roles }: Change): string {
  return roles > 0 ? ROLES_OUT_OF_USE : '';
}

/** Says what a proposed owner will not be able to read, and who can submit the proposal where not everybody can. */
export function tellOfSuccessor(
  state: LedgerState,
  owner: PublicKey,
  statements: readonly Statement[],
  { warn, note }: Pick<Terminal, 'warn' | 'note'>,
): void {
  const granted = grantsTo(statements, owner).length;
  if (granted > 0) {
    note(`It grants ${count(granted, 'key')} too, so only the owner can submit it; --without-content leaves them out.`);
  }
  const held = keysHeldWith(state, statements, owner).size;
  if (held >= state.keys.size) return;
  const others = state.recovery.filter((key) => keysHeldWith(state, [], key).size > held);
  const instead =
    others.length === 0
      ? ''
      : `; a recovery key that became the owner instead could, and could grant it: ${others.join(', ')}`;
  warn(`the new owner will not read what is sealed under keys that it does not hold${instead}`);
}
