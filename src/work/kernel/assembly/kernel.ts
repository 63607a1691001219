/*
 * The proof-of-work kernel in AssemblyScript: SHA-256 (FIPS 180-4) of header_hash ‖ u64(proof), for four proofs at
 * once, one in each 32-bit lane of a vector. Names are the standard's. The message is one block of 16 words:
 *
 *   words 0–7  the header hash        word 8  high half of the proof       word 9  its low half
 *   word 10    0x80000000, padding    words 11–14  zero                    word 15 320, the message's length in bits
 *
 * Only word 9 differs among the proofs that are tried one after the other. What does not depend on it is computed once,
 * in `prepare`: rounds 0–8, and every word or summand of a word of the message schedule that is the same for all.
 */

/** First words of the square roots of the primes: the initial hash value. */
const INITIAL: usize = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);

/** First words of the cube roots of the primes: the constants K. */
const K: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);

/** Where the caller puts the header hash: 32 bytes. */
export const HEADER: usize = memory.data(32, 16);

const WORDS_PREPARED: u32 = 38;
/** Scalars: words 0–15, and of words 16–37 the part that is the same for all proofs. */
const SCHEDULE: usize = memory.data(WORDS_PREPARED * 4, 16);
/** Vectors of four equal lanes: the same words; K of each round, plus its word where that is known. */
const WORD: usize = memory.data(WORDS_PREPARED * 16, 16);
const ROUND: usize = memory.data(64 * 16, 16);
/** Vectors: a–h after round 8, then a and e after round 9 without word 9. */
const STATE: usize = memory.data(10 * 16, 16);
/** Vectors: which bits of the hash's first and second word must be zero. */
const ZEROS: usize = memory.data(2 * 16, 16);

/** Whether a word of the schedule is the same for all proofs. */
function isKnown(t: u32): bool {
  return t < 16 ? t != 9 : t == 17 || t == 19 || t == 21;
}

function putVector(base: usize, index: u32, value: u32): void {
  v128.store(base + (index << 4), i32x4.splat(value));
}

function wordAt(base: usize, index: u32): u32 {
  return load<u32>(base + (index << 2));
}

/**
 * Prepares to search proofs with this upper half for the header hash at `HEADER`.
 * @param difficulty leading zero bits, 0 to 64
 */
export function prepare(high: u32, difficulty: u32): void {
  for (let t: u32 = 0; t < 8; t++) store<u32>(SCHEDULE + (t << 2), bswap(wordAt(HEADER, t)));
  store<u32>(SCHEDULE + 32, high);
  store<u32>(SCHEDULE + 40, 0x80000000);
  store<u32>(SCHEDULE + 60, 320);
  prepareSchedule();
  prepareRounds();
  putVector(ZEROS, 0, difficulty >= 32 ? 0xffffffff : ~(0xffffffff >> difficulty));
  putVector(ZEROS, 1, difficulty <= 32 ? 0 : difficulty >= 64 ? 0xffffffff : ~(0xffffffff >> (difficulty - 32)));
}

/** W(t) = σ1(W(t−2)) + W(t−7) + σ0(W(t−15)) + W(t−16): the summands that are known. */
function prepareSchedule(): void {
  for (let t: u32 = 16; t < WORDS_PREPARED; t++) {
    let sum: u32 = 0;
    if (isKnown(t - 16)) sum += wordAt(SCHEDULE, t - 16);
    if (isKnown(t - 15)) {
      const x = wordAt(SCHEDULE, t - 15);
      sum += rotr(x, 7) ^ rotr(x, 18) ^ (x >> 3);
    }
    if (isKnown(t - 7)) sum += wordAt(SCHEDULE, t - 7);
    if (isKnown(t - 2)) {
      const x = wordAt(SCHEDULE, t - 2);
      sum += rotr(x, 17) ^ rotr(x, 19) ^ (x >> 10);
    }
    store<u32>(SCHEDULE + (t << 2), sum);
    putVector(WORD, t, sum);
  }
  for (let t: u32 = 0; t < 64; t++) putVector(ROUND, t, wordAt(K, t) + (isKnown(t) ? wordAt(SCHEDULE, t) : 0));
}

/** Rounds 0–8, and round 9 without its word, which is but added: a and e are what `prepare` gives plus word 9. */
function prepareRounds(): void {
  let a = wordAt(INITIAL, 0), b = wordAt(INITIAL, 1), c = wordAt(INITIAL, 2), d = wordAt(INITIAL, 3);
  let e = wordAt(INITIAL, 4), f = wordAt(INITIAL, 5), g = wordAt(INITIAL, 6), h = wordAt(INITIAL, 7);
  for (let t: u32 = 0; t < 10; t++) {
    if (t == 9) {
      putVector(STATE, 0, a);
      putVector(STATE, 1, b);
      putVector(STATE, 2, c);
      putVector(STATE, 4, e);
      putVector(STATE, 5, f);
      putVector(STATE, 6, g);
    }
    const word: u32 = t == 9 ? 0 : wordAt(SCHEDULE, t);
    const t1 = h + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + ((e & f) ^ (~e & g)) + wordAt(K, t) + word;
    const t2 = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g; g = f; f = e; e = d + t1;
    d = c; c = b; b = a; a = t1 + t2;
  }
  putVector(STATE, 8, a);
  putVector(STATE, 9, e);
}

@inline
function round(t: usize): v128 {
  return v128.load(ROUND + (t << 4));
}

@inline
function word(t: usize): v128 {
  return v128.load(WORD + (t << 4));
}

@inline
function state(i: usize): v128 {
  return v128.load(STATE + (i << 4));
}

@inline
function add(x: v128, y: v128): v128 {
  return i32x4.add(x, y);
}

@inline
function sum(x: v128, y: v128, z: v128): v128 {
  return i32x4.add(i32x4.add(x, y), z);
}

@inline
function right(x: v128, n: i32): v128 {
  return v128.or(i32x4.shr_u(x, n), i32x4.shl(x, 32 - n));
}

@inline
function Sigma0(x: v128): v128 {
  return v128.xor(v128.xor(right(x, 2), right(x, 13)), right(x, 22));
}

@inline
function Sigma1(x: v128): v128 {
  return v128.xor(v128.xor(right(x, 25), right(x, 11)), right(x, 6));
}

@inline
function sigma0(x: v128): v128 {
  return v128.xor(i32x4.shr_u(x, 3), right(v128.xor(x, right(x, 11)), 7));
}

@inline
function sigma1(x: v128): v128 {
  return v128.xor(v128.xor(right(x, 17), right(x, 19)), i32x4.shr_u(x, 10));
}

/** a ⊕ b is b ⊕ c of the next round: written like this, it is computed once. */
@inline
function maj(a: v128, b: v128, c: v128): v128 {
  return v128.xor(b, v128.and(v128.xor(a, b), v128.xor(b, c)));
}

@inline
function temp1(h: v128, e: v128, f: v128, g: v128, added: v128): v128 {
  return sum(add(added, h), Sigma1(e), v128.bitselect(f, g, e));
}

@inline
function extend(w16: v128, w15: v128, w7: v128, w2: v128): v128 {
  return add(add(w16, w7), add(sigma0(w15), sigma1(w2)));
}

/**
 * Looks at `count` proofs from the one whose lower half is `low`, four a step; the last step may look beyond.
 * @returns how far behind `low` the first lies that reaches the difficulty, or −1
 */
export function search(low: u32, count: u32): i32 {
  let t: v128;
  let w0: v128, w1: v128, w2: v128, w3: v128, w4: v128, w5: v128, w6: v128, w7: v128;
  let w8: v128, w9: v128, w10: v128, w11: v128, w12: v128, w13: v128, w14: v128, w15: v128;
  let proofs = add(i32x4.splat(low), i32x4(0, 1, 2, 3));
  for (let i: u32 = 0; i < count; i += 4) {
    w9 = proofs;
    let a = add(w9, state(8)), b = state(0), c = state(1), d = state(2);
    let e = add(w9, state(9)), f = state(4), g = state(5), h = state(6);
    // Each line is a round, the variables taking turns; the words lie in a window of 16.
    t = temp1(h, e, f, g, round(10)); d = add(d, t); h = sum(t, maj(a, b, c), Sigma0(a));
    t = temp1(g, d, e, f, round(11)); c = add(c, t); g = sum(t, maj(h, a, b), Sigma0(h));
    t = temp1(f, c, d, e, round(12)); b = add(b, t); f = sum(t, maj(g, h, a), Sigma0(g));
    t = temp1(e, b, c, d, round(13)); a = add(a, t); e = sum(t, maj(f, g, h), Sigma0(f));
    t = temp1(d, a, b, c, round(14)); h = add(h, t); d = sum(t, maj(e, f, g), Sigma0(e));
    t = temp1(c, h, a, b, round(15)); g = add(g, t); c = sum(t, maj(d, e, f), Sigma0(d));
    w0 = add(w9, word(16));
    t = temp1(b, g, h, a, add(w0, round(16))); f = add(f, t); b = sum(t, maj(c, d, e), Sigma0(c));
    t = temp1(a, f, g, h, round(17)); e = add(e, t); a = sum(t, maj(b, c, d), Sigma0(b));
    w2 = add(sigma1(w0), word(18));
    t = temp1(h, e, f, g, add(w2, round(18))); d = add(d, t); h = sum(t, maj(a, b, c), Sigma0(a));
    t = temp1(g, d, e, f, round(19)); c = add(c, t); g = sum(t, maj(h, a, b), Sigma0(h));
    w4 = add(sigma1(w2), word(20));
    t = temp1(f, c, d, e, add(w4, round(20))); b = add(b, t); f = sum(t, maj(g, h, a), Sigma0(g));
    t = temp1(e, b, c, d, round(21)); a = add(a, t); e = sum(t, maj(f, g, h), Sigma0(f));
    w6 = add(sigma1(w4), word(22));
    t = temp1(d, a, b, c, add(w6, round(22))); h = add(h, t); d = sum(t, maj(e, f, g), Sigma0(e));
    w7 = add(w0, word(23));
    t = temp1(c, h, a, b, add(w7, round(23))); g = add(g, t); c = sum(t, maj(d, e, f), Sigma0(d));
    w8 = sum(sigma0(w9), word(24), sigma1(w6));
    t = temp1(b, g, h, a, add(w8, round(24))); f = add(f, t); b = sum(t, maj(c, d, e), Sigma0(c));
    w9 = sum(add(w9, word(25)), w2, sigma1(w7));
    t = temp1(a, f, g, h, add(w9, round(25))); e = add(e, t); a = sum(t, maj(b, c, d), Sigma0(b));
    w10 = add(word(26), sigma1(w8));
    t = temp1(h, e, f, g, add(w10, round(26))); d = add(d, t); h = sum(t, maj(a, b, c), Sigma0(a));
    w11 = add(w4, sigma1(w9));
    t = temp1(g, d, e, f, add(w11, round(27))); c = add(c, t); g = sum(t, maj(h, a, b), Sigma0(h));
    w12 = add(word(28), sigma1(w10));
    t = temp1(f, c, d, e, add(w12, round(28))); b = add(b, t); f = sum(t, maj(g, h, a), Sigma0(g));
    w13 = add(w6, sigma1(w11));
    t = temp1(e, b, c, d, add(w13, round(29))); a = add(a, t); e = sum(t, maj(f, g, h), Sigma0(f));
    w14 = sum(w7, word(30), sigma1(w12));
    t = temp1(d, a, b, c, add(w14, round(30))); h = add(h, t); d = sum(t, maj(e, f, g), Sigma0(e));
    w15 = sum(add(word(31), sigma0(w0)), w8, sigma1(w13));
    t = temp1(c, h, a, b, add(w15, round(31))); g = add(g, t); c = sum(t, maj(d, e, f), Sigma0(d));
    w0 = sum(add(w0, word(32)), w9, sigma1(w14));
    t = temp1(b, g, h, a, add(w0, round(32))); f = add(f, t); b = sum(t, maj(c, d, e), Sigma0(c));
    w1 = sum(add(word(33), sigma0(w2)), w10, sigma1(w15));
    t = temp1(a, f, g, h, add(w1, round(33))); e = add(e, t); a = sum(t, maj(b, c, d), Sigma0(b));
    w2 = sum(add(w2, word(34)), w11, sigma1(w0));
    t = temp1(h, e, f, g, add(w2, round(34))); d = add(d, t); h = sum(t, maj(a, b, c), Sigma0(a));
    w3 = sum(add(word(35), sigma0(w4)), w12, sigma1(w1));
    t = temp1(g, d, e, f, add(w3, round(35))); c = add(c, t); g = sum(t, maj(h, a, b), Sigma0(h));
    w4 = sum(add(w4, word(36)), w13, sigma1(w2));
    t = temp1(f, c, d, e, add(w4, round(36))); b = add(b, t); f = sum(t, maj(g, h, a), Sigma0(g));
    w5 = sum(add(word(37), sigma0(w6)), w14, sigma1(w3));
    t = temp1(e, b, c, d, add(w5, round(37))); a = add(a, t); e = sum(t, maj(f, g, h), Sigma0(f));
    w6 = extend(w6, w7, w15, w4);
    t = temp1(d, a, b, c, add(w6, round(38))); h = add(h, t); d = sum(t, maj(e, f, g), Sigma0(e));
    w7 = extend(w7, w8, w0, w5);
    t = temp1(c, h, a, b, add(w7, round(39))); g = add(g, t); c = sum(t, maj(d, e, f), Sigma0(d));
    w8 = extend(w8, w9, w1, w6);
    t = temp1(b, g, h, a, add(w8, round(40))); f = add(f, t); b = sum(t, maj(c, d, e), Sigma0(c));
    w9 = extend(w9, w10, w2, w7);
    t = temp1(a, f, g, h, add(w9, round(41))); e = add(e, t); a = sum(t, maj(b, c, d), Sigma0(b));
    w10 = extend(w10, w11, w3, w8);
    t = temp1(h, e, f, g, add(w10, round(42))); d = add(d, t); h = sum(t, maj(a, b, c), Sigma0(a));
    w11 = extend(w11, w12, w4, w9);
    t = temp1(g, d, e, f, add(w11, round(43))); c = add(c, t); g = sum(t, maj(h, a, b), Sigma0(h));
    w12 = extend(w12, w13, w5, w10);
    t = temp1(f, c, d, e, add(w12, round(44))); b = add(b, t); f = sum(t, maj(g, h, a), Sigma0(g));
    w13 = extend(w13, w14, w6, w11);
    t = temp1(e, b, c, d, add(w13, round(45))); a = add(a, t); e = sum(t, maj(f, g, h), Sigma0(f));
    w14 = extend(w14, w15, w7, w12);
    t = temp1(d, a, b, c, add(w14, round(46))); h = add(h, t); d = sum(t, maj(e, f, g), Sigma0(e));
    w15 = extend(w15, w0, w8, w13);
    t = temp1(c, h, a, b, add(w15, round(47))); g = add(g, t); c = sum(t, maj(d, e, f), Sigma0(d));
    w0 = extend(w0, w1, w9, w14);
    t = temp1(b, g, h, a, add(w0, round(48))); f = add(f, t); b = sum(t, maj(c, d, e), Sigma0(c));
    w1 = extend(w1, w2, w10, w15);
    t = temp1(a, f, g, h, add(w1, round(49))); e = add(e, t); a = sum(t, maj(b, c, d), Sigma0(b));
    w2 = extend(w2, w3, w11, w0);
    t = temp1(h, e, f, g, add(w2, round(50))); d = add(d, t); h = sum(t, maj(a, b, c), Sigma0(a));
    w3 = extend(w3, w4, w12, w1);
    t = temp1(g, d, e, f, add(w3, round(51))); c = add(c, t); g = sum(t, maj(h, a, b), Sigma0(h));
    w4 = extend(w4, w5, w13, w2);
    t = temp1(f, c, d, e, add(w4, round(52))); b = add(b, t); f = sum(t, maj(g, h, a), Sigma0(g));
    w5 = extend(w5, w6, w14, w3);
    t = temp1(e, b, c, d, add(w5, round(53))); a = add(a, t); e = sum(t, maj(f, g, h), Sigma0(f));
    w6 = extend(w6, w7, w15, w4);
    t = temp1(d, a, b, c, add(w6, round(54))); h = add(h, t); d = sum(t, maj(e, f, g), Sigma0(e));
    w7 = extend(w7, w8, w0, w5);
    t = temp1(c, h, a, b, add(w7, round(55))); g = add(g, t); c = sum(t, maj(d, e, f), Sigma0(d));
    w8 = extend(w8, w9, w1, w6);
    t = temp1(b, g, h, a, add(w8, round(56))); f = add(f, t); b = sum(t, maj(c, d, e), Sigma0(c));
    w9 = extend(w9, w10, w2, w7);
    t = temp1(a, f, g, h, add(w9, round(57))); e = add(e, t); a = sum(t, maj(b, c, d), Sigma0(b));
    w10 = extend(w10, w11, w3, w8);
    t = temp1(h, e, f, g, add(w10, round(58))); d = add(d, t); h = sum(t, maj(a, b, c), Sigma0(a));
    w11 = extend(w11, w12, w4, w9);
    t = temp1(g, d, e, f, add(w11, round(59))); c = add(c, t); g = sum(t, maj(h, a, b), Sigma0(h));
    w12 = extend(w12, w13, w5, w10);
    t = temp1(f, c, d, e, add(w12, round(60))); b = add(b, t); f = sum(t, maj(g, h, a), Sigma0(g));
    w13 = extend(w13, w14, w6, w11);
    t = temp1(e, b, c, d, add(w13, round(61))); a = add(a, t); e = sum(t, maj(f, g, h), Sigma0(f));
    w14 = extend(w14, w15, w7, w12);
    t = temp1(d, a, b, c, add(w14, round(62))); h = add(h, t); d = sum(t, maj(e, f, g), Sigma0(e));
    w15 = extend(w15, w0, w8, w13);
    t = temp1(c, h, a, b, add(w15, round(63))); g = add(g, t); c = sum(t, maj(d, e, f), Sigma0(d));
    // After 54 rounds the state's first two words are in c and d.
    const first = v128.and(add(c, i32x4.splat(load<u32>(INITIAL))), v128.load(ZEROS));
    const second = v128.and(add(d, i32x4.splat(load<u32>(INITIAL + 4))), v128.load(ZEROS + 16));
    const hits = i32x4.eq(v128.or(first, second), i32x4.splat(0));
    if (v128.any_true(hits)) return i + ctz(i32x4.bitmask(hits));
    proofs = add(proofs, i32x4.splat(4));
  }
  return -1;
}
