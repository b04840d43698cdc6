/** What a target of another API lacks, over sockets: a target that has it is asked instead, or the client hears its name. */
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { jsonHeaders, plainAnswer, planeFixture } from './plane-fixture.ts';

const message = JSON.stringify({
  ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'm', stop_reason: 'end_turn' },
  ...{ content: [{ type: 'text', text: 'hi' }], usage: { input_tokens: 3, output_tokens: 2 } },
});
const user = { role: 'user', content: 'hi' };
const odd = { model: 'gpt-4', max_tokens: 16, system: [{ type: 'odd' }], messages: [user] };

describe('a request that not every target can be asked', () => {
  const { provider, start, close } = planeFixture();
  afterEach(close);

  const asking = (url: string) => async (path: string, fields: object) => {
    const answer = await fetch(url + path, { method: 'POST', headers: jsonHeaders, body: JSON.stringify(fields) });
    return {
      status: answer.status,
      told: await answer.text(),
      dropped: answer.headers.get('x-headgate-dropped-params'),
    };
  };

  it('goes to one that can, and is refused by name where there is none', async () => {
    const seen: string[] = [];
    const at = (name: string, body: string) =>
      provider((_request, outgoing) => {
        seen.push(name);
        outgoing.writeHead(200, jsonHeaders).end(body);
      });
    const openai = await at('openai', plainAnswer);
    const both = asking((await start({ openai, anthropic: await at('anthropic', message) })).url);
    expect((await both('/v1/messages', odd)).status).to.equal(200);
    expect(seen).to.deep.equal(['anthropic']);
    const one = asking((await start({ openai })).url);
    const refused = await one('/v1/messages', odd);
    expect([refused.status, refused.told.includes('system[0] should be a text')]).to.deep.equal([400, true]);
    expect(seen).to.deep.equal(['anthropic']);
  });

  it('says what was left out of it', async () => {
    const openai = await provider((_request, outgoing) => outgoing.writeHead(200, jsonHeaders).end(plainAnswer));
    const ask = asking((await start({ openai })).url);
    const begun = { ...odd, system: 'x', messages: [user, { role: 'assistant', content: '{' }], unheard_of: {} };
    const { status, dropped } = await ask('/v1/messages', begun);
    expect([status, dropped?.split(/, ?/).sort()]).to.deep.equal([200, ['messages.prefill', 'unheard_of']]);
  });
});
