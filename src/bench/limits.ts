import { runJob, runProgram } from './process.js';

type Algorithm = 'sha256' | 'aes-256-gcm';

/** How fast this processor can go at all, with one thread. */
export interface Limits {
  /** Who measures it. */
  readonly source: string;
  /** Bytes a second. @throws {MedsealError} `ABORTED`; an Error that says what failed */
  bytesASecond(algorithm: Algorithm, signal: AbortSignal): Promise<number>;
}

/** OpenSSL's own measurement where its program is there, otherwise OpenSSL as it is within Node.js. */
export async function findLimits(signal: AbortSignal): Promise<Limits> {
  try {
    const { stdout } = await runProgram('openssl', ['version'], signal);
    await openssl('sha256', signal);
    return { source: `"openssl speed" of ${stdout.trim().split(' (')[0]}`, bytesASecond: openssl };
  } catch {
    return { source: 'node:crypto on large buffers (there is no "openssl" here)', bytesASecond: nodeCrypto };
  }
}

/** By the clock on the wall, as everything else is measured here; OpenSSL's own choice is processor time. */
async function openssl(algorithm: Algorithm, signal: AbortSignal): Promise<number> {
  const how = ['speed', '-mr', '-elapsed', '-seconds', '1', '-bytes', '16384', '-evp', algorithm];
  return parseSpeed((await runProgram('openssl', how, signal)).stdout);
}

/** The last figure of `openssl speed -mr`: "+F:25:AES-256-GCM:4144787911.11", bytes a second. */
export function parseSpeed(output: string): number {
  const figures = [...output.matchAll(/^\+F:[^:]*:[^:]*(?::([\d.]+))+$/gm)];
  const bytes = Number(figures.at(-1)?.[1]);
  if (!(bytes > 0)) throw new Error('"openssl speed" printed no figure');
  return bytes;
}

async function nodeCrypto(algorithm: Algorithm, signal: AbortSignal): Promise<number> {
  const { amount, seconds } = await runJob({ task: 'primitive', on: { algorithm, bytes: 1 << 30 } }, signal);
  return amount / seconds;
}
