import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest, in this order: begun last, one of them would run alone while the other processors have nothing to do. */
const LONGEST = [
  'test/cli/transcripts.test.ts',
  'test/properties/sqlite-tampering.test.ts',
  'test/cli/bench.test.ts',
  'test/properties/tampering.test.ts',
  'test/properties/oracle.test.ts',
  'test/cli/scenario.test.ts',
  'test/hostile/export.test.ts',
  'test/hostile/ledger-file.test.ts',
  'test/faults/files.test.ts',
  'test/guides.test.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const others = LONGEST.length;
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = LONGEST.findIndex((file) => moduleId.endsWith(file));
      return place < 0 ? others : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  resolve: {
    alias: {
      '#primitives': fileURLToPath(new URL('./src/crypto/primitives.node.ts', import.meta.url)),
    },
  },
  test: {
    globalSetup: ['test/helpers/build.ts'],
    include: ['test/**/*.test.ts'],
    exclude: ['test/long/**'],
    sequence: { sequencer: LongestFirst },
    maxWorkers: '100%',
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
