import { defineConfig, mergeConfig } from 'vitest/config';
import quick from './vitest.config.js';

/** What takes minutes: hundreds of thousands of records, a hundred kills, full disks, tens of thousands of altered files. */
export default mergeConfig(
  { ...quick, test: { ...quick.test, include: [], exclude: [] } },
  defineConfig({ test: { include: ['test/long/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 600_000 } }),
);
