import type { Task } from '../../src/threads/task.js';

export const square: Task<{ value: number; wait?: number }, number>;
export const where: Task<null, { isMainThread: boolean; threadId: number }>;
export const refuse: Task<number, never>;
export const fail: Task<null, never>;
export const fill: Task<Uint8Array, Uint8Array>;
export const exit: Task<null, never>;
export const never: Task<null, never>;
