import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { anthropicMessages } from '../../../src/dialects/anthropic-messages/index.ts';
import { makeCodec } from '../../../src/dialects/codec.ts';
import type { Extension } from '../../../src/dialects/hub.ts';
import { openaiChat } from '../../../src/dialects/openai-chat/index.ts';
import type { HubInbound, HubOutbound, TargetDialect } from '../../../src/dialects/types.ts';
import { GatewayError } from '../../../src/shared/errors.ts';
import { JsonDigest } from '../../../src/wire/json-digest.ts';
import { answerContext, arrivedAt, codecOf } from '../../helpers/codecs.ts';

const target = { model: 'other', maxTokens: null };
const chat = (fields: object = {}) =>
  arrivedAt(
    openaiChat,
    Buffer.from(JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...fields })),
  );

describe('what stands between two dialects that are the same', () => {
  const codec = codecOf('openai-chat', 'openai-chat');

  it("passes a request on as it came, but for the model's name", () => {
    const request = chat({ seed: 7, unheard_of: { a: [1] } });
    const { body, droppedParams } = codec.request(request, target);
    expect(body.toString()).to.equal(request.bytes.toString().replace('"m"', '"other"'));
    expect(droppedParams).to.deep.equal([]);
    expect(codec.request(request, { ...target, model: 'm' }).body).to.equal(request.bytes);
  });

  it('passes an answer back as it came', () => {
    const bytes = Buffer.from('{ "choices": [ {"message":{"content":"hi"},"finish_reason":"stop"} ], "x": 1.00 }');
    expect(codec.answer(bytes, answerContext(), null).body).to.equal(bytes);
  });
});

describe('what stands between two dialects that differ', () => {
  it('is nothing where one of them lacks its half', () => {
    const { name, headers, readError } = anthropicMessages;
    const half: TargetDialect = { isPaidText: true, name, headers, readError };
    expect(makeCodec(openaiChat, half)).to.equal(null);
  });

  it('reads a large answer the same with the digest that was made while it came', () => {
    const codec = codecOf('openai-chat', 'anthropic-messages');
    const content = [{ type: 'text', text: 'é"\n'.repeat(60_000) }];
    const body = Buffer.from(JSON.stringify({ type: 'message', id: 'a', content, stop_reason: 'end_turn' }));
    const [made, arrived] = [null, JsonDigest.of(body)].map((digest) => codec.answer(body, answerContext(), digest));
    expect(made?.facts).to.deep.equal(arrived?.facts);
    expect(made?.body.equals(arrived?.body ?? Buffer.alloc(0))).to.equal(true);
    expect(JSON.parse(made?.body.toString() ?? '').choices[0].message.content).to.equal(content[0]?.text);
  });
});

describe('what a request has that the neutral form has not', () => {
  /** A target whose dialect writes its own extensions and nothing else. */
  const outbound: HubOutbound = {
    ...anthropicMessages,
    name: 'esperanto',
    writeRequest: ({ extensions }) => ({
      payload: { written: extensions.filter(({ of }) => of === 'esperanto').map(({ name }) => name) },
      dropped: ['left_out'],
    }),
  };

  /** The body that a target gets for these extensions, and what was dropped; or the parameter that was refused. */
  function sent(extensions: readonly Extension[]) {
    const inbound: HubInbound = {
      ...openaiChat,
      readRequest: (tree) => ({ ...openaiChat.readRequest(tree), extensions }),
    };
    try {
      const made = makeCodec(inbound, outbound)?.request(chat(), target);
      const { written }: { written: string[] } = JSON.parse(made?.body.toString() ?? '{}');
      return { written, dropped: made?.droppedParams ?? [], refused: null };
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      expect([error.status, error.code]).to.deep.equal([400, 'unsupported_parameter']);
      return { written: [], dropped: [], refused: error.param };
    }
  }

  const extension: fc.Arbitrary<Extension> = fc.record({
    of: fc.constantFrom('openai-chat', 'esperanto', 'volapük'),
    name: fc.stringMatching(/^[a-z_.]{1,8}$/),
    value: fc.jsonValue(),
    refusal: fc.option(fc.constant('is not supported'), { freq: 3 }),
  });

  it('is written by its own dialect, or else refused, or else named among what was dropped', () => {
    fc.assert(
      fc.property(fc.array(extension, { maxLength: 12 }), (extensions) => {
        const foreign = extensions.filter(({ of }) => of !== 'esperanto');
        const refused = foreign.find(({ refusal }) => refusal !== null);
        const result = sent(extensions);
        expect(result.refused).to.equal(refused?.name ?? null);
        if (refused !== undefined) return;
        const own = extensions.filter(({ of }) => of === 'esperanto');
        expect(result.written).to.deep.equal(own.map(({ name }) => name));
        expect(new Set(result.dropped)).to.deep.equal(new Set([...foreign.map(({ name }) => name), 'left_out']));
      }),
    );
  });

  it('is named once, and by a name that is safe in a header', () => {
    const named = (...names: readonly string[]) =>
      sent(names.map((name) => ({ of: 'openai-chat', name, value: 1, refusal: null }))).dropped;
    expect(named('a', 'a', 'left_out')).to.deep.equal(['a', 'left_out']);
    expect(named('a\r\nset-cookie: x', 'é', 'x'.repeat(65))).to.deep.equal(['other', 'left_out']);
    expect(named(...Array.from({ length: 100 }, (_, index) => `p${index}`)).length).to.equal(32);
  });
});
