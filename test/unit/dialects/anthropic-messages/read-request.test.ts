import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { readRequest } from '../../../../src/dialects/anthropic-messages/read-request.ts';
import type { HubRequest } from '../../../../src/dialects/hub.ts';
import { noWishes } from '../../../../src/dialects/wishes.ts';
import { GatewayError } from '../../../../src/shared/errors.ts';
import { thrownBy } from '../../../helpers/thrown-by.ts';

const request = { model: 'm', max_tokens: 16, messages: [{ role: 'user', content: 'hi' }] };
const read = (fields: object): HubRequest => readRequest({ ...request, ...fields });

const refusal = (fields: object) => thrownBy(GatewayError, () => read(fields));

describe('a request for a message', () => {
  it('has the system prompt first, and system messages where they stand', () => {
    const { messages } = read({
      system: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
      messages: [
        { role: 'user', content: 'c' },
        { role: 'system', content: 'd' },
        { role: 'assistant', content: 'e' },
      ],
    });
    expect(messages.map(({ role, blocks }) => [role, ...blocks.map(({ text, at }) => `${at} ${text}`)])).to.deep.equal([
      ['system', 'system[0] a', 'system[1] b'],
      ['user', 'messages[0].content c'],
      ['system', 'messages[1].content d'],
      ['assistant', 'messages[2].content e'],
    ]);
    expect(read({ system: 'a' }).messages[0]).to.deep.equal({
      role: 'system',
      blocks: [{ head: { type: 'text' }, text: 'a', attached: [], at: 'system', cache: null }],
    });
    expect(read({ system: '' }).messages).to.have.length(1);
  });

  it('has its parameters', () => {
    expect(read({})).to.deep.include({
      tools: [],
      toolChoice: null,
      parallelCalls: null,
      maxTokens: 16,
      temperature: null,
      topP: null,
      stopSequences: [],
      stream: false,
      wishes: noWishes,
      extensions: [],
    });
    const fields = { temperature: 0.5, top_p: 0.9, stop_sequences: ['a', 'b'], stream: true };
    expect(read(fields)).to.deep.include({ temperature: 0.5, topP: 0.9, stopSequences: ['a', 'b'], stream: true });
  });
});

describe('what only this dialect knows of a request', () => {
  const found = (fields: object) => read(fields).extensions.map(({ name, refusal }) => [name, refusal !== null]);

  it('may be left out where the answer stays what it is', () => {
    const cache_control = { type: 'ephemeral' };
    const fields = {
      metadata: { user_id: 'u', other: 1 },
      speed: 'fast',
      context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] },
      output_config: { effort: 'low', task_budget: { total: 9 } },
      system: [{ type: 'text', text: 'x', cache_control }],
      tools: [{ name: 'f', input_schema: {}, defer_loading: true, cache_control }],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'x', cache_control }], clear_at: 'x' }],
    };
    expect(found(fields)).to.have.deep.members([
      ['metadata.other', false],
      ['speed', false],
      ['context_management', false],
      ['output_config.task_budget', false],
      ['tools.defer_loading', false],
      ['messages.clear_at', false],
    ]);
  });

  it('is refused where the answer would be another one', () => {
    const fields = {
      max_tokens: 0,
      container: 'c',
      mcp_servers: [{ type: 'url', name: 'x' }],
      inference_geo: 'eu',
      compaction: { type: 'summarize' },
      output_config: { format: { type: 'grammar' } },
      tools: [
        { type: 'web_search_20260318', name: 'web_search' },
        { name: 'f', input_schema: {} },
      ],
      tool_choice: { type: 'new' },
    };
    expect(found(fields)).to.have.deep.members([
      ['max_tokens', true],
      ['container', true],
      ['mcp_servers', true],
      ['inference_geo', true],
      ['compaction', true],
      ['output_config.format', true],
      ['tools[0]', true],
      ['tool_choice', true],
    ]);
    expect(read(fields)).to.deep.include({ maxTokens: null, toolChoice: null });
  });

  it('is a thread that begins, but not one that goes on from what is elsewhere', () => {
    expect(found({ thread: { type: 'create' } })).to.deep.equal([['thread', false]]);
    const goesOn = () => read({ thread: { type: 'continue', previous_message_id: 'msg_1' } });
    expect(thrownBy(GatewayError, goesOn)).to.include({ code: 'thread_not_found', status: 404 });
  });

  it('is nothing where a value only repeats the default', () => {
    const fields = {
      service_tier: 'auto',
      speed: 'standard',
      metadata: {},
      container: null,
      mcp_servers: [],
      output_config: { effort: null },
      cache_control: null,
      tools: [{ name: 'f', input_schema: {}, defer_loading: false, allowed_callers: ['direct'] }],
    };
    expect(found(fields)).to.deep.equal([]);
    expect(read(fields).wishes).to.deep.equal(noWishes);
  });
});

describe('what other dialects have under names of their own', () => {
  it('is read with its place', () => {
    const format = { type: 'json_schema', schema: { type: 'object' } };
    const { wishes, extensions } = read({
      output_config: { format, effort: 'ultra' },
      thinking: { type: 'adaptive', display: 'omitted' },
      top_k: 5,
      metadata: { user_id: 'u' },
      service_tier: 'standard_only',
      cache_control: { type: 'ephemeral', ttl: '1h' },
    });
    expect(extensions).to.deep.equal([]);
    const schema = { type: 'schema', schema: format.schema, name: null, description: null, isStrict: true };
    expect(wishes).to.deep.equal({
      format: { value: schema, at: 'output_config.format' },
      effort: { value: 'ultra', at: 'output_config.effort' },
      thinking: { value: { type: 'adaptive', display: 'omitted' }, at: 'thinking' },
      summary: null,
      topK: { value: 5, at: 'top_k' },
      user: { value: 'u', at: 'metadata.user_id' },
      verbosity: null,
      serviceTier: { value: 'default', at: 'service_tier' },
      cache: { value: { ttl: '1h' }, at: 'cache_control' },
    });
    expect(read({ output_format: format }).wishes.format).to.deep.equal({ value: schema, at: 'output_format' });
  });

  it('is an extension where it is of another form', () => {
    const odd = { thinking: 'x', top_k: 'x', metadata: 'x', output_config: 7, cache_control: 'x' };
    const { wishes, extensions } = read(odd);
    expect(wishes).to.deep.equal(noWishes);
    expect(extensions.map(({ name }) => name)).to.have.members(Object.keys(odd));
  });
});

describe('a wrong request for a message', () => {
  it('is refused with the place of the fault', () => {
    const source = (value: object) => ({ messages: [{ role: 'user', content: [{ type: 'image', source: value }] }] });
    const content = (...blocks: unknown[]) => ({ messages: [{ role: 'user', content: blocks }] });
    const at = 'messages[0].content[0]';
    const wrong: [object, string][] = [
      [{ messages: 'x' }, 'messages'],
      [{ messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].role'],
      [{ messages: [{ role: 'user' }] }, 'messages[0].content'],
      [content('x'), at],
      [content({ text: 'x' }), at],
      [content({ type: 'text' }), at],
      [content({ type: 'tool_use', name: 'f', input: {} }), `${at}.id`],
      [content({ type: 'tool_use', id: 'c', input: {} }), `${at}.name`],
      [content({ type: 'tool_use', id: 'c', name: 'f', input: '{}' }), `${at}.input`],
      [content({ type: 'tool_result', content: 'x' }), `${at}.tool_use_id`],
      [source({ type: 'url', url: 'file:///etc/passwd' }), `${at}.source.url`],
      [source({ type: 'base64', data: 'QUJD' }), `${at}.source.media_type`],
      [source({ type: 'file' }), `${at}.source.file_id`],
      [{ system: [{ type: 'image', source: { type: 'file', file_id: 'x' } }] }, 'system[0].source.file_id'],
      [{ max_tokens: -1 }, 'max_tokens'],
      [{ top_p: 'x' }, 'top_p'],
      [{ stop_sequences: 'x' }, 'stop_sequences'],
      [{ stop_sequences: [1] }, 'stop_sequences'],
      [{ tools: 'x' }, 'tools'],
      [{ tools: ['x'] }, 'tools[0]'],
      [{ tools: [{ input_schema: {} }] }, 'tools[0].name'],
      [{ tools: [{ name: 'f' }] }, 'tools[0].input_schema'],
    ];
    for (const [fields, param] of wrong) expect(refusal(fields)).to.include({ code: 'invalid_value', param });
  });

  it('is refused or read, whatever JSON it is', () => {
    const names = fc.constantFrom(
      ...['type', 'text', 'source', 'content', 'role', 'messages', 'system', 'tools', 'tool_choice', 'name', 'input'],
      ...['id', 'tool_use_id', 'thinking', 'signature', 'data', 'citations', 'max_tokens', 'output_config', 'caller'],
    );
    const words = fc.constantFrom(
      ...['text', 'image', 'document', 'tool_use', 'tool_result', 'thinking', 'base64', 'url', 'file', 'content'],
      ...['user', 'assistant', 'system', 'custom', 'any', 'tool', 'search_result', ''],
    );
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof(
        { maxDepth: 6, withCrossShrink: true },
        fc.oneof(words, fc.integer({ min: -1, max: 2 }), fc.constantFrom(null, true, false)),
        fc.array(tie('json'), { maxLength: 3 }),
        fc.dictionary(names, tie('json'), { maxKeys: 5 }),
      ),
    }));
    const message = fc.record({ role: fc.constantFrom('user', 'assistant', 'system'), content: json });
    const body = fc.record({ messages: fc.array(message), max_tokens: fc.nat(), rest: fc.dictionary(names, json) });
    fc.assert(
      fc.property(body, ({ rest, ...known }) => {
        try {
          readRequest({ ...rest, ...known });
        } catch (error) {
          expect(error).to.be.instanceOf(GatewayError).with.property('status', 400);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
