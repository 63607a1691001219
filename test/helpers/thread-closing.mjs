// A process of its own that closes pools whose threads have said that they are ready, which nobody has heard yet.

import { createPool } from '../../dist/threads/pool.js';
import { square } from './thread-tasks.mjs';

for (let round = 0; round < 6; round++) {
  const pool = createPool({ threads: 2 });
  pool.prepare(square);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
  await pool.close();
}
console.log('closed');
