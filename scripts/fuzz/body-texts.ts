/** Texts that are requests, or nearly: every way to write a name, a value or a blank in JSON. */
import fc from 'fast-check';
import { damagedJson, damages, mutated } from './mutations.ts';
import { turns, usualTools } from './turns.ts';

const routing = ['model', 'messages', 'stream', 'stream_options', 'n', 'stop', 'temperature', 'max_tokens'];

/** Read too, but any number of them may stand there. */
const sessionKey = 'prompt_cache_key';

/** Read by one of the dialects, or by no one. */
const others = [
  ...[sessionKey, 'role', 'content', 'user', 'system', 'stop_sequences', 'tool_choice', 'thinking', 'top_p', 'top_k'],
  ...['response_format', 'parallel_tool_calls', 'output_config', 'metadata'],
];

const blank = fc.constantFrom('', '', '', ' ', '\n', '\t\r ');
const literal = (text: string) => JSON.stringify(text);
const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A routing name in another spelling: another case, a character that folds to the same, an escape. */
const disguised = fc
  .tuple(fc.constantFrom(...routing), fc.nat(20), fc.constantFrom('case', 'fold', 'escape', 'upper escape'))
  .map(([name, at, how]) => {
    const index = at % name.length;
    const letter = name.charAt(index);
    const fold: Readonly<Record<string, string>> = { s: '\u017f', k: '\u212a' };
    const other = {
      case: letter.toUpperCase(),
      fold: fold[letter] ?? letter,
      escape: escaped(letter),
      'upper escape': escaped(letter.toUpperCase()).toUpperCase().replace('U', 'u'),
    }[how];
    return `"${name.slice(0, index)}${other}${name.slice(index + 1)}"`;
  });

const name = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...routing, ...others).map(literal) },
  { weight: 2, arbitrary: disguised },
  {
    weight: 1,
    arbitrary: fc.constantFrom('__proto__', 'constructor', '', 'a.b', 'model ', 'n\0', 'x'.repeat(200)).map(literal),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 8, unit: 'binary' }).map(literal) },
);

/** Long strings are searched in another way than short ones. */
const text = fc.oneof(
  fc.string({ maxLength: 12, unit: 'binary' }).map(literal),
  fc.constantFrom('"user"', '"gpt-4"', '"\\ud83d"', '"\\u0000\\/\\b\\f"', '"é€😀"', '""', '"\u2028"', '"\u007f"'),
  fc
    .tuple(
      fc.integer({ min: 480, max: 620 }),
      fc.constantFrom('\\n', 'é', '\\"', '\n', '\\x', '\u0001', '"', '\\u00e9', ''),
    )
    .map(([length, special]) => `"${'~'.repeat(length)}${special}${'a'.repeat(length % 9)}"`),
);

const scalar = fc.oneof(
  text,
  fc.constantFrom('0', '-0', '1', '12', '-1.5', '1e5', '1E+2', '0.25e-3', '123456789012345678901234567890', '1e999'),
  fc.constantFrom('true', 'false', 'null'),
);

/** So many small ones that what looks at all of them for each would be seen. */
const many = fc.integer({ min: 200, max: 400 }).map((count) => {
  const names = Array.from({ length: count }, (_, index) => `"k${index}":1`);
  return `{${names.join(',')}}`;
});

const { value } = fc.letrec<{ value: string; object: string; array: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    { weight: 40, arbitrary: scalar },
    { weight: 40, arbitrary: tie('object') },
    { weight: 40, arbitrary: tie('array') },
    { weight: 1, arbitrary: many },
  ),
  array: fc
    .tuple(fc.array(tie('value'), { maxLength: 4 }), blank)
    .map(([items, space]) => `[${space}${items.join(`${space},`)}${space}]`),
  object: fc
    .tuple(fc.array(fc.tuple(name, tie('value')), { maxLength: 4 }), blank)
    .map(([members, space]) => objectOf(members, space)),
}));

/** As JSON, one of so many damaged. */
function damaged(known: fc.Arbitrary<unknown>, oneOf: number): fc.Arbitrary<string> {
  const damage = fc.oneof({ weight: oneOf - 1, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: damages });
  return fc
    .tuple(known, damage)
    .map(([each, how]) => (how === null ? JSON.stringify(each) : damagedJson(each, how) || 'null'));
}

const message = fc.oneof(
  { weight: 3, arbitrary: damaged(fc.constantFrom(...turns.flat()), 2) },
  {
    weight: 3,
    arbitrary: fc.constantFrom('{"role":"user","content":"Hello"}', '{"r\\u006fle":"user"}', '{"role":1,"role":"a"}'),
  },
  { weight: 1, arbitrary: value },
);
/** What one client may have sent, most of it as it should be. */
const conversation = fc
  .constantFrom(...turns)
  .chain((known) => fc.array(damaged(fc.constantFrom(...known), 6), { minLength: 1, maxLength: 3 }));
const messages = fc
  .oneof({ weight: 2, arbitrary: conversation }, { weight: 1, arbitrary: fc.array(message, { maxLength: 3 }) })
  .map((list) => `[${list.join(',')}]`);

/** The members that a request must have, most of the time. */
const usual = fc.tuple(
  fc.option(fc.constant<[string, string]>(['"model"', '"gpt-4"']), { freq: 8 }),
  fc.option(
    messages.map<[string, string]>((list) => ['"messages"', list]),
    { freq: 8 },
  ),
  fc.option(fc.constantFrom<[string, string][]>(['"stream"', 'true'], ['"stream"', 'null'], ['"n"', '2']), { freq: 2 }),
  fc.option(fc.constant<[string, string]>(['"max_tokens"', '16']), { freq: 8 }),
  fc.option(
    damaged(fc.constantFrom(...usualTools), 4).map<[string, string]>((list) => ['"tools"', list]),
    { freq: 1 },
  ),
);

const body = fc
  .tuple(usual, fc.array(fc.tuple(name, value), { maxLength: 4 }), blank, fc.nat(5))
  .map(([known, others, space, turn]) => {
    const members = [...known.filter((member) => member !== null), ...others];
    const start = members.length === 0 ? 0 : turn % members.length;
    return `${space}${objectOf([...members.slice(start), ...members.slice(0, start)], space)}${space}`;
  });

function objectOf(members: readonly (readonly [name: string, value: string])[], space: string): string {
  return `{${space}${members.map(([key, text]) => `${key}${space}:${space}${text}`).join(`${space},${space}`)}${space}}`;
}

/** Whole bodies, damaged or not. */
export const bodies: fc.Arbitrary<Buffer> = mutated(
  fc.oneof({ weight: 9, arbitrary: body }, { weight: 1, arbitrary: value }).map((json) => Buffer.from(json)),
  [
    '"',
    '\\',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '\n',
    '\u0000',
    '"model":"other",',
    '\\u006',
    '\ufeff',
    '\u00a0',
    '-',
    '.',
    'e',
    'é',
  ],
);
