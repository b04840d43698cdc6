/** For any JSON, a codec either works or throws an error of its documented class; it throws nothing else. */
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { clientDialectOf } from '../../../src/dialects/registry.ts';
import { UnreadableAnswerError } from '../../../src/dialects/upstream-error.ts';
import { GatewayError } from '../../../src/shared/errors.ts';
import { answerContext, arrivedAt, codecOf } from '../../helpers/codecs.ts';
import { dataOf } from './events.ts';

const context = answerContext({ model: 'm', includeUsage: true });

/** Names with a meaning in some payload, so that odd values get into fields that are read. */
const words = fc.constantFrom(
  ...['type', 'index', 'delta', 'text', 'thinking', 'message', 'content', 'content_block', 'partial_json', 'usage'],
  ...['stop_reason', 'choices', 'finish_reason', 'tool_calls', 'function', 'id', 'name', 'arguments', 'error', 'code'],
  ...['output', 'call_id', 'namespace', 'summary', 'encrypted_content', 'response', 'item', 'include', 'reasoning'],
  ...['x_groq', 'role', 'tool_call_id', 'image_url', 'url', 'tools', 'tool_choice', 'stop', 'n', 'messages', 'input'],
);
const values = fc.constantFrom(
  ...['message_start', 'content_block_start', 'content_block_delta', 'content_block_stop', 'message_delta', 'text'],
  ...['tool_use', 'text_delta', 'input_json_delta', 'thinking', 'error', 'stop', 'user', 'assistant', 'tool', 'system'],
  ...['function', 'image_url', 'data:image/png;base64,AA==', '{}', 'reasoning', 'custom', 'namespace', 'input_text'],
  ...['function_call', 'custom_tool_call', 'function_call_output', 'response.completed', 'response.output_item.done'],
);
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.oneof(values, fc.integer({ min: -1, max: 3 }), fc.constantFrom(null, true, false, '')),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(words, tie('json'), { maxKeys: 6 }),
  ),
}));
const record = fc.dictionary(words, json, { maxKeys: 8 });
/** With what a message must have to get as far as the codec. */
const message = fc
  .tuple(record, fc.constantFrom('user', 'assistant', 'tool', 'system', 'developer', 'robot'))
  .map(([fields, role]) => ({ ...fields, role }));

/** Runs `act`; it may throw only errors of this class. */
function promised(expected: new (...parameters: never[]) => Error, act: () => void): void {
  try {
    act();
  } catch (error) {
    expect(error).to.be.instanceOf(expected);
  }
}

const pairs: readonly (readonly [string, string])[] = [
  ['openai-chat', 'openai-chat'],
  ['openai-chat', 'anthropic-messages'],
  ['openai-responses', 'openai-responses'],
  ['openai-responses', 'openai-chat'],
  ['openai-responses', 'anthropic-messages'],
];

for (const [client, name] of pairs) {
  const inbound = clientDialectOf(client);
  const codec = codecOf(client, name);

  describe(`what stands between ${client} and ${name}, given any JSON`, () => {
    it('reads streams or throws UnreadableAnswerError', () => {
      fc.assert(
        fc.property(fc.array(record, { maxLength: 6 }), (payloads) => {
          const stream = codec.stream(context);
          promised(UnreadableAnswerError, () => {
            if (name === 'anthropic-messages') stream.push(dataOf({ type: 'message_start', message: {} }));
            for (const payload of payloads) {
              const step = stream.push(dataOf(payload));
              expect(step.kind === 'error').to.equal(step.error !== undefined);
            }
          });
          expect(stream.end().complete).to.be.a('boolean');
        }),
        { numRuns: 1_000 },
      );
    });

    it('reads answers or throws UnreadableAnswerError', () => {
      fc.assert(
        fc.property(record, json, (payload, part) => {
          for (const answer of [
            payload,
            { ...payload, choices: [part] },
            { ...payload, content: [part] },
            { ...payload, output: [part] },
          ]) {
            promised(UnreadableAnswerError, () => codec.answer(Buffer.from(JSON.stringify(answer)), context, null));
          }
        }),
        { numRuns: 1_000 },
      );
    });

    it('makes requests or refuses them with a 400', () => {
      const requests = fc.record({ messages: fc.array(message, { minLength: 1, maxLength: 4 }), more: record });
      fc.assert(
        fc.property(requests, ({ messages, more }) => {
          const list = client === 'openai-chat' ? { messages } : { input: messages };
          const body = { ...more, model: 'm', ...list };
          const bytes = Buffer.from(JSON.stringify(body));
          promised(GatewayError, () => {
            const request = codec.request(arrivedAt(inbound, bytes), { model: 'other', maxTokens: null });
            expect(JSON.parse(request.body.toString()).model).to.equal('other');
          });
        }),
        { numRuns: 1_000 },
      );
    });
  });
}
