// Writes a file as commands do, and does not come to its end: its writer is killed.
import { writeFileWhole } from '../../dist/cli/files.js';

async function* chunks() {
  yield Buffer.from('plaintext of a record\n');
  process.stdout.write('writing\n');
  await new Promise(() => setInterval(() => {}, 1000));
}
await writeFileWhole(process.argv[2], chunks(), { mode: 0o600 });
