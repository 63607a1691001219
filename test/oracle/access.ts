// "Accesses".

import { isSignedBy } from './approvals.js';
import { type Bytes, demand, H, label, utf8 } from './bytes.js';
import { type JsonObject, jcs } from './jcs.js';
import type { Saying } from './rules.js';

export function accessDigest(statement: JsonObject): Bytes {
  const { signature: _signature, ...said } = statement;
  return H(label('access'), utf8(jcs(said)));
}

export function checkAccess({ state, signer, isOwner, timestamp }: Saying, statement: JsonObject): void {
  const { id, ledger, by, at, dataset, signature } = statement;
  demand(isOwner || by === signer, 'an access of somebody else');
  demand(isSignedBy(accessDigest(statement), String(signature), String(by)), 'the access is not signed by the reader');
  demand(ledger === state.ledger, 'an access of another ledger');
  demand(!state.keys.some(({ name }) => name === by), 'an access by a role');
  demand(Date.parse(String(at)) - Date.parse(timestamp) <= 300_000, 'an access dated ahead');
  demand(!state.ids.has(String(id)), 'the access has been stated');
  demand(
    state.dataSets.some((one) => one.id === dataset),
    'an access to an unknown data set',
  );
  state.ids.add(String(id));
}
