import { expect } from 'chai';
import { describe, it } from 'mocha';
import { openaiResponses } from '../../../../src/dialects/openai-responses/index.ts';
import { kept } from '../../../../src/dialects/openai-responses/kept.ts';
import { GatewayError } from '../../../../src/shared/errors.ts';
import { answerContext, arrivedAt } from '../../../helpers/codecs.ts';

function keptOf(fields: object) {
  const bytes = Buffer.from(JSON.stringify({ model: 'm', input: 'secret', ...fields }));
  return kept(arrivedAt(openaiResponses, bytes).parsed());
}

describe('what is kept of a request', () => {
  it('is what its answer repeats, and nothing of the input', () => {
    const fields = {
      instructions: 'i',
      temperature: 0,
      tools: [{ type: 'custom', name: 'f' }],
      store: false,
      top_p: null,
    };
    const { instructions, temperature, tools } = fields;
    expect(keptOf(fields)).to.deep.equal({ instructions, temperature, tools });
  });

  it('is the names of tools that an agent adds in its input, too, by which calls of them are known', () => {
    const tool = { type: 'custom', name: 'patch', description: 'd' };
    const namespace = { type: 'namespace', name: 'sea', tools: [tool] };
    const asked = keptOf({ input: [{ type: 'additional_tools', tools: [namespace] }], tools: [tool] });
    expect(asked.tools).to.deep.equal([tool]);
    const call = { type: 'call', callId: 'a', name: 'sea__patch', by: 'client' } as const;
    const blocks = [{ head: call, text: '{"input":"x"}', attached: [] }];
    const answer = { id: null, model: null, blocks, finish: null, usage: null };
    expect(openaiResponses.writeAnswer(answer, answerContext({ asked }))).to.deep.include({ tools: [tool] });
    const { output } = openaiResponses.writeAnswer(answer, answerContext({ asked })) as { output: unknown[] };
    expect(output[0]).to.deep.include({ type: 'custom_tool_call', namespace: 'sea', name: 'patch', input: 'x' });
  });

  it('has its long texts whole', () => {
    const instructions = 'long "text"\n'.repeat(2_000);
    expect(keptOf({ instructions })).to.deep.equal({ instructions });
  });

  it('has a limit: what is longer is not repeated, and of tools their names', () => {
    expect(keptOf({ instructions: 'x'.repeat(70_000) })).to.deep.equal({});
    const long = { name: 'f', description: 'x'.repeat(70_000) };
    const tools = [
      { type: 'function', ...long },
      { type: 'namespace', name: 'n', tools: [{ type: 'custom', ...long }] },
    ];
    expect(keptOf({ tools })).to.deep.equal({
      tools: [
        { type: 'function', name: 'f' },
        { type: 'namespace', name: 'n', tools: [{ type: 'custom', name: 'f' }] },
      ],
    });
  });

  it('has a limit in all, up to which the fields go', () => {
    const fields = ['instructions', 'metadata', 'prompt_cache_key', 'text', 'user'].map((name) => [
      name,
      'x'.repeat(60_000),
    ]);
    const tools = [{ type: 'custom', name: 'f' }];
    const kept = keptOf({ ...Object.fromEntries(fields), tools });
    expect(kept.tools).to.deep.equal(tools);
    expect(JSON.stringify(kept).length).to.be.within(180_000, 192 * 1024);
  });

  it('has the names of all tools, or the request is refused', () => {
    const tools = Array.from({ length: 2_000 }, (_, index) => ({ type: 'custom', name: `${'f'.repeat(60)}${index}` }));
    expect(() => keptOf({ tools }))
      .to.throw(GatewayError, 'names of at most 65536 bytes')
      .with.property('param', 'tools');
  });
});
