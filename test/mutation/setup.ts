import { loadCurve } from '../../src/crypto/secp256k1.js';

// It is loaded once and kept. Otherwise only the first test that needs it would be taken to depend on it. Where it
// cannot be loaded, the tests say so.
await loadCurve().catch(() => undefined);
