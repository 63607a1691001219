/**
 * Mutation testing of the folders that everything else rests on; CONTRIBUTING says how to run it and read it.
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  mutate: ['src/crypto/**/*.ts', 'src/merkle/**/*.ts', 'src/format/**/*.ts', 'src/verify/**/*.ts'],
  testRunner: 'one-process',
  plugins: ['./test/mutation/runner.mjs', './test/mutation/messages.mjs'],
  ignorers: ['messages'],
  coverageAnalysis: 'perTest',
  // Labels, limits and shapes are constants: leaving them out would leave out half of the format.
  ignoreStatic: false,
  incremental: true,
  incrementalFile: '.stryker/incremental.json',
  // It would rewrite project references, with an interface that TypeScript 7 no longer has; there are none.
  tsconfigFile: 'none',
  tempDirName: '.stryker/sandbox',
  reporters: ['progress-append-only', 'clear-text', 'html', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  htmlReporter: { fileName: '.stryker/report.html' },
  jsonReporter: { fileName: '.stryker/report.json' },
  thresholds: { high: 95, low: 90, break: 85 },
  concurrency: 1,
  // esbuild looks at no types.
  disableTypeChecks: false,
  // A busy machine is no verdict: an endless loop is told by its count long before this.
  timeoutMS: 20_000,
  timeoutFactor: 1.5,
};
