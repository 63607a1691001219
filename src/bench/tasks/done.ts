/** What was done and how long it took, without what came before (loading, a key's opening) and after. */
export interface Done {
  readonly amount: number;
  readonly seconds: number;
}

/** Does the work and times it. */
export async function timed(amount: number, work: () => Promise<unknown>): Promise<Done> {
  const start = performance.now();
  await work();
  return { amount, seconds: (performance.now() - start) / 1000 };
}

/** A figure for something that did not come out right would be worth nothing. @throws {Error} */
export function expectRight(right: boolean, what: string): void {
  if (!right) throw new Error(what);
}
