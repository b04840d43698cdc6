/** What a provider reads of a request is what the official library of the client's dialect was asked to send. */
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { pairs } from '../../scripts/fidelity/pairs.ts';
import { asks, tryAsk } from '../../scripts/fidelity/requests.ts';
import { type FidelityPlane, startFidelityPlane } from './fidelity-plane.ts';

/** What is not all there, and how the client learns of it. */
const exceptions: Readonly<Record<string, 'named' | 'refused'>> = {
  'stop sequences: openai-chat before openai-responses': 'refused',
  'stop sequences: anthropic-messages before openai-responses': 'refused',
  'thoughts in the history: openai-chat before openai-responses': 'named',
  'thoughts in the history: anthropic-messages before openai-responses': 'named',
  'stop sequences: openai-chat before anthropic-messages': 'named',
  'thoughts in the history: openai-chat before anthropic-messages': 'named',
  'thoughts in the history: anthropic-messages before openai-chat': 'named',
  'thoughts in the history: openai-responses before openai-chat': 'named',
  'thoughts in the history: openai-responses before anthropic-messages': 'named',
  'stop sequences: openai-chat before bedrock-converse': 'named',
  'stop sequences: anthropic-messages before bedrock-converse': 'named',
  'no tool: openai-chat before bedrock-converse': 'named',
  'no tool: anthropic-messages before bedrock-converse': 'named',
  'no tool: openai-responses before bedrock-converse': 'named',
  'thoughts in the history: openai-chat before bedrock-converse': 'named',
  'thoughts in the history: openai-responses before bedrock-converse': 'named',
};

describe('what a provider reads of a request', () => {
  let running: FidelityPlane;
  before(async () => {
    running = await startFidelityPlane();
  });
  after(() => running.close());

  for (const pair of pairs) {
    for (const ask of asks) {
      if (ask.notIn?.includes(pair.face)) continue;
      const name = `${ask.name}: ${pair.face} before ${pair.outbound}`;
      const expected = exceptions[name] ?? 'same';
      it(`is ${expected === 'same' ? 'what was asked' : `not all, and that is ${expected}`}: ${name}`, async () => {
        const { outcome, fault } = await tryAsk(pair, ask, running.provider, running.url);
        expect(`${outcome} ${outcome === expected ? '' : fault}`).to.equal(`${expected} `);
      });
    }
  }
});
