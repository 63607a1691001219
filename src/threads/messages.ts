import { type ErrorCode, type ErrorPlace, MedsealError } from '../errors.js';

/** A task for a thread. */
export interface Order {
  readonly id: number;
  readonly module: string;
  readonly name: string;
  readonly input: unknown;
}

/** An error as it travels between threads: cloned, it would lose its class. */
export interface SentError {
  readonly code: ErrorCode | null;
  readonly message: string;
  readonly place: ErrorPlace;
}

/** What a thread says: once that it runs, and then of each order how it went. */
export type Answer =
  | { readonly id: null }
  | { readonly id: number; readonly output: unknown }
  | { readonly id: number; readonly error: SentError };

export function sendError(error: unknown): SentError {
  if (error instanceof MedsealError) return { code: error.code, message: error.message, place: error.place };
  return { code: null, message: error instanceof Error ? error.message : String(error), place: {} };
}

export function receiveError({ code, message, place }: SentError): Error {
  return code === null ? new Error(message) : new MedsealError(code, message, place);
}
