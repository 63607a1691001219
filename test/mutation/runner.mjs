// Tries Stryker's mutants within one process: the chosen tests and the code that they rest on are bundled and loaded
// once, and a mutant costs no more than the tests that reach it. For one that is met while code loads, all is loaded anew.

import { readdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { declareFactoryPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import { determineHitLimitReached, toMutantRunResult } from '@stryker-mutator/api/test-runner';
import { build } from 'esbuild';
import { runTest, takeTests } from './testing.mjs';

/** The tests that speak of these folders count, and each vector, where no others are chosen. */
const FOLDERS = ['crypto', 'merkle', 'format', 'verify'];
const VECTORS = 'test/mutation/each-vector.ts';
const SETUP = 'test/mutation/setup.ts';
/** As deep as the tests are: they look for their files from where they stand. */
const BUNDLE = 'test/mutation/bundle.mjs';
/** Of what Stryker puts into the code. */
const NAMESPACE = '__stryker__';
/** A test that meets a mutant as many times as often as it does without it is in an endless loop. */
const ENDLESS = 100;

class Runner {
  #stryker = {};
  #loads = 0;
  #loaded;
  /** How long each test took, so that those that fail soonest are tried first. */
  #took = new Map();
  /** How often each test met each mutant. */
  #met = {};

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    globalThis[NAMESPACE] = this.#stryker;
    // Each mutant counts by its tests; what it leaves behind does not.
    process.on('unhandledRejection', () => undefined);
    await bundle([SETUP, ...chosenTests()]);
    this.#loaded = await this.#load();
  }

  async dryRun() {
    const { tests } = this.#loaded;
    const results = [];
    for (const test of tests) {
      const start = performance.now();
      this.#stryker.currentTestId = test.id;
      const failure = await failureOf(test);
      this.#stryker.currentTestId = undefined;
      const timeSpentMs = performance.now() - start;
      this.#took.set(test.id, timeSpentMs);
      results.push({ ...failed(test.id, failure ?? ''), timeSpentMs, status: failure === null ? 0 : 1 });
    }
    const { mutantCoverage } = this.#stryker;
    this.#met = mutantCoverage?.perTest ?? {};
    return { status: 'complete', tests: results, mutantCoverage };
  }

  async mutantRun({ testFilter, activeMutant, mutantActivation }) {
    const anew = mutantActivation === 'static';
    const { id } = activeMutant;
    Object.assign(this.#stryker, { hitCount: 0, hitLimit: undefined, activeMutant: id });
    let result;
    try {
      const { tests, after } = anew ? await this.#load() : this.#loaded;
      const chosen = testFilter === undefined ? tests : tests.filter((test) => testFilter.includes(test.id));
      result = await this.#tryAll(chosen, id);
      if (anew) for (const hook of after) await hook();
    } catch (error) {
      result = { status: 'complete', tests: [failed('loading', String(error))] };
    }
    this.#stryker.activeMutant = undefined;
    return toMutantRunResult(result);
  }

  /** Up to the first one that fails, or meets the mutant so often that it would not end. */
  async #tryAll(tests, mutant) {
    const took = ({ id }) => this.#took.get(id) ?? 0;
    const results = [];
    for (const test of tests.toSorted((a, b) => took(a) - took(b))) {
      const hitLimit = ENDLESS * (this.#met[test.id]?.[mutant] ?? 1000);
      Object.assign(this.#stryker, { hitCount: 0, hitLimit });
      const failure = await failureOf(test);
      const endless = determineHitLimitReached(this.#stryker.hitCount, hitLimit);
      if (endless !== undefined) return endless;
      results.push(failure === null ? { ...failed(test.id, ''), status: 0 } : failed(test.id, failure));
      if (failure === null) continue;
      // What noticed one mutant often notices the next.
      this.#took.set(test.id, took(test) / 2);
      break;
    }
    return { status: 'complete', tests: results };
  }

  async #load() {
    takeTests();
    await import(`${pathToFileURL(BUNDLE).href}?${this.#loads++}`);
    return takeTests();
  }

  async dispose() {
    for (const hook of this.#loaded?.after ?? []) await hook();
  }
}

const failed = (id, failureMessage) => ({ id, name: id, timeSpentMs: 0, status: 1, failureMessage });

async function failureOf(test) {
  try {
    await runTest(test);
    return null;
  } catch (error) {
    return String(error);
  }
}

function chosenTests() {
  const chosen = process.env.MEDSEAL_MUTATION_TESTS;
  if (chosen !== undefined) return chosen.split(',');
  const units = FOLDERS.flatMap((folder) =>
    readdirSync(`test/unit/${folder}`, { recursive: true }).map((name) => `test/unit/${folder}/${name}`),
  );
  return [VECTORS, 'test/unit/bytes.test.ts', ...units.filter((file) => file.endsWith('.test.ts')).sort()];
}

async function bundle(files) {
  await build({
    stdin: { contents: files.map((file) => `import './${file}';`).join('\n'), resolveDir: process.cwd() },
    outfile: BUNDLE,
    absWorkingDir: process.cwd(),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    plugins: [{ name: 'medseal', setup: resolveOurs }],
    logLevel: 'error',
  });
}

function resolveOurs({ onResolve }) {
  onResolve({ filter: /^#primitives$/ }, () => ({ path: `${process.cwd()}/src/crypto/primitives.node.ts` }));
  // One module for all loads of the bundle, and for this one.
  onResolve({ filter: /^vitest$/ }, () => ({ path: new URL('testing.mjs', import.meta.url).href, external: true }));
}

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, 'one-process', () => new Runner())];
