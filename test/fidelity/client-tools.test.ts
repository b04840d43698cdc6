/**
 * Tools as Codex offers them, custom ones with a text and those of a namespace, before targets that know functions only:
 * the official client gets each call as that of its own tool, whole and streamed.
 */
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import OpenAI from 'openai';
import type { Response, ResponseCreateParamsNonStreaming } from 'openai/resources/responses/responses';
import { streamReply, wholeReply } from '../../scripts/fidelity/cells.ts';
import { content } from '../../scripts/fidelity/contents.ts';
import type { Part } from '../../scripts/fidelity/meaning.ts';
import { type FidelityPlane, startFidelityPlane } from './fidelity-plane.ts';

const patch = '*** Begin Patch\n*** Add File: "ü" \\ 🌊\n+hi\n*** End Patch\n';
const tools: NonNullable<ResponseCreateParamsNonStreaming['tools']> = [
  { type: 'custom', name: 'apply_patch', format: { type: 'grammar', syntax: 'lark', definition: 'start: PATCH' } },
  {
    type: 'namespace',
    name: 'sea',
    description: 'At sea',
    tools: [{ type: 'function', name: 'wind', parameters: { type: 'object' } }],
  },
];

const called = (id: string, name: string, input: unknown): Part => ({
  type: 'call',
  call: { id, name, input: JSON.stringify(input) },
});
const answer = content('tools of Codex', [
  { type: 'text', text: 'Let me.' },
  called('call_1', 'apply_patch', { input: patch }),
  called('call_2', 'sea__wind', { at: 5 }),
  called('call_3', 'apply_patch', { patch }),
]);

/** The calls in a response, in the client's own words. */
function callsIn({ output }: Response): unknown[] {
  return output.flatMap((item) => {
    if (item.type === 'custom_tool_call') return [[item.type, item.call_id, item.name, item.input]];
    if (item.type === 'function_call') return [[item.type, item.call_id, item.namespace, item.name, item.arguments]];
    return [];
  });
}

describe('tools that only responses know', () => {
  let running: FidelityPlane;
  before(async () => {
    running = await startFidelityPlane();
  });
  after(() => running.close());

  for (const outbound of ['openai-chat', 'anthropic-messages'] as const) {
    for (const stream of [false, true]) {
      it(`are called by their own names, ${stream ? 'streamed' : 'whole'}, before ${outbound}`, async () => {
        const { provider, url } = running;
        const cell = provider.expect([(stream ? streamReply : wholeReply)(outbound, answer)]);
        const client = new OpenAI({ apiKey: 'key', baseURL: `${url}/v1`, maxRetries: 0 });
        const asked = { model: outbound, input: `Go. cell ${cell.number};`, tools };
        const response = stream
          ? await client.responses.stream(asked).finalResponse()
          : await client.responses.create(asked);
        expect(callsIn(response)).to.deep.equal([
          ['custom_tool_call', 'call_1', 'apply_patch', patch],
          ['function_call', 'call_2', 'sea', 'wind', '{"at":5}'],
          ['custom_tool_call', 'call_3', 'apply_patch', patch],
        ]);
        const body = JSON.stringify(cell.requests[0]);
        expect(body).to.include('"apply_patch"').and.include('"sea__wind"');
      });
    }
  }
});
