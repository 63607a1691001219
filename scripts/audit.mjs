// Known vulnerabilities in what is installed, of high or critical severity, end this with 1. A registry that keeps no
// advisories, or cannot be reached, is told and leaves the question open.

import { spawnSync } from 'node:child_process';

const { stdout } = spawnSync('npm', ['audit', '--json'], { cwd: new URL('..', import.meta.url), encoding: 'utf8' });
const report = parsed(stdout);
const counts = report.metadata?.vulnerabilities;
if (counts === undefined) {
  console.log(`npm audit: not offered here (${report.message ?? report.error?.summary ?? 'no answer'})`);
} else {
  const severe = counts.high + counts.critical;
  console.log(`npm audit: ${counts.total} known vulnerabilities, ${severe} of them high or critical`);
  for (const { name, severity, range } of Object.values(report.vulnerabilities)) {
    console.log(`  ${severity}: ${name} ${range}`);
  }
  process.exitCode = severe > 0 ? 1 : 0;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
