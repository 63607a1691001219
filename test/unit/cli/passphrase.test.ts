import { expect, test } from 'vitest';
import { isYes } from '../../../src/cli/passphrase.js';

test.each(['yes', 'y', 'Y', 'YES', ' Yes ', 'y\n'])('%j is yes', (answer) => {
  expect(isYes(answer)).toBe(true);
});

test.each(['no', 'n', 'N', '', 'ye', 'yess', 'yes and no', 'ja'])('%j is no', (answer) => {
  expect(isYes(answer)).toBe(false);
});
