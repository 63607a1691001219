// What the tests use of Vitest, so that they can be run again and again within one process: see runner.mjs.

import { format } from 'node:util';
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  chai,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from '@vitest/expect';

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

export const expect = (value, message) => chai.expect(value, message);
Object.assign(expect, chai.expect, globalThis[ASYMMETRIC_MATCHERS_OBJECT]);
setState({ assertionCalls: 0, isExpectingAssertions: false }, expect);

const newSuite = (parent) => ({ parent, before: [], beforeEach: [], afterEach: [], ready: false });
let suite = newSuite(null);
const names = [];
let tests = [];
let after = [];

/** The tests that have been declared since the last call, and what to do once they are needed no more. */
export function takeTests() {
  const taken = { tests, after };
  [suite, tests, after] = [newSuite(null), [], []];
  return taken;
}

export function test(name, ...rest) {
  const body = rest.find((part) => typeof part === 'function');
  tests.push({ id: `${tests.length} ${[...names, name].join(' ')}`, suite, body });
}

export function describe(name, body) {
  const outer = suite;
  suite = newSuite(outer);
  names.push(name);
  body();
  names.pop();
  suite = outer;
}

const each = (declare) => (rows) => (name, body) => {
  for (const row of rows) {
    const values = Array.isArray(row) ? row : [row];
    declare(format(name, ...values), () => body(...values));
  }
};
test.each = each(test);
describe.each = each(describe);
export const it = test;

export const beforeAll = (hook) => suite.before.push(hook);
export const afterAll = (hook) => after.unshift(hook);
export const beforeEach = (hook) => suite.beforeEach.push(hook);
export const afterEach = (hook) => suite.afterEach.push(hook);

function outwards(of) {
  return of === null ? [] : [...outwards(of.parent), of];
}

/** What stands in `beforeAll` is run for the first test only. */
export async function runTest({ suite: own, body }) {
  const suites = outwards(own);
  for (const each of suites) {
    if (each.ready) continue;
    for (const hook of each.before) await hook();
    each.ready = true;
  }
  for (const each of suites) for (const hook of each.beforeEach) await hook();
  try {
    await body();
  } finally {
    for (const each of suites.toReversed()) for (const hook of each.afterEach) await hook();
  }
}
