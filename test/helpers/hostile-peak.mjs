// Loaded into a child process: when it ends, tells how much memory it has held at most.
import { writeFileSync } from 'node:fs';

const { HOSTILE_PEAK_FILE } = process.env;
if (HOSTILE_PEAK_FILE !== undefined) {
  process.on('exit', () => writeFileSync(HOSTILE_PEAK_FILE, String(process.resourceUsage().maxRSS)));
}
