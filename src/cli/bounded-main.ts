/* The command line in a process that may take only so much memory: how much is its first argument. */

import { beBounded } from './bounded.js';

const [bytes] = process.argv.splice(2, 1);
beBounded(Number(bytes));
await import('./main.js');
