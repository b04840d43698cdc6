/**
 * The cases that Open Responses publishes for servers of its specification, written anew: a plain text, a stream, a system
 * message, a tool (whole and streamed), a picture, and a conversation of several turns. Each is asked over HTTP without
 * any library, before targets of each dialect, and each response and event is held against the published schema.
 */
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { streamReply, wholeReply } from '../../scripts/fidelity/cells.ts';
import { contents, PICTURE } from '../../scripts/fidelity/contents.ts';
import type { Outbound } from '../../scripts/fidelity/meaning.ts';
import { readChat } from '../../scripts/fidelity/providers/read-chat.ts';
import { readMessages } from '../../scripts/fidelity/providers/read-messages.ts';
import type { ReadRequest } from '../../scripts/fidelity/wanted.ts';
import { type FidelityPlane, startFidelityPlane } from './fidelity-plane.ts';
import { type CheckedEvent, type CheckedResponse, checkedEvent, responseSchema } from './response-schema.ts';

const message = (role: string, content: unknown) => ({ type: 'message', role, content });

const weather = {
  type: 'function',
  name: 'tide',
  description: 'The tide at a port',
  parameters: { type: 'object', properties: { port: { type: 'string' } }, required: ['port'] },
};

interface Case {
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** The kind of the provider's answer. */
  readonly answer: string;
  /** What the provider must have read, as far as the case is about it. */
  readonly read?: Partial<ReadRequest>;
}

const cases: readonly Case[] = [
  {
    name: 'a text',
    body: { input: [message('user', 'Greet me in three words. CELL')] },
    answer: 'text',
    read: { lines: ['user Greet me in three words. CELL'] },
  },
  {
    name: 'a system message',
    body: { input: [message('system', 'Speak like a sailor.'), message('user', 'Greet me. CELL')] },
    answer: 'text',
    read: { system: 'Speak like a sailor.', lines: ['user Greet me. CELL'] },
  },
  {
    name: 'a tool',
    body: { input: [message('user', 'How is the tide at Emden? CELL')], tools: [weather] },
    answer: 'one call',
    read: {
      tools: [{ name: 'tide', description: 'The tide at a port', schema: weather.parameters }],
    },
  },
  {
    name: 'a picture',
    body: {
      input: [
        message('user', [
          { type: 'input_text', text: 'What is this? CELL' },
          { type: 'input_image', image_url: PICTURE },
        ]),
      ],
    },
    answer: 'text',
    read: { lines: ['user What is this? CELL', `user image ${PICTURE}`] },
  },
  {
    name: 'several turns',
    body: {
      input: [
        message('user', 'I am Ada.'),
        message('assistant', 'Good morning, Ada.'),
        message('user', 'Who am I? CELL'),
      ],
    },
    answer: 'text',
    read: { lines: ['user I am Ada.', 'assistant Good morning, Ada.', 'user Who am I? CELL'] },
  },
  { name: 'thoughts before calls', body: { input: 'Think. CELL', tools: [weather] }, answer: 'thoughts, calls' },
  { name: 'a refusal', body: { input: 'Do harm. CELL' }, answer: 'refusal' },
  { name: 'a text cut by its limit', body: { input: 'Go on. CELL', max_output_tokens: 16 }, answer: 'cut by limit' },
];

const readers = { 'openai-chat': readChat, 'anthropic-messages': readMessages } as const;
const outbounds = ['openai-chat', 'anthropic-messages'] as const satisfies readonly Outbound[];

describe("the cases of Open Responses' specification", () => {
  let running: FidelityPlane;
  before(async () => {
    running = await startFidelityPlane();
  });
  after(() => running.close());

  async function ask({ body, answer, read = {} }: Case, outbound: (typeof outbounds)[number], stream: boolean) {
    const kind = contents.find(({ name }) => name === answer);
    if (kind === undefined) throw new Error(`there is no answer ${answer}`);
    const cell = running.provider.expect([(stream ? streamReply : wholeReply)(outbound, kind)]);
    const marked = (text: string) => text.replace('CELL', `cell ${cell.number};`);
    const response = await fetch(`${running.url}/v1/responses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: marked(JSON.stringify({ model: outbound, ...body, stream })),
    });
    const text = await response.text();
    expect(response.status, text).to.equal(200);
    expect(cell.requests).to.have.length(1);
    const { lines = [], ...rest } = readers[outbound](cell.requests[0]);
    const expected = read.lines === undefined ? {} : { lines: read.lines.map(marked) };
    expect({ ...rest, lines }).to.deep.include({ ...read, ...expected });
    return { text, kind };
  }

  /** What every response says of its kind of answer. */
  function checkSaid(response: CheckedResponse, { meant }: (typeof contents)[number]): void {
    const { output, status, usage } = response;
    const calls = output.flatMap((item) => (item.type === 'function_call' ? [[item.call_id, item.arguments]] : []));
    expect(calls).to.deep.equal(meant.calls.map(({ id, input }) => [id, input]));
    const parts = output.flatMap((item) => (item.type === 'message' ? item.content : []));
    const said = parts.map((part) => (part.type === 'refusal' ? part.refusal : part.text));
    expect(said.join('')).to.equal(meant.text + meant.refusal);
    if (meant.finish === 'length') expect(status).to.equal('incomplete');
    else if (meant.finish !== 'refused') expect(status).to.equal('completed');
    expect(usage?.total_tokens).to.equal(meant.usage.input + meant.usage.output);
  }

  for (const outbound of outbounds) {
    for (const each of cases) {
      it(`hold, whole, before ${outbound}: ${each.name}`, async () => {
        const { text, kind } = await ask(each, outbound, false);
        checkSaid(responseSchema.strict().parse(JSON.parse(text)), kind);
      });

      it(`hold, streamed, before ${outbound}: ${each.name}`, async () => {
        const { text, kind } = await ask(each, outbound, true);
        const events = eventsIn(text);
        const types = events.map(({ type }) => type);
        expect(types.slice(0, 2)).to.deep.equal(['response.created', 'response.in_progress']);
        expect(types.filter((type) => /^response\.(?:completed|incomplete|failed)$/.test(type))).to.have.length(1);
        const last = responseSchema.strict().parse(events.at(-1)?.response);
        expect(types.at(-1)).to.equal(`response.${last.status}`);
        expect(events.map(({ sequence_number: number }) => number)).to.deep.equal([...events.keys()]);
        expectGrammar(events, last);
        checkSaid(last, kind);
      });
    }
  }
});

/** Each by itself: its name, and the blank line behind it. */
function eventsIn(text: string): CheckedEvent[] {
  expect(text.endsWith('\n\n')).to.equal(true);
  return text
    .slice(0, -2)
    .split('\n\n')
    .map((block) => {
      const [name = '', data = '', ...rest] = block.split('\n');
      expect(rest).to.deep.equal([]);
      const event = checkedEvent(JSON.parse(data.slice('data: '.length)));
      expect(name).to.equal(`event: ${event.type}`);
      return event;
    });
}

/** Items and parts begin before their pieces and end after them, and what the last event says is what came before it. */
function expectGrammar(events: readonly CheckedEvent[], last: CheckedResponse): void {
  const open = new Map<unknown, string>();
  const done: unknown[] = [];
  for (const event of events) {
    const { type, output_index: at, item_id: id, delta } = event;
    const item = event.item as { readonly id: string } | undefined;
    if (type === 'response.output_item.added') {
      expect(at, 'items come in order').to.equal(done.length + open.size);
      open.set(at, item?.id ?? '');
    } else if (type === 'response.output_item.done') {
      expect(open.get(at), 'an item keeps its id').to.equal(item?.id);
      open.delete(at);
      done[Number(at)] = item;
    } else if (id !== undefined) {
      expect(open.get(at), `${type} stands within its item`).to.equal(id);
    }
    if (type.endsWith('.delta')) expect(delta, 'a piece says something').to.not.equal('');
  }
  expect(open.size).to.equal(0);
  expect(last.output).to.deep.equal(done);
}
