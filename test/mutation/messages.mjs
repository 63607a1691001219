// Tests assert codes, not sentences, so what a person is told is not mutated: a text that stands right behind a code
// among a call's arguments, and what is called `message`.

import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

const CODE = /^[A-Z]+(_[A-Z]+)*$/;

/** Noted with the node that holds them, before the code beside them has become a mutant. */
const messages = new WeakSet();

function* messagesIn(node) {
  const parts = node.type === 'CallExpression' || node.type === 'NewExpression' ? node.arguments : [];
  for (const [at, part] of parts.entries()) {
    if (part.type === 'StringLiteral' && CODE.test(part.value) && at + 1 < parts.length) yield parts[at + 1];
  }
  if (node.type === 'ObjectProperty' && node.key.name === 'message') yield node.value;
  if (node.type === 'VariableDeclarator' && node.id.name === 'message' && node.init !== null) yield node.init;
}

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'messages', {
    shouldIgnore({ node }) {
      for (const message of messagesIn(node)) messages.add(message);
      return messages.has(node) ? 'a message for people' : undefined;
    },
  }),
];
