/**
 * Every field that the official OpenAI client can send in a chat, for a target of messages or of responses: it is written, refused by its
 * name, or named among what was left out. The client's types say which fields there are.
 */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import type OpenAI from 'openai';
import { arrivedAt, codecOf } from '../../helpers/codecs.ts';
import { expectNotLost, sentBy, type Values } from './fields.ts';

const codec = codecOf('openai-chat', 'anthropic-messages');
const sent = sentBy(codec, 'other');
const targets = {
  messages: sent,
  responses: sentBy(codecOf('openai-chat', 'openai-responses'), 'gpt-5'),
} as const;
const allTargets = Object.entries(targets);

const tool = { type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object' } } };
const turn = { role: 'user', content: 'hi' };
const plain = { model: 'm', messages: [turn], tools: [tool] };

/** How a stream is padded and whether it has counts is for the gateway, which writes it. */
type Params = Omit<OpenAI.ChatCompletionCreateParams, 'stream_options'>;

const params: Values<Params, 'thinking' | 'unheard_of'> = {
  model: 'other',
  messages: [turn, { role: 'assistant', content: 'x' }, turn],
  tools: [tool, { type: 'function', function: { name: 'g' } }],
  audio: { voice: 'ash', format: 'mp3' },
  frequency_penalty: 0.5,
  function_call: 'auto',
  functions: [{ name: 'f' }],
  logit_bias: { 5: 1 },
  logprobs: true,
  max_completion_tokens: 70,
  max_tokens: 70,
  metadata: { a: 'b' },
  moderation: { model: 'omni-moderation-latest' },
  modalities: ['text', 'audio'],
  n: 2,
  parallel_tool_calls: false,
  prediction: { type: 'content', content: 'x' },
  presence_penalty: 0.5,
  prompt_cache_key: 'k',
  prompt_cache_options: { ttl: '30m' },
  prompt_cache_retention: '24h',
  reasoning_effort: 'high',
  response_format: { type: 'json_object' },
  safety_identifier: 's',
  seed: 7,
  service_tier: 'flex',
  stop: 'END',
  store: true,
  stream: true,
  temperature: 0.5,
  thinking: { type: 'enabled', budget_tokens: 2_000 },
  tool_choice: 'required',
  top_logprobs: 2,
  top_p: 0.5,
  user: 'u',
  verbosity: 'high',
  web_search_options: { search_context_size: 'low' },
  unheard_of: 'x',
};

describe('a parameter of a chat for a target of another dialect', () => {
  for (const [target, sentTo] of allTargets) {
    for (const [name, value] of Object.entries(params).filter(([each]) => each !== 'model')) {
      it(`is written, refused or named, and never lost in silence: ${name}, for ${target}`, () => {
        expectNotLost(sentTo({ ...plain, [name]: value }), sentTo(plain), name);
      });
    }
  }

  const refused = {
    audio: { voice: 'ash', format: 'mp3' },
    functions: [],
    logprobs: true,
    modalities: ['text', 'audio'],
    n: 2,
    store: true,
    top_logprobs: 2,
    web_search_options: {},
  };
  for (const [name, value] of Object.entries(refused)) {
    it(`is refused where the answer would be another one without it: ${name}`, () => {
      expect(sent({ ...plain, [name]: value }).refused).to.equal(name);
    });
  }

  it('is nothing where it only repeats its default, and named with any value where none is known', () => {
    const defaults = {
      logprobs: false,
      metadata: {},
      modalities: ['text'],
      n: 1,
      store: false,
      top_logprobs: 0,
      web_search_options: null,
    };
    expect(sent({ ...plain, ...defaults })).to.deep.equal(sent(plain));
    for (const value of [{}, [], '', false]) {
      expect(sent({ ...plain, unheard_of: value }).dropped).to.deep.equal(['unheard_of']);
      expect(sent({ ...plain, messages: [{ ...turn, unheard_of: value }] }).dropped).to.deep.equal([
        'messages.unheard_of',
      ]);
    }
  });

  it('is a search that the configuration may allow to leave out', () => {
    const arrived = arrivedAt(codec.inbound, Buffer.from(JSON.stringify({ ...plain, web_search_options: {} })));
    const { droppedParams } = codec.request(arrived, { model: 'other', maxTokens: null, dropsTools: true });
    expect(droppedParams).to.deep.equal(['tools.web_search']);
  });
});

const functions: Values<OpenAI.FunctionDefinition, 'cache_control'> = {
  name: 'g',
  description: 'e',
  parameters: { type: 'object', properties: { a: {} } },
  strict: true,
  cache_control: { type: 'ephemeral' },
};

describe('a field of a tool for a target of another dialect', () => {
  for (const [target, sentTo] of allTargets) {
    for (const [name, value] of Object.entries(functions)) {
      it(`is written or named: ${name}, for ${target}`, () => {
        const changed = { type: 'function', function: { ...tool.function, [name]: value } };
        expectNotLost(sentTo({ ...plain, tools: [changed] }), sentTo(plain), `tools.${name}`, name);
      });
    }
  }

  it('is a mark for the cache beside the function, too', () => {
    const cache_control = { type: 'ephemeral' };
    const { body, dropped } = sent({ ...plain, tools: [{ ...tool, cache_control }] });
    expect(JSON.parse(body).tools[0]).to.deep.include({ cache_control });
    expect(dropped).to.deep.equal([]);
  });
});

const call = (id: string) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } });
const called = { role: 'assistant', content: 'c', tool_calls: [call('c')] };

type Role<T> = Omit<Values<T, 'unheard_of'>, 'role'>;

/** A message of each role, what stands before it, and values for all of its fields. */
const messages: readonly (readonly [message: object, before: readonly object[], values: object])[] = [
  [
    { role: 'system', content: 'x' },
    [],
    { content: 'y', name: 'n', unheard_of: 1 } satisfies Role<OpenAI.ChatCompletionSystemMessageParam>,
  ],
  [
    { role: 'developer', content: 'x' },
    [],
    { content: 'y', name: 'n', unheard_of: 1 } satisfies Role<OpenAI.ChatCompletionDeveloperMessageParam>,
  ],
  [
    { role: 'user', content: 'x' },
    [],
    { content: 'y', name: 'n', unheard_of: 1 } satisfies Role<OpenAI.ChatCompletionUserMessageParam>,
  ],
  [
    { role: 'assistant', content: 'x' },
    [],
    {
      audio: { id: 'a' },
      content: 'y',
      function_call: { name: 'f', arguments: '{}' },
      name: 'n',
      refusal: 'no',
      tool_calls: [call('c')],
      unheard_of: 1,
    } satisfies Role<OpenAI.ChatCompletionAssistantMessageParam>,
  ],
  [
    { role: 'tool', content: 'x', tool_call_id: 'c' },
    [called],
    { content: 'y', tool_call_id: 'd', unheard_of: 1 } satisfies Role<OpenAI.ChatCompletionToolMessageParam>,
  ],
];

describe('a field of a message for a target of another dialect', () => {
  for (const [target, sentTo] of allTargets) {
    for (const [message, before, values] of messages) {
      for (const [name, value] of Object.entries(values)) {
        it(`is written, refused or named: ${name} of ${JSON.stringify(message)}, for ${target}`, () => {
          const asked = (last: object) => sentTo({ ...plain, messages: [turn, ...before, last] });
          expectNotLost(asked({ ...message, [name]: value }), asked(message), `messages.${name}`, name);
        });
      }
    }
  }

  it('is named once, however many messages have it, and by a name that is safe in a header', () => {
    const named = { ...turn, name: 'Ann', 'x\r\ny': 1, annotations: [] };
    expect(sent({ ...plain, messages: [named, called, { ...named, name: 'Bob' }] }).dropped).to.deep.equal([
      'messages.name',
      'other',
    ]);
  });

  it('is nothing where an answer is sent back as it came, without more than it said', () => {
    const answer = {
      ...called,
      refusal: null,
      audio: null,
      function_call: null,
      annotations: [],
      reasoning_content: '',
    };
    const result = { role: 'tool', tool_call_id: 'c', name: 'f', content: 'x' };
    expect(sent({ ...plain, messages: [turn, answer, result] }).dropped).to.deep.equal([]);
  });
});

const image = { url: 'https://example.com/a.png' };
const breakpoint = { mode: 'explicit' };

describe('a field of a part for a target of another dialect', () => {
  const asked = (part: object, sentTo = sent) => sentTo({ ...plain, messages: [{ role: 'user', content: [part] }] });

  const ofTexts: Values<OpenAI.ChatCompletionContentPartText> = { text: 'y', prompt_cache_breakpoint: breakpoint };
  for (const [target, sentTo] of allTargets) {
    for (const [name, value] of Object.entries(ofTexts)) {
      it(`is written or named: ${name} of a text, for ${target}`, () => {
        const text = { type: 'text', text: 'x' };
        expectNotLost(asked({ ...text, [name]: value }, sentTo), asked(text, sentTo), `text.${name}`, name);
      });
    }
  }

  const ofImages: Values<OpenAI.ChatCompletionContentPartImage & OpenAI.ChatCompletionContentPartImage.ImageURL> = {
    image_url: { url: 'data:image/png;base64,QUJD' },
    prompt_cache_breakpoint: breakpoint,
    url: 'https://example.com/b.png',
    detail: 'high',
  };
  for (const [target, sentTo] of allTargets) {
    for (const [name, value] of Object.entries(ofImages)) {
      it(`is written or named: ${name} of an image, for ${target}`, () => {
        const isInner = name === 'url' || name === 'detail';
        const changed = isInner ? { image_url: { ...image, [name]: value } } : { image_url: image, [name]: value };
        const bare = asked({ type: 'image_url', image_url: image }, sentTo);
        expectNotLost(asked({ type: 'image_url', ...changed }, sentTo), bare, `image_url.${name}`, name);
      });
    }
  }

  it('is nothing where the detail of an image is left to the provider', () => {
    for (const detail of ['auto', '', null]) {
      expect(asked({ type: 'image_url', image_url: { ...image, detail } }).dropped).to.deep.equal([]);
    }
  });
});
