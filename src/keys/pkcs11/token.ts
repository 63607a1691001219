import { statSync } from 'node:fs';
import { MedsealError } from '../../errors.js';
import type { Cryptoki, Handle, TokenInfo } from './cryptoki.js';
import * as ck from './cryptoki.js';
import type { Pkcs11Uri } from './uri.js';

export interface TokenOptions {
  /** Path of the module (a shared library) that speaks to the token; the URI's `module-path` comes first. */
  readonly module?: string;
  /** Asked for once, when the token is opened. */
  readonly pin: () => Promise<string>;
}

/** A token with a session in which its user is logged in. */
export interface Token {
  readonly cryptoki: Cryptoki;
  readonly session: Handle;
  /** For messages: the token's label. */
  readonly label: string;
  /** One operation at a time: a session keeps the state of one only. */
  exclusively<T>(run: () => Promise<T>): Promise<T>;
  close(): void;
}

/**
 * Opens the one token that a URI means.
 * @throws {MedsealError} `MODULE_UNAVAILABLE`, `TOKEN_NOT_FOUND`, `PIN_WRONG`, `TOKEN_FAILED`; what `pin` throws
 */
export async function openToken(uri: Pkcs11Uri, options: TokenOptions): Promise<Token> {
  const cryptoki = await loadModule(uri.modulePath ?? options.module);
  const { slot, info } = chooseSlot(cryptoki, uri);
  const label = info.label.trim();
  const pin = await options.pin();
  const session = told(label, () => cryptoki.C_OpenSession(slot, ck.CKF_SERIAL_SESSION | ck.CKF_RW_SESSION));
  login(cryptoki, session, label, pin);
  let last: Promise<unknown> = Promise.resolve();
  let open = true;
  return {
    cryptoki,
    session,
    label,
    exclusively(run) {
      const result = last.then(() => {
        if (!open) throw new MedsealError('TOKEN_FAILED', `the token "${label}" has been closed`);
        return run();
      });
      last = result.catch(() => {});
      return result;
    },
    close() {
      if (!open) return;
      open = false;
      told(label, () => cryptoki.C_CloseSession(session));
    },
  };
}

/** Modules by path: a process initialises each of them once. */
const modules = new Map<string, Cryptoki>();

async function loadModule(path: string | undefined): Promise<Cryptoki> {
  if (path === undefined) {
    const message =
      'a key in hardware needs the module of its maker: name the shared library in MEDSEAL_PKCS11_MODULE, or in the URI ("?module-path=…")';
    throw new MedsealError('MODULE_UNAVAILABLE', message);
  }
  const known = modules.get(path);
  if (known !== undefined) return known;
  const place = { file: path };
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new MedsealError('MODULE_UNAVAILABLE', `there is no PKCS #11 module ${path}`, place);
  }
  const cryptoki = await newCryptoki();
  try {
    cryptoki.load(path);
    initialise(cryptoki);
  } catch (cause) {
    const message = `the PKCS #11 module ${path} does not work: ${reason(cause)}`;
    throw new MedsealError('MODULE_UNAVAILABLE', message, place, { cause });
  }
  modules.set(path, cryptoki);
  return cryptoki;
}

async function newCryptoki(): Promise<Cryptoki> {
  try {
    const name = 'pkcs11js';
    const { default: pkcs11js } = (await import(name)) as { default: { PKCS11: new () => Cryptoki } };
    return new pkcs11js.PKCS11();
  } catch (cause) {
    const message =
      'keys in hardware need the package pkcs11js, which is not installed: npm install pkcs11js (it compiles, with Python and a C++ compiler)';
    throw new MedsealError('MODULE_UNAVAILABLE', message, {}, { cause });
  }
}

/** Another part of the process may have begun to use the module already. */
function initialise(cryptoki: Cryptoki): void {
  try {
    cryptoki.C_Initialize();
  } catch (error) {
    if (codeOf(error) !== ck.CKR_CRYPTOKI_ALREADY_INITIALIZED) throw error;
  }
}

function chooseSlot(cryptoki: Cryptoki, uri: Pkcs11Uri): { slot: Handle; info: TokenInfo } {
  const slots = told('', () => cryptoki.C_GetSlotList(true)).map((slot) => ({
    slot,
    info: told('', () => cryptoki.C_GetTokenInfo(slot)),
  }));
  const matching = slots.filter(({ slot, info }) => fits(uri, slot, info));
  const [only, ...others] = matching;
  if (only !== undefined && others.length === 0) return only;
  const labels = slots.map(({ info }) => `"${info.label.trim()}"`).filter((label) => label !== '""');
  const there = labels.length === 0 ? 'none is there' : `there are ${labels.join(', ')}`;
  const message =
    only === undefined
      ? `no token is the one asked for; ${there}`
      : `several tokens are the one asked for; say more of it, as "token=…" or "serial=…"; ${there}`;
  throw new MedsealError('TOKEN_NOT_FOUND', message);
}

function fits(uri: Pkcs11Uri, slot: Handle, info: TokenInfo): boolean {
  const same = (wanted: string | undefined, padded: string): boolean =>
    wanted === undefined || wanted === padded.trim();
  return (
    same(uri.token, info.label) &&
    same(uri.manufacturer, info.manufacturerID) &&
    same(uri.model, info.model) &&
    same(uri.serial, info.serialNumber) &&
    (uri.slotId === undefined || BigInt(uri.slotId) === slotNumber(slot))
  );
}

/** A slot's handle holds its CK_SLOT_ID, in the machine's order and size. */
function slotNumber(slot: Handle): bigint {
  const bytes = Buffer.from(slot);
  return bytes.length === 8 ? bytes.readBigUInt64LE() : BigInt(bytes.readUInt32LE());
}

function login(cryptoki: Cryptoki, session: Handle, label: string, pin: string): void {
  try {
    cryptoki.C_Login(session, ck.CKU_USER, pin);
  } catch (cause) {
    const code = codeOf(cause);
    if (code === ck.CKR_USER_ALREADY_LOGGED_IN) return;
    cryptoki.C_CloseSession(session);
    const wrong = [ck.CKR_PIN_INCORRECT, ck.CKR_PIN_INVALID, ck.CKR_PIN_LEN_RANGE, ck.CKR_PIN_LOCKED].includes(code);
    if (!wrong) throw failed(label, cause);
    const locked = code === ck.CKR_PIN_LOCKED;
    const message = locked
      ? `the token "${label}" is locked after too many wrong PINs; its security officer can unlock it`
      : `the PIN of the token "${label}" is wrong; after some wrong ones it is locked`;
    throw new MedsealError('PIN_WRONG', message, {}, { cause });
  }
}

/** Runs an operation of a token; what goes wrong comes out as an error that a person can act on. */
export function told<T>(label: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw failed(label, error);
  }
}

/** The same for one that takes its time. */
export async function toldLater<T>(label: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw failed(label, error);
  }
}

function failed(label: string, cause: unknown): MedsealError {
  if (cause instanceof MedsealError) return cause;
  const which = label === '' ? 'the PKCS #11 module' : `the token "${label}"`;
  return new MedsealError('TOKEN_FAILED', `${which} failed: ${reason(cause)}`, {}, { cause });
}

/** The standard's name for what went wrong: the first word of the addon's message. */
function reason(error: unknown): string {
  const { message } = error as { message?: string };
  return /CKR_\w+/.exec(String(message))?.[0] ?? String(message).split('\n')[0] ?? '';
}

function codeOf(error: unknown): number {
  return (error as { code?: number }).code ?? 0;
}
