/** The kinds of answers that are tried: what the provider says, and what its client has asked for. */
import { type Meaning, meaning, type Part, type Usage } from './meaning.ts';
import type { Written } from './providers/pieces.ts';
import type { Wanted } from './wanted.ts';

export interface Content {
  readonly name: string;
  readonly parts: readonly Part[];
  readonly meant: Meaning;
  readonly wanted: Partial<Wanted>;
  /** Characters of a piece of its stream. */
  readonly pieceLength: number;
  /** Calls come piece by piece in turns, where the provider's dialect allows that. */
  readonly interleaved: boolean;
  /** A provider's own bytes of it; its parts are nothing then. */
  readonly recorded?: Written;
}

/** Takes the place of the default. */
type Special = Partial<
  Pick<Content, 'wanted' | 'pieceLength' | 'interleaved' | 'recorded'> & Pick<Meaning, 'finish' | 'usage'>
>;

/** One kind. */
export function content(name: string, parts: readonly Part[], special: Special = {}): Content {
  const { finish = parts.some(({ type }) => type === 'call') ? 'calls' : 'stop', usage, ...rest } = special;
  const meant = meaning(parts, { finish, ...(usage === undefined ? {} : { usage }) });
  return { name, parts, meant, wanted: {}, pieceLength: 7, interleaved: false, ...rest };
}

const say = (text: string): Part => ({ type: 'text', text });
const think = (text: string): Part => ({ type: 'reasoning', text });
const call = (id: string, input: string, name = 'tide'): Part => ({ type: 'call', call: { id, name, input } });

const tools: Wanted['tools'] = [
  {
    name: 'tide',
    description: 'The tide at a port',
    schema: { type: 'object', properties: { port: { type: 'string' }, at: { type: 'integer' } }, required: ['port'] },
  },
  { name: 'clock', description: 'The time', schema: { type: 'object', properties: {} } },
];

/** A pixel. */
export const PICTURE = 'data:image/png;base64,iVBORw0KGgo=';

/** A history with results of tools, one of them a picture. */
export const results: Partial<Wanted> = {
  tools,
  turns: [
    { by: 'user', text: 'And the tides?' },
    {
      by: 'assistant',
      text: 'Let me look.',
      calls: [
        { id: 'call_1', name: 'tide', input: '{"port":"Emden"}' },
        { id: 'call_2', name: 'tide', input: '{"port":"Husum"}' },
      ],
    },
    {
      by: 'tools',
      results: [
        { id: 'call_1', text: 'high' },
        { id: 'call_2', text: 'low', image: PICTURE },
      ],
    },
    { by: 'user', text: 'Well?' },
  ],
};

/** Of an answer. */
export const schema = {
  type: 'object',
  properties: { port: { type: 'string' }, high: { type: 'boolean' } },
  required: ['port', 'high'],
  additionalProperties: false,
};

const unicode = [
  'Ünïcödé and Grüße, naïve café (combining: e\u0301). ',
  '日本語のテキスト、한국어, العربية من اليمين, עברית. ',
  '👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 \u2028\u2029 \u0000 \u001f \ufeff ',
  'quotes " and \\ slashes / and \ttabs\r\nand lines\n\ndata: [DONE]\n\nevent: error\n\n',
].join('');

const thinking: Usage = { input: 30, output: 40, cached: 0, kept: 6, reasoning: 25 };
const none: Usage = { input: 21, output: 0, cached: 8, kept: 0, reasoning: 0 };
const exact = '{ "port": "Wangerooge\\u00e9\\n\\"", "at": 9007199254740993, "x": 1.0, "\ud83c\udf0a": [ ] }';

/** All kinds. */
export const contents: readonly Content[] = [
  content('text', [say('The tide is high at Emden.')]),
  content('one call', [call('call_1', '{"port":"Emden","at":5}')], { wanted: { tools } }),
  content(
    'calls',
    [
      say('Let me look.'),
      call('call_1', '{"port":"Emden"}'),
      call('call_2', '{"port":"Husum"}'),
      call('c3', '{}', 'clock'),
    ],
    { wanted: { tools, parallel: true }, interleaved: true },
  ),
  content('arguments', [call('toolu_01AbC', exact)], { wanted: { tools }, pieceLength: 5 }),
  content('results', [say('High at Emden, low at Husum, and a fine picture.')], { wanted: results }),
  content('reasoning', [think('I must think of 潮 first.'), say('It is high.')], { usage: thinking }),
  content('thoughts only', [think('I thought and thought.')], {
    usage: thinking,
    finish: 'length',
    wanted: { limit: 16 },
  }),
  content(
    'thoughts, calls',
    [think('I must look.'), say('Wait. '), think('Where? '), call('call_1', '{"port":"Emden"}'), say('Soon.')],
    { wanted: { tools }, usage: thinking },
  ),
  content('structured', [say('{"port":"Emden","high":true}')], { wanted: { schema }, pieceLength: 5 }),
  content('refusal', [{ type: 'refusal', text: 'I cannot help with that.' }], { finish: 'refused' }),
  content('cut by limit', [say('The tide is')], { finish: 'length', wanted: { limit: 16 } }),
  content('stopped', [say('The tide')], { finish: 'stop-sequence', wanted: { stop: ['END'] } }),
  content('unicode', [say(unicode)], { pieceLength: 3 }),
  content('large', [say(unicode.repeat(400))], { pieceLength: 4_001 }),
  content('empty', [], { usage: none }),
];
