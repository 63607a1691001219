import { MedsealError } from '../../errors.js';

/** What a PKCS #11 URI (RFC 7512) says of a token and of a key in it. What is not said matches anything. */
export interface Pkcs11Uri {
  readonly token?: string;
  readonly manufacturer?: string;
  readonly model?: string;
  readonly serial?: string;
  readonly slotId?: number;
  /** CKA_LABEL of the key. */
  readonly object?: string;
  /** CKA_ID of the key. */
  readonly id?: Uint8Array;
  /** The module that speaks to the token. */
  readonly modulePath?: string;
  /** The file that holds the PIN. */
  readonly pinFile?: string;
}

const SCHEME = 'pkcs11:';

/** Whether a text that names a key names one in hardware, and not a file. */
export function isPkcs11Uri(text: string): boolean {
  return text.startsWith(SCHEME);
}

type Attributes = ReadonlyMap<string, Uint8Array>;

/**
 * @throws {MedsealError} `USAGE` where it is no PKCS #11 URI, where it says what Medseal does not know (ignoring it could
 *   choose another key than was meant), or where it gives the PIN itself: others can see a command line
 */
export function parsePkcs11Uri(text: string): Pkcs11Uri {
  const [path = '', query = '', ...rest] = text.slice(SCHEME.length).split('?');
  if (!isPkcs11Uri(text) || rest.length > 0) throw malformed('it begins with "pkcs11:" and has one "?" at the most');
  const of = attributes(path, ';');
  const asked = attributes(query, '&');
  expectKnown(of, ['token', 'manufacturer', 'model', 'serial', 'slot-id', 'object', 'id', 'type']);
  if (asked.has('pin-value')) {
    throw malformed('a PIN in it could be seen by others; use --pin-file, MEDSEAL_PIN, or "?pin-source=file:…"');
  }
  expectKnown(asked, ['module-path', 'pin-source']);
  const type = textOf(of, 'type');
  if (type !== undefined && type !== 'private') throw malformed('its "type" is "private": the key is a private key');
  const slotId = textOf(of, 'slot-id');
  if (slotId !== undefined && !/^\d{1,15}$/.test(slotId)) throw malformed('its "slot-id" is a number');
  return withoutUndefined({
    token: textOf(of, 'token'),
    manufacturer: textOf(of, 'manufacturer'),
    model: textOf(of, 'model'),
    serial: textOf(of, 'serial'),
    slotId: slotId === undefined ? undefined : Number(slotId),
    object: textOf(of, 'object'),
    id: of.get('id'),
    modulePath: textOf(asked, 'module-path'),
    pinFile: pinFileOf(textOf(asked, 'pin-source')),
  });
}

function attributes(text: string, separator: string): Attributes {
  const found = new Map<string, Uint8Array>();
  for (const part of text.split(separator)) {
    if (part === '') continue;
    const [, name, value] = /^([a-z0-9_-]+)=([\x21-\x7e]*)$/.exec(part) ?? [];
    if (name === undefined || value === undefined) {
      throw malformed('it is a list of name=value, and other characters than ASCII letters are written as %41');
    }
    if (found.has(name)) throw malformed(`it says "${name}" twice`);
    found.set(name, percentDecoded(value));
  }
  return found;
}

function percentDecoded(text: string): Uint8Array {
  if (/%(?![0-9a-f]{2})/i.test(text)) throw malformed('a "%" is followed by two hex digits');
  const bytes = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return new Uint8Array(Buffer.from(bytes, 'latin1'));
}

function textOf(attributes: Attributes, name: string): string | undefined {
  const bytes = attributes.get(name);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
}

function expectKnown(attributes: Attributes, known: readonly string[]): void {
  for (const name of attributes.keys()) {
    if (!known.includes(name)) throw malformed(`it says "${name}"; what can be said there is ${known.join(', ')}`);
  }
}

function pinFileOf(source: string | undefined): string | undefined {
  if (source === undefined) return undefined;
  if (!source.startsWith('file:')) throw malformed('its "pin-source" is a file: "file:/path"');
  return source.slice('file:'.length).replace(/^\/\/(?=\/)/, '');
}

function withoutUndefined<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}

function malformed(why: string): MedsealError {
  return new MedsealError(
    'USAGE',
    `this names no key in hardware, as "pkcs11:token=clinic;object=owner" does (RFC 7512): ${why}`,
  );
}
