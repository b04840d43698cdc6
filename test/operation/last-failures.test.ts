/**
 * The last failures of a whole gateway: whose fault, why and on which way, for each way in which a provider or a client can
 * fail; a flood of them; and that nobody's words and secrets are in what is shown.
 */
import net from 'node:net';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { fetch } from 'undici';
import { eventually } from '../../scripts/processes/eventually.ts';
import { freePort } from '../../scripts/processes/free-port.ts';
import { endGateways, type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import type { FaultInput } from '../../src/mock/faults.ts';
import { type RunningMock, startMock } from '../../src/mock/server.ts';
import type { Failure } from '../../src/primary/failures/failure.ts';
import type { FailuresAnswer } from '../../src/primary/failures/failure-book.ts';

/** Said in each prompt, each error of the provider and each odd part of a request. */
const PROMPT = 'xyzzy-what-the-user-said';
const CLIENT_KEY = 'sk-client-0123456789';
const PROVIDER_KEY = 'sk-provider-0123456789';

interface Row {
  readonly fault: FaultInput;
  readonly stream?: boolean;
  readonly shown: Pick<Failure, 'owner' | 'code' | 'cause' | 'status'>;
  /** Behind the provider's name. */
  readonly trail: RegExp;
}

const quoted = JSON.stringify({ error: { message: `no: ${PROMPT} ${PROVIDER_KEY}`, type: PROMPT, code: PROMPT } });
const status = (code: number) =>
  ({ kind: 'status', status: code, body: quoted, headers: { 'x-note': PROMPT } }) as const;

const rows: Readonly<Record<string, Row>> = {
  'a 500': {
    fault: status(500),
    shown: { owner: 'provider', code: 'provider_error', cause: null, status: 502 },
    trail: /^500\(\d+ms\)$/,
  },
  'a 400': {
    fault: status(400),
    shown: { owner: 'client', code: 'request_rejected', cause: null, status: 400 },
    trail: /^400\(\d+ms\)$/,
  },
  'a 401': {
    fault: status(401),
    shown: { owner: 'gateway', code: 'provider_auth', cause: null, status: 502 },
    trail: /^401\(\d+ms\)$/,
  },
  'a 429': {
    fault: { ...status(429), retryAfter: 30 },
    shown: { owner: 'provider', code: 'rate_limited', cause: null, status: 429 },
    trail: /^429\(\d+ms\)$/,
  },
  'a reset': {
    fault: { kind: 'reset' },
    shown: { owner: 'provider', code: 'provider_unreachable', cause: 'ECONNRESET', status: 502 },
    trail: /^connection\(\d+ms\)$/,
  },
  'no answer': {
    fault: { kind: 'hang' },
    stream: true,
    shown: { owner: 'provider', code: 'provider_timeout', cause: null, status: 504 },
    trail: /^timeout-headers\(\d+ms\)$/,
  },
  'a body that is no JSON': {
    fault: { kind: 'bad-json' },
    shown: { owner: 'provider', code: 'provider_error', cause: null, status: 502 },
    trail: /^unreadable\(\d+ms\)$/,
  },
  'a stream that breaks off': {
    fault: { kind: 'cut', afterChunks: 2 },
    stream: true,
    shown: { owner: 'provider', code: 'provider_stream_cut', cause: 'UND_ERR_SOCKET', status: 200 },
    trail: /^cut\(\d+ms\)$/,
  },
  'an error in a stream': {
    fault: { kind: 'error-in-stream', afterChunks: 2 },
    stream: true,
    shown: { owner: 'provider', code: 'provider_error', cause: null, status: 200 },
    trail: /^error-event-500\(\d+ms\)$/,
  },
};
const names = Object.keys(rows);

/** The name of the row's model, and of its provider: what fails for one harms no other. */
const nameOf = (row: string) => row.replaceAll(' ', '-');

describe('the last failures', () => {
  let mock: RunningMock;
  let gateway: RunningGateway;

  beforeEach(async () => {
    mock = await startMock({ dialect: 'openai', port: 0 });
    const provider = { type: 'openai', base_url: `http://127.0.0.1:${mock.port}/v1`, api_key: PROVIDER_KEY };
    const targetOf = (name: string) => ({ provider: name, model: name });
    gateway = await startGateway({
      version: 1,
      server: { port: 0, keys: [CLIENT_KEY], max_body: '64kb' },
      admin: { port: 0 },
      workers: 2,
      retry: { attempts: 1 },
      timeouts: { headers: '300ms', total: '1s' },
      providers: {
        ...Object.fromEntries(names.map((name) => [nameOf(name), provider])),
        closed: { ...provider, base_url: `http://127.0.0.1:${await freePort()}/v1` },
        any: provider,
      },
      models: {
        ...Object.fromEntries(names.map((name) => [nameOf(name), { targets: [targetOf(nameOf(name))] }])),
        closed: { targets: [targetOf('closed'), targetOf(nameOf('a 500'))] },
        'any/*': { targets: [{ provider: 'any', model: '*' }] },
      },
    });
    for (const name of names) mock.control.setFault({ ...rows[name]?.fault, model: nameOf(name) } as FaultInput);
  });

  afterEach(async () => {
    await endGateways();
    await mock.close();
  });

  /** Asks with the prompt; the id of the request is in the answer to the test alone. */
  async function ask(body: object, headers: Record<string, string> = {}): Promise<{ id: string; status: number }> {
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${CLIENT_KEY}`, ...headers },
      body: JSON.stringify({ messages: [{ role: 'user', content: PROMPT }], ...body }),
    });
    // A stream that breaks off ends with an error.
    await answer.text().catch(() => '');
    return { id: answer.headers.get('x-request-id') ?? '', status: answer.status };
  }

  async function read(query = ''): Promise<FailuresAnswer> {
    const answer = await fetch(`${gateway.adminUrl}/api/errors${query}`);
    expect(answer.status).to.equal(200);
    return (await answer.json()) as FailuresAnswer;
  }

  const failureOf = (id: string) =>
    eventually(`the failure ${id}`, async () => (await read()).failures.find((failure) => failure.id === id) ?? false);

  it('say of each whose fault it is, why, and on which way it came', async () => {
    for (const name of names) {
      const { shown, trail, stream = false } = rows[name] as Row;
      const model = nameOf(name);
      const { id, status: got } = await ask({ model, stream });
      const failure = await failureOf(id);
      const { owner, code, cause } = failure;
      expect({ owner, code, cause, status: failure.status }, name).to.deep.equal(shown);
      expect(got, name).to.equal(shown.status);
      expect(failure, name).to.include({ model, provider: model, upstreamModel: model, stream, key: null });
      expect(failure.trail.slice(0, model.length + 1)).to.equal(`${model}=`);
      expect(failure.trail.slice(model.length + 1), name).to.match(trail);
      expect(failure.cure).to.match(/\.$/);
      expect(Math.abs(Date.parse(failure.at) - Date.now())).to.be.below(10_000);
    }
    const { id } = await ask({ model: 'closed' });
    const { trail, provider, cause, code } = await failureOf(id);
    expect(trail).to.match(/^closed=connection\(\d+ms\), a-500=500\(\d+ms\)$/);
    expect({ provider, cause, code }).to.deep.equal({ provider: 'a-500', cause: null, code: 'provider_error' });
    const found = await read('?owner=gateway&limit=5');
    expect(found.failures.map((failure) => failure.code)).to.deep.equal(['provider_auth']);
    expect((await read('?provider=a-500')).failures).to.have.length(2);
  });

  it('hold no word of a prompt, of a provider or of a key, whatever fails and wherever they stand', async () => {
    const live = await fetch(`${gateway.adminUrl}/api/events`);
    mock.control.setFault({ ...status(500), headers: { 'x-request-id': PROVIDER_KEY } });
    for (const name of names) {
      await ask({ model: nameOf(name), stream: true });
      await ask({ model: nameOf(name), stream: false, [PROMPT]: PROMPT, user: PROMPT });
    }
    await ask({ model: `any/${PROMPT}` }, { 'x-request-id': `from-${CLIENT_KEY}` });
    await ask({ model: PROMPT });
    await ask({ model: 'closed', messages: PROMPT });
    await ask({ model: 'closed', max_tokens: PROMPT });
    await ask({ model: 'closed' }, { authorization: `Bearer ${PROMPT}` });
    await ask({ model: 'closed' }, { 'content-type': PROMPT });
    await ask({ model: 'closed' }, { 'content-encoding': PROMPT });
    await ask({ model: 'closed', filler: PROMPT.repeat(10_000) });
    for (const [method, path, body] of [
      ['POST', '/v1/chat/completions', `{"${PROMPT}`],
      ['PATCH', '/v1/chat/completions', PROMPT],
      ['POST', `/v1/embeddings?${PROMPT}`, `{"model":"${PROMPT}","input":"${PROMPT}"}`],
      ['POST', '/v1/messages', `{"model":"closed","messages":"${PROMPT}"}`],
      ['POST', '/v1/responses', `{"model":"closed","input":"${PROMPT}","previous_response_id":"${PROMPT}"}`],
      ['GET', `/v1/responses/${PROMPT}`, ''],
      ['GET', `/v1/files/${PROMPT}`, ''],
    ] as const) {
      const headers = { authorization: `Bearer ${CLIENT_KEY}`, 'content-type': 'application/json' };
      const answer = await fetch(`${gateway.url}${path}`, { method, headers, body: body === '' ? null : body });
      await answer.text();
    }
    await send(gateway.port, `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\n${PROMPT} : x\r\n\r\n`);
    await send(gateway.port, `GET / HTTP/1.1\r\nhost: a\r\nx: ${PROMPT.repeat(1_000)}\r\n\r\n`);
    const { failures } = await eventually('all are there', async () => {
      const answer = await read();
      return answer.failures.length + answer.withheld >= 2 * names.length + 15 && answer;
    });
    const codes = new Set(failures.map(({ code }) => code));
    expect(codes.size, [...codes].join(' ')).to.be.at.least(14);
    const star = failures.find(({ model }) => model === 'any/*');
    expect(star).to.include({ upstreamModel: '*', code: 'provider_error' });
    expect(star?.id).to.match(/^from-/);
    const events = await textWith(live, 'event: failure');
    for (const text of [JSON.stringify(failures), events]) {
      for (const word of [PROMPT, CLIENT_KEY, PROVIDER_KEY]) expect(text).not.to.include(word);
    }
  });

  it('keep the cause beside all that was not sent to a broken provider, and put both down to it', async () => {
    const model = nameOf('a 500');
    const cause = await failureOf((await ask({ model })).id);
    expect(cause).to.include({ code: 'provider_error', provider: model });
    const { failures } = await eventually('the list is full of what followed', async () => {
      await Promise.all(Array.from({ length: 8 }, () => ask({ model })));
      const answer = await read();
      return answer.failures.length === 200 && answer;
    });
    const followed = failures.filter(({ code }) => code === 'circuit_open');
    expect(followed).to.have.length.of.at.least(100);
    for (const failure of followed) {
      expect(failure).to.deep.include({ provider: 'unknown', providers: [model], trail: '' });
      expect(failure.leftOut).to.match(/^a-500=circuit-(open|probed)\(\d+s\)$/);
    }
    expect(failures.map(({ id }) => id)).to.include(cause.id);
    expect((await read(`?provider=${model}`)).failures).to.have.length(200);
    expect((await read(`?provider=${model}&code=provider_error`)).failures.at(-1)).to.deep.equal(cause);
  });

  it('are 200 after the flood of one client, the others are counted, and what else failed stays', async () => {
    const flood = 5_000;
    const others = [(await ask({ model: nameOf('a 400') })).id];
    await failureOf(others[0] as string);
    const lane = async () => {
      for (let request = 0; request < flood / 50; request += 1) {
        expect((await ask({ model: 'nobody' })).status).to.equal(404);
      }
    };
    const lanes = Promise.all(Array.from({ length: 50 }, lane));
    others.push((await ask({ model: nameOf('a 500') })).id);
    await lanes;
    const series = 'llm_request_errors_total{owner="client",code="model_not_found",model="other"}';
    expect(await gateway.metric(series)).to.equal(flood);
    await eventually('the list is full', async () => {
      await ask({ model: 'nobody' });
      return (await read()).failures.length === 200;
    });
    // Of those that are asked for now, some are withheld too.
    const later = new Set<string>();
    const { failures, withheld } = await eventually('one that comes later is the newest', async () => {
      later.add((await ask({ model: 'nobody' })).id);
      const answer = await read();
      return later.has(answer.failures[0]?.id ?? '') && answer;
    });
    expect(failures).to.have.length(200);
    expect(withheld).to.be.at.least(1_000);
    expect(failures[0]).to.include({ code: 'model_not_found', owner: 'client', trail: '' });
    expect(failures.map(({ id }) => id)).to.include.members(others);
  });
});

/** Sends bytes and waits for the end of the connection. */
function send(port: number, text: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(text));
    socket.resume();
    socket.on('error', () => undefined).once('close', () => resolve());
  });
}

/** What a streamed answer holds so far, up to the first piece after which `word` is in it. */
async function textWith(answer: Awaited<ReturnType<typeof fetch>>, word: string): Promise<string> {
  let text = '';
  for await (const chunk of answer.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (text.includes(word)) return text;
  }
  return text;
}
