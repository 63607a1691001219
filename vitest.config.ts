import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

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
    maxWorkers: '100%',
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
