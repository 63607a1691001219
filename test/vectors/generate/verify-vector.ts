// One verify vector: an export, the verifier's clock and pins, and what it is to find. The problems of a case are
// written by hand; the figures follow from them by plain counting.

import { hex } from '../../oracle/bytes.js';
import type { JsonObject } from '../../oracle/jcs.js';
import { hashOf, parse } from './ledgers.js';
import { NOW, owner } from './people.js';

export interface Vector {
  /** Below `vectors/`, without the extension. */
  readonly path: string;
  readonly content: object;
}

export interface ExpectedProblem {
  readonly block: number;
  readonly entry: number | null;
  readonly code: string;
}

export interface ExpectedNotice {
  readonly block: number | null;
  readonly code: string;
}

export interface ExpectedVerdict {
  readonly ok: boolean;
  readonly undecided: boolean;
  readonly ledger: string | null;
  readonly owner: string | null;
  readonly blocks: number;
  readonly records: number;
  readonly statements: number;
  readonly erased: number;
  readonly withheld: number;
  readonly head: string | null;
  readonly problems: readonly ExpectedProblem[];
  readonly notices: readonly ExpectedNotice[];
  /** Only of quick verification. */
  readonly anchor?: number;
}

export interface Case {
  readonly name: string;
  readonly description: string;
  /** Where the rule stands. */
  readonly rule: string;
  /** Lines without their line feeds, or the bytes of an export that is not made of such lines. */
  readonly export: readonly string[] | Uint8Array;
  readonly now?: string;
  /** The pinned owner; null for none. */
  readonly owner?: string | null;
  readonly ledger?: string;
  readonly withoutBodies?: boolean;
  /** Quick verification. */
  readonly quick?: boolean;
  /** An earlier state, and whether the ledger continues it. */
  readonly checkpoint?: { readonly note: string; readonly size: number; readonly continued: boolean };
  readonly problems?: readonly ExpectedProblem[];
  readonly notices?: readonly ExpectedNotice[];
  /** What plain counting cannot know. */
  readonly expect?: { readonly [member in keyof ExpectedVerdict]?: ExpectedVerdict[member] | undefined };
}

/** Codes that leave the block's entries good: they are about what lies beside one of them. */
const BESIDE = ['SALT_MISSING', 'SALT_MISMATCH', 'BODY_MISSING', 'BODY_MISMATCH'];
/** Codes after which the last block's hash is not known. */
const UNSOUND = ['MALFORMED', 'TOO_LARGE', 'VERSION_NEWER', 'SIGNATURE_INVALID', 'WORK_INSUFFICIENT'];

export function verifyVector(found: Case): Vector {
  const pin = found.owner === undefined ? owner : found.owner;
  return {
    path: `verify/${found.name}`,
    content: {
      description: found.description,
      rule: found.rule,
      now: found.now ?? NOW,
      ...(pin === null ? {} : { owner: pin }),
      ...(found.ledger === undefined ? {} : { ledger: found.ledger }),
      ...(found.withoutBodies ? { withoutBodies: true } : {}),
      ...(found.quick ? { quick: true } : {}),
      ...(found.checkpoint === undefined ? {} : { checkpoint: found.checkpoint.note }),
      ...(found.export instanceof Uint8Array
        ? { export_base64: Buffer.from(found.export).toString('base64') }
        : { export: found.export }),
      expect: expected(found, pin),
    },
  };
}

function expected(found: Case, pin: string | null): object {
  const problems = found.problems ?? [];
  const lines = found.export instanceof Uint8Array ? [] : found.export;
  const bad = new Set(problems.filter(({ code }) => !BESIDE.includes(code)).map(({ block }) => block));
  const good = lines.filter((_, position) => !bad.has(position + 1)).map((line) => entriesOf(line));
  const erased = found.expect?.erased ?? 0;
  const stubs = good.flat().filter((entry) => entry.stub !== undefined).length;
  const withheld = found.withoutBodies ? (found.expect?.withheld ?? stubs) : 0;
  const lastIsUnsound = problems.some(({ block, code }) => block === lines.length && UNSOUND.includes(code));
  const last = lines.at(-1);
  return {
    ok: problems.length === 0,
    undecided: false,
    ledger: found.expect?.ledger === undefined && lines[0] !== undefined ? hex(hashOf(lines[0])) : null,
    owner,
    blocks: lines.length,
    records: good.flat().filter(isRow).length,
    statements: good.flat().filter((entry) => entry.kind !== undefined).length,
    erased,
    withheld,
    head: last === undefined || lastIsUnsound ? null : hex(hashOf(last)),
    problems,
    notices: [
      ...(found.notices ?? []),
      ...(pin === null && found.ledger === undefined && found.checkpoint === undefined
        ? [{ block: null, code: 'NOTHING_PINNED' }]
        : []),
      { block: found.checkpoint?.continued ? found.checkpoint.size : null, code: 'TRUNCATION_POSSIBLE' },
      ...(withheld > 0 ? [{ block: null, code: 'BODIES_WITHHELD' }] : []),
    ],
    ...found.expect,
  };
}

function entriesOf(line: string): JsonObject[] {
  const data: unknown = parse(line).data;
  return Array.isArray(data) ? (data as JsonObject[]) : [];
}

/** A sealed record that is not its data set's header row. Data sets of two groups give their number by hand. */
function isRow(entry: JsonObject): boolean {
  const bytes = Buffer.from(String(entry.sealed ?? entry.stub ?? ''), 'base64url');
  return bytes.length >= 25 && bytes.readBigUInt64BE(17) > 0n;
}

export function problem(block: number, code: string, entry: number | null = null): ExpectedProblem {
  return { block, entry, code };
}

export function notice(block: number | null, code: string): ExpectedNotice {
  return { block, code };
}
