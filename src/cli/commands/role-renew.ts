import { renewRoles } from '../../access/roles.js';
import type { Context, ExitCode } from '../context.js';
import { type SayOptions, sayAndTell } from '../saying.js';

export async function run([path = '', ...names]: string[], options: SayOptions, context: Context): Promise<ExitCode> {
  let renewed: readonly string[] = [];
  return sayAndTell(
    path,
    options,
    context,
    async (granter) => {
      const statements = await renewRoles(granter, names);
      renewed = statements.flatMap((statement) => (statement.kind === 'role' ? [statement.name] : []));
      return statements;
    },
    (block) => ({
      text: `Renewed ${renewed.map((name) => `"${name}"`).join(', ')} in block ${block}: the members can be granted new rows again.`,
      json: { roles: renewed },
    }),
  );
}
