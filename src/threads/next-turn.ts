/**
 * Lets the event loop go round once: what other threads have sent meanwhile is heard, and memory is given back that native
 * code has lent.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
