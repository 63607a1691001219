import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import quick from './vitest.config.js';

/** What stands closest to the code fails soonest, and one failure is enough. */
const ORDER = ['test/unit/', 'test/vectors/'];

class ClosestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => ORDER.findIndex((folder) => moduleId.includes(folder));
    return files.toSorted((a, b) => rank(a) - rank(b) || a.moduleId.localeCompare(b.moduleId));
  }
}

/** Fewer of them, for one file: Stryker's own option for that leaves constants as they are, and counts them as survivors. */
const chosen = process.env.MEDSEAL_MUTATION_TESTS?.split(',');

/**
 * The tests that mutants of `crypto`, `merkle`, `format` and `verify` run against: those that speak of these folders
 * and need neither files nor the built command line.
 */
export default defineConfig({
  resolve: { ...quick.resolve },
  test: {
    include: chosen ?? [
      'test/unit/bytes.test.ts',
      'test/unit/{crypto,merkle,format,verify,work}/**/*.test.ts',
      'test/vectors/{hashes,records,store,verify}.test.ts',
    ],
    // The mutant is chosen in a setup file of its own, before ours loads anything.
    sequence: { sequencer: ClosestFirst, setupFiles: 'list' },
    setupFiles: ['test/mutation/setup.ts'],
    // Each mutant has a thread of its own as it is; within it the modules are loaded once for all files.
    isolate: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
