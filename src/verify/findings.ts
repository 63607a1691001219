import type { ProblemCode } from '../errors.js';
import type { Notice, Problem } from './verdict.js';

/** So that hostile input cannot fill the memory with complaints; what is beyond is counted. */
const MAX_PROBLEMS = 100_000;

/** What a verifier has found so far. */
export class Findings {
  readonly #problems: Problem[] = [];
  readonly #notices: Notice[] = [];
  #omitted = 0;

  /** In the order in which they were found. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  get notices(): readonly Notice[] {
    return this.#notices;
  }

  /** How many more problems there are than are kept. */
  get omitted(): number {
    return this.#omitted;
  }

  problem(block: number, entry: number | null, code: ProblemCode, message: string): void {
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push({ block, entry, code, message });
    else this.#omitted++;
  }

  notice(block: number | null, code: Notice['code'], message: string): void {
    // One of a kind is enough: it says from which block on.
    if (!this.#notices.some((notice) => notice.code === code)) this.#notices.push({ block, code, message });
  }

  /** Lets the problems from this one on concern no block behind `last`. */
  boundBlocks(first: number, last: number): void {
    for (let i = first; i < this.#problems.length; i++) {
      const problem = this.#problems[i];
      if (problem !== undefined && problem.block > last) this.#problems[i] = { ...problem, block: last };
    }
  }

  /** In the order of the blocks that they are about. */
  sorted(): Problem[] {
    return [...this.#problems].sort((a, b) => a.block - b.block || (a.entry ?? -1) - (b.entry ?? -1));
  }
}
