import { type TypeName, typeNamed } from '../dataset/typed/types.js';
import { MedsealError } from '../errors.js';

/**
 * Types of columns as a person gives them: `dose=float,code=text`, the columns by name or by number.
 * @throws {MedsealError} `USAGE`; `ARGUMENT_INVALID` for what is no type
 */
export function columnTypes(text: string | undefined): Readonly<Record<string, TypeName>> | undefined {
  if (text === undefined) return undefined;
  const pairs = text.split(',').map((pair) => {
    const equals = pair.lastIndexOf('=');
    if (equals < 1) throw new MedsealError('USAGE', '--schema takes types of columns: dose=float,code=text');
    return [pair.slice(0, equals), typeNamed(pair.slice(equals + 1))] as const;
  });
  return Object.fromEntries(pairs);
}
