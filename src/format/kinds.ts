import type { PublicKey } from '../crypto/secp256k1.js';
import type { JsonValue } from './json.js';
import type { Timestamp } from './timestamp.js';

/** Which statements need whose approvals: by kind, m of n. */
export type Rules = Readonly<Record<string, Rule>>;

export interface Rule {
  /** How many of `from` must approve: 1 … their number. */
  readonly threshold: number;
  readonly from: readonly PublicKey[];
}

/** What a statement carries where a rule demands approvals: all four members, or none of them. */
export interface Approved {
  /** 16 random bytes, hex: this proposal is approved once and said once. */
  readonly proposal?: string;
  /** The ledger that it is for. */
  readonly ledger?: string;
  /** It may be said up to this time. */
  readonly until?: Timestamp;
  readonly approvals?: readonly Approval[];
}

export interface Approval {
  readonly by: PublicKey;
  /** `r ‖ s` over the statement's approval digest, hex. */
  readonly signature: string;
}

/** The first entry of a ledger: who owns it and by which rules it is kept. */
export interface LedgerStatement {
  readonly kind: 'ledger';
  readonly owner: PublicKey;
  /** The least difficulty of any block, in bits. */
  readonly difficulty: number;
  /** 16 random bytes, hex: makes the ledger's id unique. */
  readonly nonce: string;
  readonly rules: Rules;
  readonly recovery: readonly PublicKey[];
  readonly audit: boolean;
}

/** Begins a data set. `keys` are the ids of its groups' keys, in the order of the groups. */
export interface DatasetStatement extends Approved {
  readonly kind: 'dataset';
  readonly id: string;
  readonly keys: readonly string[];
}

/** From here on the data set's groups are sealed under these keys; a group may keep the one that it has. */
export interface DatasetKeysStatement extends Approved {
  readonly kind: 'dataset-keys';
  readonly id: string;
  readonly keys: readonly string[];
}

/** The data set is complete up to here, with this many rows (the header row not counted). */
export interface DatasetEndStatement extends Approved {
  readonly kind: 'dataset-end';
  readonly id: string;
  readonly rows: number;
}

/** Row `by` of the data set is the newest version of its earlier row `row`. */
export interface AmendStatement extends Approved {
  readonly kind: 'amend';
  readonly id: string;
  readonly row: number;
  readonly by: number;
  readonly reason: string;
}

/** A group's key or a role's private key, wrapped to a public key (HPKE): `enc` and `wrapped` are base64url. */
export interface GrantStatement extends Approved {
  readonly kind: 'grant';
  /** Exactly one of the two is there. */
  readonly key_id?: string;
  readonly role_key?: PublicKey;
  readonly to: PublicKey;
  readonly enc: string;
  readonly wrapped: string;
  readonly expires?: Timestamp;
  readonly reason?: string;
}

/** A role with a key pair of its own; said again, the role goes on under another one. */
export interface RoleStatement extends Approved {
  readonly kind: 'role';
  readonly name: string;
  readonly public_key: PublicKey;
}

/** Ends a grant: what is sealed later is closed to this reader. */
export interface RevokeStatement extends Approved {
  readonly kind: 'revoke';
  readonly key_id?: string;
  readonly role_key?: PublicKey;
  readonly from: PublicKey;
  readonly reason: string;
}

/** From the next block on this key may seal data sets of its own, or may no longer. */
export interface WriterStatement extends Approved {
  readonly kind: 'writer' | 'writer-removed';
  readonly public_key: PublicKey;
}

/** From the next block on the ledger is owned by this key. */
export interface OwnerStatement extends Approved {
  readonly kind: 'owner';
  readonly public_key: PublicKey;
}

/** From the next block on these are the recovery keys. */
export interface RecoveryStatement extends Approved {
  readonly kind: 'recovery';
  readonly public_keys: readonly PublicKey[];
}

/** From the next block on these are the rules. */
export interface RulesStatement extends Approved {
  readonly kind: 'rules';
  readonly rules: Rules;
}

/** These sealed records are to be destroyed: their salts and bodies may be missing. */
export interface EraseStatement extends Approved {
  readonly kind: 'erase';
  /** `[block, position]`, positions from 0, ascending. */
  readonly entries: readonly (readonly [block: number, position: number])[];
  readonly reason: string;
  readonly basis: string;
}

/** Who has read what, signed by the reader. */
export interface AccessStatement {
  readonly kind: 'access';
  readonly id: string;
  readonly ledger: string;
  readonly by: PublicKey;
  readonly at: Timestamp;
  /** A code of HL7's PurposeOfUse. */
  readonly purpose: string;
  /** The id of the data set. */
  readonly dataset: string;
  /** First and last of each run of rows, ascending. */
  readonly rows: readonly (readonly [from: number, to: number])[];
  readonly outcome: 'permitted' | 'refused';
  readonly signature: string;
}

/** Whether reading with tools that keep to it is recorded from here on. */
export interface AuditStatement extends Approved {
  readonly kind: 'audit';
  readonly on: boolean;
}

/** An Ed25519 public key (32 bytes, hex) that signs checkpoints from here on. */
export interface LogKeyStatement extends Approved {
  readonly kind: 'log-key';
  readonly public_key: string;
}

/** Anything that a person wants to state publicly; shown, otherwise ignored. */
export interface InfoStatement {
  readonly kind: `info-${string}`;
  readonly [member: string]: JsonValue;
}

/** Statements that a rule can name. */
export type RuledStatement =
  | DatasetStatement
  | DatasetKeysStatement
  | DatasetEndStatement
  | AmendStatement
  | GrantStatement
  | RoleStatement
  | RevokeStatement
  | WriterStatement
  | OwnerStatement
  | RecoveryStatement
  | RulesStatement
  | EraseStatement
  | AuditStatement
  | LogKeyStatement;

export type Statement = LedgerStatement | RuledStatement | AccessStatement | InfoStatement;
