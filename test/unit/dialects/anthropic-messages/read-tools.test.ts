import { expect } from 'chai';
import { describe, it } from 'mocha';
import { readRequest } from '../../../../src/dialects/anthropic-messages/read-request.ts';
import type { HubRequest } from '../../../../src/dialects/hub.ts';

const request = { model: 'm', max_tokens: 16, messages: [{ role: 'user', content: 'hi' }] };
const read = (fields: object): HubRequest => readRequest({ ...request, ...fields });

describe('a request with tools', () => {
  it('has them and the choice among them', () => {
    const input_schema = { type: 'object', properties: {} };
    const tools = [
      { name: 'f', description: 'does f', input_schema, strict: true },
      { type: 'custom', name: 'g', input_schema, cache_control: { type: 'ephemeral' } },
    ];
    expect(read({ tools }).tools).to.deep.equal([
      { name: 'f', description: 'does f', schema: input_schema, isStrict: true, cache: null },
      { name: 'g', description: null, schema: input_schema, isStrict: false, cache: { ttl: null } },
    ]);
    const choice = (tool_choice: object) => {
      const { toolChoice, parallelCalls } = read({ tools, tool_choice });
      return { toolChoice, parallelCalls };
    };
    expect(choice({ type: 'auto' })).to.deep.equal({ toolChoice: { type: 'auto' }, parallelCalls: null });
    expect(choice({ type: 'any', disable_parallel_tool_use: true })).to.deep.equal({
      toolChoice: { type: 'required' },
      parallelCalls: false,
    });
    expect(choice({ type: 'tool', name: 'f', disable_parallel_tool_use: false })).to.deep.equal({
      toolChoice: { type: 'tool', name: 'f' },
      parallelCalls: true,
    });
    expect(choice({ type: 'none' }).toolChoice).to.deep.equal({ type: 'none' });
    expect(read({ tool_choice: { type: 'any' } }).toolChoice).to.equal(null);
  });
});
