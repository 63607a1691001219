import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { environment } from './context.js';

/**
 * A file that Medseal keeps for a user between runs: in `$XDG_STATE_HOME/medseal`, or `~/.local/state/medseal` (XDG Base
 * Directory Specification). The folder is made where it is not there; where it cannot be made, writing the file tells.
 */
export function stateFile(name: string): string {
  const folder = join(environment('XDG_STATE_HOME') ?? join(homedir(), '.local', 'state'), 'medseal');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch {
    // Told where the file is written.
  }
  return join(folder, name);
}
