import type { PublicKey } from '../crypto/secp256k1.js';
import { MedsealError } from '../errors.js';
import { isObject } from '../format/json.js';
import { type InfoStatement, parseStatement } from '../format/statement.js';
import { type Ledger, readableBlocks } from '../ledger/ledger.js';
import type { LedgerState } from '../verify/state.js';

/*
 * What people call the keys that rules name. A rule itself holds keys alone, since a verifier judges keys; the names stand
 * beside it in a statement that changes nothing, and are the owner's word.
 */

const KIND = 'info-approvers';
const MOST_CHARACTERS = 64;

/**
 * The statement that says what the owner calls some keys.
 * @throws {MedsealError} `ARGUMENT_INVALID` for a name that is empty, longer than 64 characters, or not plain text
 */
export function namesStatement(names: ReadonlyMap<PublicKey, string>): InfoStatement {
  for (const name of names.values()) {
    if (isName(name)) continue;
    const message = `an approver's name has 1 to ${MOST_CHARACTERS} characters, none of them a control character`;
    throw new MedsealError('ARGUMENT_INVALID', message);
  }
  return { kind: KIND, names: Object.fromEntries([...names].map(([key, name]) => [key, name.normalize('NFC')])) };
}

/** What the owners of a ledger that has been verified have called keys, by key; the latest name counts. */
export async function approverNames(ledger: Ledger, state: LedgerState): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for await (const { header, entries } of readableBlocks(ledger, { bodies: false })) {
    // A writer may say what they like as well, and could pass themselves off as somebody.
    if (header.signer !== state.ownerAt(header.index)) continue;
    for (const { kind, bytes } of entries) {
      const statement = kind === 'statement' ? parseStatement(bytes) : null;
      if (statement?.kind !== KIND) continue;
      const said = (statement as InfoStatement).names;
      for (const [key, name] of isObject(said) ? Object.entries(said) : []) if (isName(name)) names.set(key, name);
    }
  }
  return names;
}

function isName(name: unknown): name is string {
  return typeof name === 'string' && name !== '' && [...name].length <= MOST_CHARACTERS && !/\p{Cc}/u.test(name);
}
