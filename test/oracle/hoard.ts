// What a private key opens for somebody who honours no revocation: every grant that was ever made to it counts.

import { type Bytes, fromB64, fromHex, H, hex, join, label, utf8 } from './bytes.js';
import { openBase } from './hpke.js';
import { isObject, type JsonObject, jcs } from './jcs.js';
import { type GroupKey, groupKey, headFields, openRecord } from './seal.js';
import { publicKeyOf } from './write.js';

/** The contents of all rows but the header rows that the key opens, by whatever grants and roles, in an export's blocks. */
export function hoard(
  ledger: Bytes,
  blocks: readonly { readonly data: readonly unknown[] }[],
  privateKey: string,
): string[] {
  const elements = blocks.flatMap(({ data }) => data as JsonObject[]).filter(isObject);
  const keys = keysOf(ledger, elements, privateKey);
  return elements.flatMap((element) => {
    if (element.sealed === undefined) return [];
    const head = fromB64(String(element.sealed), 89);
    const { keyId, row } = headFields(head);
    const key = keys.get(keyId);
    if (key === undefined || row === 0n) return [];
    const record = { head, body: fromB64(String(element.body)), salt: fromB64(String(element.salt), 32) };
    return [new TextDecoder().decode(openRecord(ledger, key, record))];
  });
}

function keysOf(ledger: Bytes, elements: readonly JsonObject[], privateKey: string): Map<string, GroupKey> {
  const found = new Map<string, GroupKey>();
  const tried = new Set<string>();
  const holders = [privateKey];
  for (let holder = holders.pop(); holder !== undefined; holder = holders.pop()) {
    const me = publicKeyOf(holder);
    if (tried.has(me)) continue;
    tried.add(me);
    for (const grant of elements.filter(({ kind, to }) => kind === 'grant' && to === me)) {
      const { enc, wrapped, approvals: _approvals, ...associated } = grant;
      const sealed = { enc: fromB64(String(enc), 65), ciphertext: fromB64(String(wrapped), 48) };
      const key = openBase(sealed, fromHex(holder, 32), join(label('grant'), ledger), utf8(jcs(associated)));
      if (grant.role_key !== undefined) holders.push(hex(key));
      else found.set(hex(H(label('key'), ledger, key).slice(0, 16)), groupKey(ledger, key));
    }
  }
  return found;
}
