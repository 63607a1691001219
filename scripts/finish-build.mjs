// tsc writes plain files; the command needs its execute bit to run from a checkout.
import { chmodSync } from 'node:fs';

chmodSync(new URL('../dist/cli/main.js', import.meta.url), 0o755);
