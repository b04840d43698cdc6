/** Reasoning of another account, taken out of requests in each dialect. */
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { leaveOutReasoning, reasoningScan } from '../../../src/dialects/leave-out-reasoning.ts';
import { dialectOf } from '../../../src/dialects/registry.ts';
import { inOneBuffer } from '../../../src/wire/pieced-bytes.ts';

const left = (dialect: string, body: string) => {
  const bytes = Buffer.from(body);
  const scan = reasoningScan();
  scan.push(bytes);
  scan.end();
  const lighter = leaveOutReasoning(dialectOf(dialect), bytes, scan);
  return lighter === null
    ? null
    : { text: inOneBuffer(lighter.body).toString(), dropped: lighter.dropped, blocks: lighter.blocks };
};

const refuses = (dialect: string, status: number, error: object) => {
  const { readError, ownReasoning } = dialectOf(dialect);
  return ownReasoning?.isRefusedBy(readError(status, Buffer.from(JSON.stringify({ error })))) === true;
};

const thought = '{"type":"thinking","thinking":"hm","signature":"abc"}';
const redacted = '{"type":"redacted_thinking","data":"abc"}';
const call = '{"type":"tool_use","id":"t","name":"n","input":{"id":9007199254740993}}';
const result = '{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"ok"}]}';

describe('the reasoning in a history of messages', () => {
  const without = (body: string) => left('anthropic-messages', body);
  const user = '{"role":"user","content":"Hello"}';

  it('is taken out; all else keeps its bytes, numbers too', () => {
    const head = '{ "model": "m", "seed" : 9007199254740993,';
    const turn = `{"role":"assistant","content":[${thought},${redacted},${call}]}`;
    const lighter = without(`${head} "messages": [${user}, ${turn}, ${result}], "x": 1e400 }`);
    expect(lighter?.text).to.equal(
      `${head} "messages": [${user},{"role":"assistant","content":[${call}]},${result}], "x": 1e400 }`,
    );
    expect([lighter?.dropped, lighter?.blocks]).to.deep.equal([['reasoning'], 2]);
  });

  it('leaves no turn empty behind', () => {
    const lighter = without(`{"messages":[${user},{"role":"assistant","content":[${thought}]},${user}]}`);
    expect(lighter?.text).to.equal(`{"messages":[${user},${user}]}`);
  });

  it('is not looked for in what users say, nor in what tools have answered', () => {
    expect(without(`{"messages":[{"role":"user","content":[${thought}]},${result}]}`)).to.equal(null);
    expect(without(`{"messages":[${user}],"thinking":{"type":"enabled","budget_tokens":1024}}`)).to.equal(null);
    expect(without('{"messages":"none"}')).to.equal(null);
    expect(without('{}')).to.equal(null);
  });

  it('ends thinking by a fixed budget where a call of a tool would have to begin with it', () => {
    const messages = (last: string) => `[${user},{"role":"assistant","content":[${thought},${call}]},${last}]`;
    const enabled = '"thinking":{"type":"enabled","budget_tokens":1024}';
    const within = without(`{${enabled},"messages":${messages(result)},"max_tokens":9}`);
    expect(within?.dropped).to.deep.equal(['reasoning', 'thinking']);
    expect(JSON.parse(within?.text ?? '')).to.have.all.keys('messages', 'max_tokens');
    expect(without(`{"messages":${messages(result)},${enabled}}`)?.text).not.to.include('budget');
    expect(without(`{"messages":${messages(user)},${enabled}}`)?.text).to.include('budget');
    expect(without(`{"messages":${messages(result)},"thinking":{"type":"adaptive"}}`)?.text).to.include('adaptive');
  });

  it('keeps long strings byte for byte', () => {
    const image = `${'x'.repeat(200)}\\u0041${'x'.repeat(200_000)}`;
    const before = `{"role":"user","content":[{"type":"image","source":{"data":"${image}"}}]}`;
    const lighter = without(
      `{"system":"${'s'.repeat(9_000)}","messages":[${before},{"role":"assistant","content":[${thought},${call}]}]}`,
    );
    expect(lighter?.text).to.equal(
      `{"system":"${'s'.repeat(9_000)}","messages":[${before},{"role":"assistant","content":[${call}]}]}`,
    );
  });

  it('is refused in the words of Anthropic and of brokers before it', () => {
    const says = (message: string, status = 400) =>
      refuses('anthropic-messages', status, { type: 'invalid_request_error', message });
    for (const message of [
      'messages.1.content.0: Invalid `signature` in `thinking` block',
      'messages.1.content.0: Invalid signature in thinking block',
      'messages.23.content.2: Invalid `data` in `redacted_thinking` block',
      '{"type":"error","error":{"message":"messages.1.content.0: Invalid `signature` in `thinking` block"}}',
      'messages.1.content.0: Invalid `signature` in `thinking` block. The block is bound to a different conversation.',
    ]) {
      expect(says(message), message).to.equal(true);
      expect(says(message, 500), message).to.equal(false);
    }
    expect(says('messages.1: Expected `thinking`, but found `text`')).to.equal(false);
    expect(says('invalid signature of the request')).to.equal(false);
  });
});

describe('the reasoning in the input of a response', () => {
  const without = (body: string) => left('openai-responses', body);
  const reasoning = '{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"abc"}';
  const message = '{"role":"user","content":"Hello"}';

  it('is taken out where it is encrypted or kept under an id, and a summary of the conversation stays', () => {
    const open = '{"type":"reasoning","summary":[{"type":"summary_text","text":"hm"}]}';
    const compaction = '{"type":"compaction","encrypted_content":"abc"}';
    const kept = '{"type":"reasoning","id":"rs_2","summary":[]}';
    const lighter = without(`{"input":[${message},${reasoning},${kept},${open},${compaction}],"stream":true}`);
    expect(lighter?.text).to.equal(`{"input":[${message},${open},${compaction}],"stream":true}`);
    expect(lighter?.blocks).to.equal(2);
    expect(without(`{"input":[${compaction}]}`)).to.equal(null);
    expect(without(`{"input":[${reasoning}]}`)).to.equal(null);
    expect(without('{"input":"Hello"}')).to.equal(null);
  });

  it('is refused by its code, or in words', () => {
    const words = 'The encrypted content gAAA...DQ== could not be verified.';
    const type = 'invalid_request_error';
    expect(refuses('openai-responses', 400, { message: 'no', type, code: 'invalid_encrypted_content' })).to.equal(true);
    expect(refuses('openai-responses', 400, { message: words, type })).to.equal(true);
    expect(refuses('openai-responses', 400, { message: 'The file could not be verified.', type })).to.equal(false);
    expect(refuses('openai-responses', 404, { message: words, type })).to.equal(false);
    const unknown = "Item with id 'rs_12_0' not found. Items are not persisted when `store` is set to false.";
    for (const status of [400, 404]) {
      expect(refuses('openai-responses', status, { message: unknown, type })).to.equal(true);
      expect(refuses('openai-responses', status, { message: unknown.replace('rs_', 'fc_'), type })).to.equal(false);
    }
  });
});

describe("the signatures of Gemini's calls in a chat", () => {
  const callWith = (signature: string) =>
    `{"id":"c","type":"function","function":{"name":"n","arguments":"{}"},"extra_content":{"google":{"thought_signature":"${signature}"}}}`;
  const turn = (signature: string) => `{"role":"assistant","tool_calls":[${callWith(signature)}]}`;

  it('give their place to the value that Google takes for none', () => {
    const lighter = left('openai-chat', `{"model":"m","messages":[${turn('abc')}]}`);
    expect(lighter?.text).to.equal(`{"model":"m","messages":[${turn('skip_thought_signature_validator')}]}`);
    expect(lighter?.blocks).to.equal(1);
    expect(left('openai-chat', lighter?.text ?? '')).to.equal(null);
    expect(left('openai-chat', '{"messages":[{"role":"assistant","tool_calls":[{"id":"c"}]}]}')).to.equal(null);
  });

  it('are counted, with the thoughts of each turn', () => {
    const thoughts = '{"role":"assistant","content":"x","reasoning_content":"hm"}';
    const both = turn('abc').replace('"role"', '"reasoning":"hm","role"');
    expect(left('openai-chat', `{"messages":[${thoughts},${both}]}`)?.blocks).to.equal(3);
  });

  it('are refused in words', () => {
    const says = (message: string) => refuses('openai-chat', 400, { code: 400, message, status: 'INVALID_ARGUMENT' });
    for (const message of [
      'Corrupted thought signature.',
      'Invalid thought signature.',
      'Unable to submit request because Thought signature is not valid..',
    ]) {
      expect(says(message), message).to.equal(true);
    }
    expect(says('Function call is missing a thought_signature in functionCall parts.')).to.equal(false);
  });
});

describe('any request', () => {
  it('may be scanned in pieces, and stays as it is with too many values outside of strings', () => {
    const whole = (more: string) =>
      Buffer.from(`{"messages":[{"role":"assistant","content":[${thought},${call}]}]${more}}`);
    const inPieces = (bytes: Buffer) => {
      const scan = reasoningScan();
      for (let from = 0; from < bytes.length; from += 7) scan.push(bytes.subarray(from, from + 7));
      scan.end();
      return leaveOutReasoning(dialectOf('anthropic-messages'), bytes, scan);
    };
    expect(inPieces(whole(''))?.dropped).to.deep.equal(['reasoning']);
    expect(inPieces(whole(`,"x":[${'1,'.repeat(300_000)}1]`))).to.equal(null);
  });

  it('stays JSON, and has no reasoning left to take out', () => {
    const anyBlock = fc.oneof(
      fc.constantFrom<unknown>(JSON.parse(thought), JSON.parse(redacted), { type: 'text', text: 'x' }),
      fc.jsonValue(),
    );
    const anyTurn = fc.record({
      role: fc.constantFrom('user', 'assistant'),
      content: fc.oneof(fc.string(), fc.array(anyBlock)),
    });
    const anyRequest = fc.record({
      messages: fc.array(fc.oneof(anyTurn, fc.jsonValue())),
      thinking: fc.constantFrom({ type: 'enabled' }, { type: 'adaptive' }),
      other: fc.jsonValue(),
    });
    fc.assert(
      fc.property(anyRequest, (request) => {
        const lighter = left('anthropic-messages', JSON.stringify(request));
        if (lighter === null) return;
        const { other } = JSON.parse(lighter.text);
        expect(JSON.stringify(other)).to.equal(JSON.stringify(request.other));
        expect(left('anthropic-messages', lighter.text)).to.equal(null);
      }),
    );
  });
});
