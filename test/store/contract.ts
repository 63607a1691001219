// What every store promises (src/store/store.ts).

import { expect, test } from 'vitest';
import type { ReadBlock, ReadOptions, Store, StoredBlock } from '../../src/store/store.js';
import { packTags, TAG_LENGTH, type Tag, type TaggedPlace, unpackTags } from '../../src/store/tags.js';
import { refusal } from '../helpers/dataset-fixture.js';

/** A block whose parts tell its number; its body is of the given length. */
export function blockOf(number: number, bodyLength = 40): StoredBlock {
  return {
    head: Buffer.from(`{"number":${number},"text":"ü"}`),
    nodes: Buffer.alloc(32 * (1 + (number % 3)), number),
    entries: Buffer.from([0, 255, number % 256, 0]),
    salts: Buffer.alloc(32, number),
    bodies: Buffer.alloc(bodyLength, number),
  };
}

export function blocksOf(from: number, to: number): StoredBlock[] {
  return Array.from({ length: to - from + 1 }, (_, i) => blockOf(from + i));
}

export async function readAll(store: Store, options: ReadOptions = {}): Promise<ReadBlock[]> {
  const blocks: ReadBlock[] = [];
  for await (const block of store.read(options)) blocks.push(block);
  return blocks;
}

function named(name: string, entry: number): Tag {
  return { tag: Buffer.from(name.padEnd(TAG_LENGTH, '\xff'), 'latin1'), entry };
}

/** What may stand in the place of the salts and bodies of `blockOf`. */
const ZEROS = { salts: Buffer.alloc(32), bodies: Buffer.alloc(40) };

/** In order of position and entry. */
async function placesOf(store: Store, name: string): Promise<string[]> {
  const places: TaggedPlace[] = [];
  for await (const place of store.places(named(name, 0).tag)) places.push(place);
  places.sort((a, b) => a.position - b.position || a.entry - b.entry);
  return places.map(({ position, entry }) => `${position}.${entry}`);
}

async function allTags(store: Store): Promise<string[]> {
  const all: string[] = [];
  for await (const { position, tags } of store.tags()) {
    for (const { tag, entry } of unpackTags(tags)) {
      all.push(`${position}.${entry} ${Buffer.from(tag).toString('latin1').replaceAll('\xff', '')}`);
    }
  }
  return all.sort();
}

function expectSame(actual: readonly ReadBlock[], from: number, expected: readonly StoredBlock[]): void {
  const plain = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString('latin1');
  const parts = ({ head, nodes, entries, salts, bodies }: Omit<ReadBlock, 'position'>) =>
    [head, nodes, entries, salts, bodies].map(plain);
  expect(actual.map(({ position }) => position)).toEqual(expected.map((_, i) => from + i));
  expect(actual.map(parts)).toEqual(expected.map(parts));
}

/** @param place makes an empty place, and opens it as often as it is asked */
export function storeContract(place: () => () => Store): void {
  test('a new store is empty', async () => {
    const store = place()();
    expect(await store.size()).toBe(0);
    expect(await readAll(store)).toEqual([]);
    await store.close();
  });

  test('what was appended is read back, by any handle', async () => {
    const open = place();
    const store = open();
    await store.lock();
    await store.append(0, blocksOf(1, 3));
    await store.append(3, blocksOf(4, 4));
    await store.append(4, []);
    const other = open();
    for (const handle of [store, other]) {
      expect(await handle.size()).toBe(4);
      expectSame(await readAll(handle, { bodies: true, nodes: true }), 1, blocksOf(1, 4));
    }
    await store.close();
    expectSame(await readAll(other, { bodies: true, nodes: true }), 1, blocksOf(1, 4));
    await other.close();
  });

  test('any bytes are kept, none at all too', async () => {
    const store = place()();
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    const none = new Uint8Array(0);
    const odd = [
      { head: all, nodes: all, entries: all, salts: all, bodies: all },
      { head: none, nodes: none, entries: none, salts: none, bodies: none },
    ];
    await store.lock();
    await store.append(0, odd);
    expectSame(await readAll(store, { bodies: true, nodes: true }), 1, odd);
    await store.close();
  });

  test.each<[ReadOptions, number[]]>([
    [{}, [1, 2, 3, 4, 5]],
    [{ from: 2, to: 4 }, [2, 3, 4]],
    [{ from: 4 }, [4, 5]],
    [{ to: 2 }, [1, 2]],
    [{ from: 5, to: 9 }, [5]],
    [{ from: 6 }, []],
    [{ from: 3, to: 2 }, []],
    [{ to: 0 }, []],
  ])('the range %j', async (range, expected) => {
    const store = place()();
    await store.lock();
    await store.append(0, blocksOf(1, 5));
    expect((await readAll(store, range)).map(({ position }) => position)).toEqual(expected);
    await store.close();
  });

  test('the nodes of one block are read by themselves', async () => {
    const store = place()();
    await store.lock();
    await store.append(0, blocksOf(1, 5));
    const plain = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString('hex');
    for (const [i, { nodes }] of blocksOf(1, 5).entries()) expect(plain(await store.nodes(i + 1))).toBe(plain(nodes));
    for (const position of [0, -1, 6, 2 ** 40]) expect(await store.nodes(position)).toBeNull();
    await store.close();
    expect((await refusal(store.nodes(1))).code).toBe('STORE_FAILED');
  });

  test('nodes, salts and bodies come only to those who ask', async () => {
    const store = place()();
    await store.lock();
    await store.append(0, blocksOf(1, 2));
    for (const options of [{}, { bodies: false }]) {
      for (const block of await readAll(store, options)) {
        expect(block).toMatchObject({ nodes: null, salts: null, bodies: null });
        expect(block.entries).not.toBeNull();
      }
    }
    await store.close();
  });

  test('more blocks, and larger ones, than are read at a time', async () => {
    const store = place()();
    await store.lock();
    await store.append(0, blocksOf(1, 1300));
    await store.append(1300, [blockOf(1301, 9_000_000), blockOf(1302, 20_000_000), blockOf(1303, 9_000_000)]);
    const blocks = await readAll(store, { bodies: true, nodes: true });
    expect(blocks.map(({ position }) => position)).toEqual(Array.from({ length: 1303 }, (_, i) => i + 1));
    expect(blocks.slice(-3).map(({ bodies }) => bodies?.length)).toEqual([9_000_000, 20_000_000, 9_000_000]);
    await store.close();
  });

  test('several can read from one handle at a time', async () => {
    const store = place()();
    await store.lock();
    await store.append(0, blocksOf(1, 1100));
    const [first, second] = [store.read()[Symbol.asyncIterator](), store.read({ from: 600 })[Symbol.asyncIterator]()];
    for (let i = 0; i < 501; i++) {
      expect((await first.next()).value).toMatchObject({ position: 1 + i });
      expect((await second.next()).value).toMatchObject({ position: 600 + i });
    }
    expect((await second.next()).done).toBe(true);
    await first.return?.();
    await store.close();
  });

  test('blocks go behind the newest only', async () => {
    const store = place()();
    await store.lock();
    await store.append(0, blocksOf(1, 2));
    for (const after of [0, 1, 3]) {
      expect((await refusal(store.append(after, blocksOf(9, 9)))).code).toBe('STORE_FAILED');
    }
    // The refusal has changed nothing, and the store is still the writer.
    await store.append(2, blocksOf(3, 3));
    expectSame(await readAll(store, { bodies: true, nodes: true }), 1, blocksOf(1, 3));
    await store.close();
  });

  test('without the lock nothing is appended', async () => {
    const store = place()();
    expect((await refusal(store.append(0, blocksOf(1, 1)))).code).toBe('LOCKED');
    expect(await store.size()).toBe(0);
    await store.close();
  });

  test('salts and bodies are replaced, and nothing else', async () => {
    const open = place();
    const store = open();
    await store.lock();
    await store.append(0, [blockOf(1), blockOf(2, 40_000), blockOf(3)]);
    const salts = Buffer.from('no salt'.padEnd(32));
    const [long, short] = [Buffer.alloc(40_000, 'nothing'), Buffer.alloc(40, 'no body')];
    await store.replace(
      [
        { position: 2, salts, bodies: long },
        { position: 3, salts, bodies: short },
      ],
      2,
    );
    await store.append(3, [blockOf(4)]);
    const other = open();
    const expected = [
      blockOf(1),
      { ...blockOf(2), salts, bodies: long },
      { ...blockOf(3), salts, bodies: short },
      blockOf(4),
    ];
    for (const handle of [store, other]) expectSame(await readAll(handle, { bodies: true, nodes: true }), 1, expected);
    await store.close();
    await other.close();
  });

  test('of several blocks all are replaced, or none', async () => {
    const store = place()();
    await store.lock();
    await store.append(0, blocksOf(1, 2));
    await store.replace([], 7);
    for (const other of [
      { position: 3, ...ZEROS },
      { position: 2, ...ZEROS, salts: Buffer.alloc(31) },
      { position: 2, ...ZEROS, bodies: Buffer.alloc(41) },
    ]) {
      expect((await refusal(store.replace([{ position: 1, ...ZEROS }, other], 8))).code).toBe('STORE_FAILED');
      expectSame(await readAll(store, { bodies: true, nodes: true }), 1, blocksOf(1, 2));
      expect(await store.destroyed()).toBe(7);
    }
    await store.close();
  });

  test('how many entries have been destroyed is kept with what is replaced', async () => {
    const open = place();
    const store = open();
    await store.lock();
    await store.append(0, blocksOf(1, 2));
    expect(await store.destroyed()).toBe(0);
    await store.replace([{ position: 1, ...ZEROS }], 3);
    await store.replace([], 5);
    const other = open();
    for (const handle of [store, other]) expect(await handle.destroyed()).toBe(5);
    await store.close();
    expect((await refusal(store.destroyed())).code).toBe('STORE_FAILED');
    await other.close();
  });

  test('without the lock nothing is replaced', async () => {
    const store = place()();
    const attempt = store.replace([{ position: 1, ...ZEROS }], 1);
    expect((await refusal(attempt)).code).toBe('LOCKED');
    await store.close();
  });

  test('tags lead to entries, however they came', async () => {
    const open = place();
    const store = open();
    await store.lock();
    await store.append(0, [
      { ...blockOf(1), tags: packTags([named('a', 7), named('b', 0), named('a', 65_534)]) },
      { ...blockOf(2), tags: packTags([]) },
      { ...blockOf(3), tags: packTags([named('a', 0)]) },
    ]);
    await store.append(3, [blockOf(4)]);
    const added = { position: 2, tags: packTags([named('a', 1), named('c', 2), named('a', 1)]) };
    await store.tag([added, { position: 4, tags: packTags([named('a', 300)]) }]);
    await store.tag([added]);
    await store.tag([]);
    await store.append(4, [{ ...blockOf(5), tags: packTags([named('c', 0)]) }]);
    const other = open();
    for (const handle of [store, other]) {
      expect(await placesOf(handle, 'a')).toEqual(['1.7', '1.65534', '2.1', '3.0', '4.300']);
      expect(await placesOf(handle, 'b')).toEqual(['1.0']);
      expect(await placesOf(handle, 'c')).toEqual(['2.2', '5.0']);
      expect(await placesOf(handle, 'd')).toEqual([]);
      expect(await allTags(handle)).toEqual(
        ['1.65534 a', '1.0 b', '1.7 a', '2.1 a', '2.2 c', '3.0 a', '4.300 a', '5.0 c'].sort(),
      );
      expectSame(await readAll(handle, { bodies: true, nodes: true }), 1, blocksOf(1, 5));
    }
    await store.close();
    await other.close();
  });

  test('more tags than are read at a time', async () => {
    const store = place()();
    await store.lock();
    const many = Array.from({ length: 9000 }, (_, entry) => named('many', entry));
    await store.append(0, [{ ...blockOf(1), tags: packTags(many) }]);
    expect(await placesOf(store, 'many')).toEqual(many.map(({ entry }) => `1.${entry}`));
    expect(await allTags(store)).toHaveLength(9000);
    await store.close();
  });

  test('as many tags as one entry has are taken away with it', async () => {
    const store = place()();
    await store.lock();
    const many = Array.from({ length: 150_000 }, (_, i): Tag => {
      const tag = Buffer.alloc(TAG_LENGTH);
      tag.writeUInt32BE(i, TAG_LENGTH - 4);
      return { tag, entry: 0 };
    });
    await store.append(0, [{ ...blockOf(1), tags: packTags([...many, named('a', 1)]) }]);
    await store.replace([{ position: 1, ...ZEROS, untagged: [0] }], 1);
    expect(await allTags(store)).toEqual(['1.1 a']);
    expect(await placesOf(store, 'a')).toEqual(['1.1']);
    await store.close();
  });

  test('tags are taken away with what is replaced', async () => {
    const store = place()();
    await store.lock();
    const tags = packTags([named('a', 0), named('a', 1), named('b', 1), named('b', 2)]);
    await store.append(0, [
      { ...blockOf(1), tags },
      { ...blockOf(2), tags },
    ]);
    await store.replace(
      [
        { position: 1, ...ZEROS, untagged: [1, 9] },
        { position: 2, ...ZEROS },
      ],
      1,
    );
    expect(await placesOf(store, 'a')).toEqual(['1.0', '2.0', '2.1']);
    expect(await placesOf(store, 'b')).toEqual(['1.2', '2.1', '2.2']);
    expect(await allTags(store)).toEqual(['1.0 a', '1.2 b', '2.0 a', '2.1 a', '2.1 b', '2.2 b']);
    const attempt = store.replace(
      [
        { position: 2, ...ZEROS, untagged: [0, 1, 2] },
        { position: 3, ...ZEROS },
      ],
      2,
    );
    expect((await refusal(attempt)).code).toBe('STORE_FAILED');
    expect(await placesOf(store, 'a')).toEqual(['1.0', '2.0', '2.1']);
    // They can come again: an index is made anew.
    await store.tag([{ position: 1, tags: packTags([named('a', 1), named('a', 0)]) }]);
    expect(await placesOf(store, 'a')).toEqual(['1.0', '1.1', '2.0', '2.1']);
    await store.close();
  });

  test('without the lock nothing is tagged, and a closed store leads nowhere', async () => {
    const store = place()();
    expect((await refusal(store.tag([]))).code).toBe('LOCKED');
    await store.close();
    expect((await refusal(placesOf(store, 'a'))).code).toBe('STORE_FAILED');
    expect((await refusal(allTags(store))).code).toBe('STORE_FAILED');
  });

  test('there is one writer, until it closes', async () => {
    const open = place();
    const [first, second] = [open(), open()];
    await first.lock();
    await first.lock();
    expect((await refusal(second.lock())).code).toBe('LOCKED');
    await first.append(0, blocksOf(1, 1));
    expect((await refusal(second.lock())).code).toBe('LOCKED');
    expect((await refusal(second.append(1, blocksOf(2, 2)))).code).toBe('LOCKED');
    await first.close();
    await first.close();
    await second.lock();
    await second.append(1, blocksOf(2, 2));
    expectSame(await readAll(second, { bodies: true, nodes: true }), 1, blocksOf(1, 2));
    await second.close();
  });

  test('closing a reader leaves the writer its lock', async () => {
    const open = place();
    const [first, second] = [open(), open()];
    await first.lock();
    await second.close();
    const third = open();
    expect((await refusal(third.lock())).code).toBe('LOCKED');
    await first.append(0, blocksOf(1, 1));
    await first.close();
    await third.close();
  });

  test('who reads while another appends sees one state', async () => {
    const open = place();
    const [first, second] = [open(), open()];
    await first.lock();
    await first.append(0, blocksOf(1, 600));
    const positions: number[] = [];
    for await (const { position, head } of second.read()) {
      expect(Buffer.from(head ?? [])).toEqual(blockOf(position).head);
      positions.push(position);
      if (position % 100 === 0) await first.append(await first.size(), [blockOf(600 + position / 100)]);
    }
    expect(positions).toEqual(Array.from({ length: 600 }, (_, i) => i + 1));
    expect(await second.size()).toBe(606);
    expect(await readAll(second)).toHaveLength(606);
    await first.close();
    await second.close();
  });

  test('a closed store is not used', async () => {
    const store = place()();
    await store.close();
    expect((await refusal(store.size())).code).toBe('STORE_FAILED');
    expect((await refusal(readAll(store))).code).toBe('STORE_FAILED');
    expect((await refusal(store.lock())).code).toBe('STORE_FAILED');
  });
}
