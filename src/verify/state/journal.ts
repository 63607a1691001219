/** What one block has changed so far, so that a block that turns out to be bad leaves nothing behind. */
export class Journal {
  readonly #undo: (() => void)[] = [];

  /** Notes how to take back what is being changed. */
  note(undo: () => void): void {
    this.#undo.push(undo);
  }

  set<K, V>(map: Map<K, V>, key: K, value: V): void {
    const before = map.get(key);
    if (before === undefined) this.note(() => map.delete(key));
    else this.note(() => map.set(key, before));
    map.set(key, value);
  }

  delete<K, V>(map: Map<K, V>, key: K): void {
    const before = map.get(key);
    if (before === undefined) return;
    this.note(() => map.set(key, before));
    map.delete(key);
  }

  add<T>(set: Set<T>, value: T): void {
    if (set.has(value)) return;
    this.note(() => set.delete(value));
    set.add(value);
  }

  remove<T>(set: Set<T>, value: T): void {
    if (set.delete(value)) this.note(() => set.add(value));
  }

  assign<T extends object, K extends keyof T>(object: T, member: K, value: T[K]): void {
    const before = object[member];
    this.note(() => {
      object[member] = before;
    });
    object[member] = value;
  }

  push<T>(list: T[], item: T): void {
    this.note(() => list.pop());
    list.push(item);
  }

  rollback(): void {
    for (const undo of this.#undo.splice(0).reverse()) undo();
  }
}
