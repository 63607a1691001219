import { expect, test } from 'vitest';
import { parseSpeed } from '../../../src/bench/limits.js';

test.each([
  ['+H:16384\n+F:25:sha256:1788928000.00\n', 1_788_928_000],
  ['+DT:AES-256-GCM:1:16384\n+R:91072:AES-256-GCM:0.36\n+H:16384\n+F:25:AES-256-GCM:4144787911.11\n', 4_144_787_911.11],
])('what OpenSSL prints is bytes a second: %j', (output, expected) => {
  expect(parseSpeed(output)).toBe(expected);
});

test.each(['', '+H:16384\n', '+F:25:sha256:0.00\n', 'speed: Unknown option'])('%j is no figure', (output) => {
  expect(() => parseSpeed(output)).toThrow('no figure');
});
