import { describe } from 'vitest';
import { memoryMedium, memoryStore } from '../../src/store/memory.js';
import { storeContract } from './contract.js';

describe('a store in memory', () => {
  storeContract(() => {
    const medium = memoryMedium();
    return () => memoryStore(medium);
  });
});
