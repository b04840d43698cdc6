/** Reasoning in a history that another account has made: asked again without it, once, and what the client sees of that. */
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { jsonHeaders, planeFixture } from './plane-fixture.ts';

const refusal =
  '{"type":"error","error":{"type":"invalid_request_error","message":"messages.1.content.0: Invalid `signature` in `thinking` block"}}';
const otherRefusal = '{"type":"error","error":{"type":"invalid_request_error","message":"messages: too odd"}}';
const answer = JSON.stringify({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'c',
  content: [{ type: 'text', text: 'hi' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 1 },
});
const thinking = { type: 'thinking', thinking: 'hm', signature: 'of another' };
const history = [
  { role: 'user', content: 'Hello' },
  { role: 'assistant', content: [thinking, { type: 'text', text: 'Hi.' }] },
  { role: 'user', content: 'Go on' },
];

describe('reasoning that a target refuses to read', () => {
  const { provider, start, close } = planeFixture();
  afterEach(close);

  /** An Anthropic that refuses foreign signatures, as often as there are refusals; and the bodies that it got. */
  async function refusing(...refusals: string[]) {
    const bodies: string[] = [];
    const anthropic = await provider(async (incoming, outgoing) => {
      const body = await text(incoming);
      bodies.push(body);
      const [next] = body.includes('"signature"') || bodies.length > 1 ? refusals.splice(0, 1) : [];
      outgoing.writeHead(next === undefined ? 200 : 400, jsonHeaders).end(next ?? answer);
    });
    const unused = await provider((_incoming, outgoing) => outgoing.writeHead(500).end());
    const plane = await start({ openai: unused, anthropic });
    plane.view([{ provider: 'openai', model: null, state: 'open', remainingMs: 60_000 }]);
    const send = (messages: unknown = history) =>
      fetch(`${plane.url}/v1/messages`, {
        method: 'POST',
        headers: { ...jsonHeaders, 'session-id': 'one' },
        body: JSON.stringify({ model: 'gpt-4', max_tokens: 99, messages }),
      });
    return { ...plane, bodies, send };
  }

  it('is left out of the one request that follows, named to the client, and counted', async () => {
    const { send, bodies, count } = await refusing(refusal);
    const response = await send();
    expect([response.status, await response.text()]).to.deep.equal([200, answer]);
    expect(response.headers.get('x-headgate-dropped-params')).to.equal('reasoning');
    expect(response.headers.get('x-headgate-attempts')).to.equal('anthropic=200');
    expect(bodies).to.have.length(2);
    expect(JSON.parse(bodies[1] ?? '').messages[1].content).to.deep.equal([{ type: 'text', text: 'Hi.' }]);
    expect(count({ type: 'reasoning-dropped', provider: 'anthropic', reason: 'refused', blocks: 1 })).to.equal(1);
    expect(count({ type: 'session-moved', reason: 'circuit' })).to.equal(1);
    expect(count({ type: 'attempt-ended' })).to.equal(1);
    expect(count({ type: 'attempt-ended', outcome: 'success' })).to.equal(1);
  });

  it('is asked about once: a second refusal goes back as it is', async () => {
    const { send, bodies } = await refusing(refusal, otherRefusal);
    const response = await send();
    expect([response.status, await response.text()]).to.deep.equal([400, otherRefusal]);
    expect(bodies).to.have.length(2);
  });

  it('changes nothing where there is none of it, or the refusal is about something else', async () => {
    const other = await refusing(otherRefusal);
    expect(await (await other.send()).text()).to.equal(otherRefusal);
    expect(other.bodies).to.have.length(1);
    const none = await refusing(refusal);
    const response = await none.send([{ role: 'user', content: 'What is "signature"?', signature: 'x' }]);
    expect([response.status, await response.text()]).to.deep.equal([400, refusal]);
    expect(none.bodies).to.have.length(1);
    expect(response.headers.get('x-headgate-dropped-params')).to.equal(null);
  });

  it('is left out of a response with encrypted reasoning', async () => {
    const bodies: string[] = [];
    const error = { message: 'no', type: 'invalid_request_error', param: null, code: 'invalid_encrypted_content' };
    const openai = await provider(async (incoming, outgoing) => {
      const body = await text(incoming);
      bodies.push(body);
      const isRefused = body.includes('encrypted_content');
      const response = {
        id: 'resp_1',
        object: 'response',
        status: 'completed',
        output: [
          { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'hi', annotations: [] }] },
        ],
      };
      outgoing.writeHead(isRefused ? 400 : 200, jsonHeaders).end(JSON.stringify(isRefused ? { error } : response));
    });
    const { url } = await start({ openai, dialects: { openai: ['openai-responses'] } });
    const input = [
      { role: 'user', content: 'Hello' },
      { type: 'reasoning', summary: [], encrypted_content: 'of another' },
      { role: 'assistant', content: 'Hi.' },
    ];
    const body = JSON.stringify({ model: 'gpt-4', input });
    const response = await fetch(`${url}/v1/responses`, { method: 'POST', headers: jsonHeaders, body });
    expect(response.status).to.equal(200);
    expect(response.headers.get('x-headgate-dropped-params')).to.equal('reasoning');
    expect(JSON.parse(bodies[1] ?? '').input).to.deep.equal([input[0], input[2]]);
  });
});
