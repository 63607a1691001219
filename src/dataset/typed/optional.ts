import { MedsealError } from '../../errors.js';

/**
 * A package that only some need, and install beside Medseal.
 * @param load imports it
 * @throws {MedsealError} `MODULE_UNAVAILABLE` where it is not there
 */
export async function optional<T>(name: string, version: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const missing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
    const why = missing ? 'which is not installed' : 'which does not load on this machine';
    const message = `this needs the package ${name}, ${why}: npm install ${name}@${version}`;
    throw new MedsealError('MODULE_UNAVAILABLE', message, {}, { cause });
  }
}
