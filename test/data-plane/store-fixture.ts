/**
 * What the tests of stored answers share: providers that speak the Responses API and keep what they answer, each with ids
 * of its own, and models that are at one of them, at the other, or at both.
 */
import type http from 'node:http';
import OpenAI from 'openai';
import { accountOf } from '../../src/config/account.ts';
import type { Config, ProviderConfig, TargetConfig } from '../../src/shared/config.ts';
import { type TestConfigOptions, testConfig, testKey, testModel } from '../helpers/test-config.ts';
import { jsonHeaders } from './plane-fixture.ts';

/** A request as a provider got it. */
export interface AskedOfStore {
  readonly method: string;
  readonly url: string;
  readonly key: string;
  readonly type: string;
  readonly body: string;
}

/** A provider that keeps its answers. */
export interface ResponseStore {
  readonly listener: http.RequestListener;
  readonly asked: AskedOfStore[];
  /** By id; each answer is numbered: `resp_one1`, `resp_one2`. */
  readonly kept: Map<string, object>;
  /** Set to answer everything with this status. */
  status: number | null;
  /** Set to break streams off behind their first content. */
  cuts: boolean;
}

/** How a whole response is written: with spaces, as providers do. */
export function responseText(id: string, previous: string | null = null): string {
  return JSON.stringify({ ...responseAt(id), previous_response_id: previous }, null, 1);
}

function responseAt(id: string) {
  return {
    ...{ id, object: 'response', created_at: 1, status: 'completed', model: 'real-model', error: null },
    output: [
      {
        type: 'message',
        id: `msg_${id}`,
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'hi', annotations: [] }],
      },
    ],
    usage: {
      input_tokens: 3,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 2,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 5,
    },
  };
}

/** The events of a response's stream, as they leave the provider. */
export function eventsOf(id: string): string[] {
  const whole = responseAt(id);
  const begun = { ...whole, status: 'in_progress', output: [], usage: null };
  const [item] = whole.output;
  const place = { item_id: `msg_${id}`, output_index: 0, content_index: 0 };
  const payloads = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    { type: 'response.output_item.added', output_index: 0, item: { ...item, status: 'in_progress', content: [] } },
    { type: 'response.content_part.added', ...place, part: { type: 'output_text', text: '', annotations: [] } },
    { type: 'response.output_text.delta', ...place, delta: 'response', logprobs: [] },
    { type: 'response.output_text.done', ...place, text: 'response', logprobs: [] },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: whole },
  ];
  return payloads.map(
    ({ type, ...fields }, sequence_number) =>
      `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number, ...fields })}\n\n`,
  );
}

const notFound = (what: string) => ({
  error: { message: `${what} not found.`, type: 'invalid_request_error', param: null, code: null },
});

/** What is asked about an input. */
const asides: Readonly<Record<string, object>> = {
  input_tokens: { object: 'response.input_tokens', input_tokens: 7 },
  compact: { id: 'cmp_1', object: 'response.compaction', created_at: 1, output: [], usage: responseAt('').usage },
};

function say(outgoing: http.ServerResponse, value: object | string | undefined, status = 200): void {
  outgoing.writeHead(status, jsonHeaders).end(typeof value === 'string' ? value : JSON.stringify(value));
}

/** @param name of which its ids are made */
export function responseStore(name: string): ResponseStore {
  const kept = new Map<string, object>();
  const store: ResponseStore = { asked: [], kept, status: null, cuts: false, listener };
  return store;

  function listener(incoming: http.IncomingMessage, outgoing: http.ServerResponse): void {
    let body = '';
    incoming.on('data', (piece: Buffer) => {
      body += piece.toString();
    });
    incoming.on('end', () => {
      const { method = '', url = '', headers } = incoming;
      const type = headers['content-type'] ?? '';
      store.asked.push({ method, url, key: headers.authorization ?? '', type, body });
      if (store.status !== null) {
        outgoing.writeHead(store.status, jsonHeaders).end(JSON.stringify(notFound('Anything')));
        return;
      }
      answer(method, new URL(url, 'http://provider'), body, outgoing);
    });
  }

  function answer(method: string, { pathname, searchParams }: URL, body: string, outgoing: http.ServerResponse): void {
    const path = pathname.replace('/v1/responses', '');
    const [, id = '', more = ''] = path.split('/');
    if (path === '') create(JSON.parse(body), outgoing);
    else if (id in asides) say(outgoing, asides[id]);
    else if (!kept.has(id)) say(outgoing, notFound(`Response with id '${id}'`), 404);
    else if (method === 'DELETE') {
      kept.delete(id);
      say(outgoing, { id, object: 'response', deleted: true });
    } else if (more === 'input_items') {
      say(outgoing, { object: 'list', data: [{ type: 'message', id: 'msg_in' }], has_more: false });
    } else if (searchParams.get('stream') === 'true') stream(id, outgoing);
    else say(outgoing, { ...responseAt(id), ...(more === 'cancel' ? { status: 'cancelled' } : {}) });
  }

  function create(request: { stream?: boolean; previous_response_id?: string }, outgoing: http.ServerResponse): void {
    const previous = request.previous_response_id ?? null;
    const id = `resp_${name}${kept.size + 1}`;
    if (previous !== null && !kept.has(previous)) {
      say(outgoing, notFound(`Previous response with id '${previous}'`), 400);
      return;
    }
    kept.set(id, request);
    if (request.stream === true) stream(id, outgoing);
    else say(outgoing, responseText(id, previous));
  }

  function stream(id: string, outgoing: http.ServerResponse): void {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    const events = eventsOf(id);
    if (store.cuts) {
      outgoing.write(events.slice(0, 5).join(''));
      setImmediate(() => outgoing.destroy());
    } else outgoing.end(events.join(''));
  }
}

/** What a test wants to be different. */
interface StoreConfig extends Omit<TestConfigOptions, 'openai' | 'anthropic'> {
  /** Ports of the providers `one` and `two`. */
  readonly ports: readonly [one: number, two?: number];
  /** Their keys. */
  readonly key?: string;
  /** Of a provider of messages, which is the last target of the model `mixed`. */
  readonly anthropic?: number;
}

/** The models `at-one`, `at-two`, `both` (one, then two) and `mixed` (one, then messages), called `real-model` there. */
export function storeConfig({ ports, key = 'key', anthropic = 1, ...options }: StoreConfig): Config {
  const base = testConfig({ ...options, openai: 1, anthropic });
  const [first, messages] = base.models['gpt-4']?.targets ?? [];
  const { openai } = base.providers;
  if (first === undefined || messages === undefined || openai === undefined)
    throw new Error('the fixture lacks its parts');
  const provider = (name: string, port = 1): ProviderConfig => {
    const baseUrl = `http://127.0.0.1:${port}/v1`;
    const account = accountOf('openai', baseUrl, [key]);
    return {
      ...openai,
      name,
      baseUrl,
      keys: [testKey(key, { account })],
      account,
      dialects: ['openai-chat', 'openai-responses'],
    };
  };
  const [one, two] = ['one', 'two'].map((name): TargetConfig => ({ ...first, provider: name, model: 'real-model' }));
  if (one === undefined || two === undefined) throw new Error('the fixture lacks its targets');
  const model = (name: string, ...targets: TargetConfig[]) => [name, testModel(name, targets)] as const;
  const isPair = ports[1] !== undefined;
  return {
    ...base,
    providers: {
      one: provider('one', ports[0]),
      ...(isPair ? { two: provider('two', ports[1]) } : {}),
      anthropic: anthropicOf(base),
    },
    models: Object.fromEntries([
      model('at-one', one),
      ...(isPair ? [model('at-two', two), model('both', one, two)] : []),
      model('mixed', one, messages),
      model('messages', messages),
    ]),
  };
}

function anthropicOf({ providers: { anthropic } }: Config): ProviderConfig {
  if (anthropic === undefined) throw new Error('the fixture lacks its provider');
  return anthropic;
}

/** OpenAI's own client, which asks once. */
export function clientOf(url: string): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any', maxRetries: 0 });
}

/** The error that a call throws. */
export async function refusalOf(call: Promise<unknown>): Promise<{ status?: number; code?: string | null }> {
  return call.then(
    () => ({}),
    (error: { status?: number; code?: string | null }) => error,
  );
}
