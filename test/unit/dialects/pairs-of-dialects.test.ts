/**
 * For each client's dialect before each target's: of any conversation, all that was said and asked for reaches the target, or
 * is named among what was left out, and nothing else is named.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { HubRequest, RequestBlock } from '../../../src/dialects/hub.ts';
import type { HubInbound } from '../../../src/dialects/types.ts';
import { asRecord, type JsonRecord } from '../../../src/shared/json.ts';
import { inOneBuffer } from '../../../src/wire/pieced-bytes.ts';
import { arrivedAt, codecOf } from '../../helpers/codecs.ts';
import { type Conversation, conversations, ofChat, ofMessages, ofResponses } from './client-requests.ts';
import { type Said, saidInConverse } from './said.ts';

/** As the target reads it. */
function saidIn(request: HubRequest): Said {
  const all = request.messages.flatMap(({ blocks }) => blocks);
  const inner = all.flatMap(({ head }) => (head.type === 'result' ? head.content : []));
  const textOf = (blocks: readonly RequestBlock[]) =>
    blocks.map(({ head, text }) => (head.type === 'text' ? text : '')).join('');
  const { effort, format, user, topK, thinking } = request.wishes;
  return {
    texts: textOf(all).replaceAll('\n', ''),
    results: all.flatMap(({ head }) => (head.type === 'result' ? [`${head.callId} ${textOf(head.content)}`] : [])),
    calls: all.flatMap(({ head, text }) => (head.type === 'call' ? [`${head.callId} ${head.name} ${text}`] : [])),
    media: [...all, ...inner]
      .flatMap(({ head, text }) => (head.type === 'media' ? [`${head.kind} ${text}`] : []))
      .sort(),
    thoughts: all.flatMap(({ head, text, attached }) =>
      head.type === 'reasoning' ? [`${text} ${attached[0]?.data}`] : [],
    ),
    marks: all.filter(({ cache }) => cache !== null).length,
    isStrict: request.tools[0]?.isStrict === true,
    stops: request.stopSequences,
    temperature: request.temperature,
    wishes: {
      effort: effort?.value ?? null,
      schema: format?.value.type === 'schema' ? format.value.schema : null,
      user: user?.value ?? null,
      topK: topK?.value ?? null,
      thinking: thinking?.value ?? null,
    },
  };
}

/** As the client meant it. @param hasStops whether its dialect has stop sequences */
function meant(made: Conversation, hasStops: boolean): Said {
  const { exchanges, system, question, isStrict, stops, temperature } = made;
  const calls = exchanges.flatMap((each) => each.calls);
  const media = [
    ...exchanges.flatMap(({ image, pdf }) => [
      image === null ? '' : `image ${image}`,
      pdf === null ? '' : `file ${pdf}`,
    ]),
    ...calls.map(({ image }) => (image === null ? '' : `image ${image}`)),
  ];
  return {
    texts: [system ?? '', ...exchanges.flatMap(({ asked, answered }) => [asked, answered]), question].join(''),
    results: calls.map(({ id, result }) => `${id} ${result}`),
    calls: calls.map(({ id, input }) => `${id} f ${JSON.stringify(input)}`),
    media: media.filter((each) => each !== '').sort(),
    thoughts: exchanges.flatMap(({ thought }) => (thought === null ? [] : [`${thought.text} ${thought.signature}`])),
    marks: exchanges.filter(({ isMarked }) => isMarked).length,
    isStrict,
    stops: hasStops ? stops : [],
    temperature,
    wishes: {
      effort: made.effort,
      schema: made.schema,
      user: made.user,
      topK: made.topK,
      thinking: made.isThinking ? { type: 'enabled', budget_tokens: 2_000 } : null,
    },
  };
}

interface Client {
  readonly dialect: 'openai-chat' | 'anthropic-messages' | 'openai-responses';
  readonly write: (made: Conversation) => object;
  /** Under which names it knows what a target may not take. */
  readonly effort: string;
  readonly user: string;
}

const clients: readonly Client[] = [
  { dialect: 'openai-chat', write: ofChat, effort: 'reasoning_effort', user: 'user' },
  { dialect: 'anthropic-messages', write: ofMessages, effort: 'output_config.effort', user: 'metadata.user_id' },
  { dialect: 'openai-responses', write: ofResponses, effort: 'reasoning.effort', user: 'user' },
];

const targets = [
  { dialect: 'openai-chat', models: ['gpt-5', 'gpt-4o', 'mistral-large'] },
  { dialect: 'openai-responses', models: ['gpt-5', 'gpt-4o', 'other'] },
  { dialect: 'anthropic-messages', models: ['claude-opus-5-5', 'claude-opus-4-6', 'claude-sonnet-4-5', 'kimi-k3'] },
  {
    dialect: 'bedrock-converse',
    models: [
      ...['anthropic.claude-opus-5-5', 'us.anthropic.claude-opus-4-6-v1', 'anthropic.claude-3-haiku-20240307-v1:0'],
      ...['eu.anthropic.claude-sonnet-4-5-20250929-v1:0', 'amazon.nova-pro-v1:0', 'us.meta.llama4-scout-17b-v1:0'],
      'us.openai.gpt-oss-120b-1:0',
    ],
  },
] as const;

/** Models whose answers no schema holds: there one is refused. */
const schemaless = /claude-3|nova|llama/;

/** What a target's dialect reads of a request. */
function readerOf(outbound: string): (payload: JsonRecord) => Said {
  if (outbound === 'bedrock-converse') return saidInConverse;
  const reader = codecOf(outbound, outbound).inbound as HubInbound;
  return (payload) => saidIn(reader.readRequest(payload));
}

for (const { dialect: inbound, write, effort, user } of clients) {
  for (const { dialect: outbound, models } of targets) {
    if (inbound === outbound) continue;
    const codec = codecOf(inbound, outbound);
    const read = readerOf(outbound);

    describe(`a conversation of ${inbound} before a target of ${outbound}`, () => {
      for (const model of models) {
        it(`is all that was said, or names what is not: ${model}`, () => {
          fc.assert(
            fc.property(conversations, (any) => {
              // Stop sequences are refused there.
              const stops = outbound === 'openai-responses' ? [] : any.stops;
              const schema = outbound === 'bedrock-converse' && schemaless.test(model) ? null : any.schema;
              const made = { ...any, stops, schema };
              const arrived = arrivedAt(codec.inbound, Buffer.from(JSON.stringify(write(made))));
              const { body, droppedParams } = codec.request(arrived, { model, maxTokens: null });
              const payload = asRecord(JSON.parse(inOneBuffer(body).toString())) ?? {};
              const said = read(payload);
              const asked = meant(made, inbound !== 'openai-responses');
              const same = ['texts', 'results', 'calls', 'media', 'stops'] as const;
              for (const name of same) expect(said[name], name).to.deep.equal(asked[name]);

              const lost = new Set<string>();
              const check = (value: unknown, wanted: unknown, name: string) => {
                if (JSON.stringify(value) !== JSON.stringify(wanted)) lost.add(name);
              };
              check(said.isStrict, asked.isStrict, 'tools.strict');
              check(said.thoughts, asked.thoughts, 'reasoning');
              check(said.marks, asked.marks, 'cache_control');
              check(said.temperature, asked.temperature, 'temperature');
              check(said.wishes.schema, asked.wishes.schema, 'schema');
              check(said.wishes.user, asked.wishes.user, user);
              check(said.wishes.topK, asked.wishes.topK, 'top_k');
              check(said.wishes.effort, asked.wishes.effort, effort);
              check(said.wishes.thinking, asked.wishes.thinking, 'thinking');
              // Of a model that has no word for effort, thoughts are asked for instead; no effort is what it makes by itself.
              const isInTokens = asked.wishes.thinking === null && said.wishes.thinking !== null;
              if (isInTokens) for (const name of ['thinking', effort]) lost.delete(name);
              if (asked.wishes.effort === 'none' && !droppedParams.includes(effort)) lost.delete(effort);
              expect([...lost].sort()).to.deep.equal([...droppedParams].sort());
            }),
            { numRuns: 300 },
          );
        });
      }
    });
  }
}
