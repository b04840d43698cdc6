/** Bodies of one request, large, in many pieces, or of a shape that costs its reader much. */
import { type Attack, MB } from '../attack.ts';
import { chatBody, chatWith, chatWithImages, megabytes } from '../other-side/bytes.ts';
import { post, postChunked } from '../other-side/client.ts';
import { whole } from '../other-side/provider.ts';

const ORDINARY_CHUNK = 64 * 1024;

/** Names of models. OpenAI's dialect gets the first unchanged, and another for the second; the third is translated. */
const relayed = 'gpt-4';
const renamed = 'renamed';
const translated = 'claude';

/** An attack that is one body. It is made only when it is its turn. */
function oneBody(name: string, keptMb: number, body: () => string | Buffer): Attack {
  return { name, keptMb, run: (front) => post(front, Buffer.from(body())) };
}

const invalidAtEnd = () =>
  Buffer.concat([
    Buffer.from(chatWith(relayed, megabytes(30)).subarray(0, -4)),
    Buffer.from([0xff, 0x22, 0x7d, 0x5d, 0x7d]),
  ]);

const manyMessages = () => {
  const pair = '{"role":"user","content":"a"},{"role":"assistant","content":"b"}';
  return `{"model":"${translated}","messages":[${Array.from({ length: 13_000 }, () => pair).join()}]}`;
};

const keys = (count: number, key: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => `,"${key(index)}":"gpt-4"`).join('');

export const bodies: readonly Attack[] = [
  {
    // 20 MB take a minute on a slow machine.
    name: 'body of 6 MB in chunks of one byte',
    keptMb: 6,
    run: (front) => postChunked(front, chatWith(relayed, megabytes(6)), 1),
  },
  {
    name: 'body of 30 MB in chunks of 64 KB',
    keptMb: 30,
    run: (front) => postChunked(front, chatWith(relayed, megabytes(30)), ORDINARY_CHUNK),
  },
  oneBody('body of 30 MB, its length declared', 30, () => chatWith(relayed, megabytes(30))),
  oneBody('20 MB of one image', 20, () => chatWithImages(relayed, 20, 1)),
  oneBody('20 MB of ten images', 20, () => chatWithImages(relayed, 20, 10)),
  oneBody('20 MB of one image, its model renamed', 40, () => chatWithImages(renamed, 20, 1)),
  oneBody('20 MB of ten images, its model renamed', 40, () => chatWithImages(renamed, 20, 10)),
  oneBody('31 MB of [[[[', 31, () => chatBody(relayed, `,"x":${'['.repeat(31 * MB)}`)),
  oneBody('31 MB of {},', 31, () => chatBody(relayed, `,"x":[${'{},'.repeat((31 * MB) / 3)}{}]`)),
  oneBody('4 MB of {},', 4, () => chatBody(relayed, `,"x":[${'{},'.repeat((4 * MB - 200) / 3)}{}]`)),
  oneBody('30,000 times "model"', 1, () =>
    chatBody(
      relayed,
      keys(30_000, () => 'model'),
    ),
  ),
  oneBody('100,000 different names', 2, () =>
    chatBody(
      relayed,
      keys(100_000, (index) => `k${index}`),
    ),
  ),
  oneBody('5 million escapes', 30, () => chatWith(relayed, '\\u0041'.repeat(5_000_000))),
  oneBody('30 MB with invalid UTF-8 at its end', 30, invalidAtEnd),
];

const translatedAnswer = whole(
  Buffer.from(
    '{"id":"m","type":"message","content":[{"type":"text","text":"fine"}],"stop_reason":"end_turn","usage":{}}',
  ),
);

/** A body that is translated is counted twice: as it came, and as it is sent. */
export const translations: readonly Attack[] = [
  oneBody('translated: 20 MB of one image', 40, () => chatWithImages(translated, 20, 1)),
  oneBody('translated: 20 MB of ten images', 40, () => chatWithImages(translated, 20, 10)),
  oneBody('translated: 30 MB of text', 60, () => chatWith(translated, megabytes(30))),
  oneBody('translated: 5 million escapes', 60, () => chatWith(translated, '\\u0041'.repeat(5_000_000))),
  oneBody('translated: 500 KB of {},', 1, () => chatBody(translated, `,"x":[${'{},'.repeat(170_000)}{}]`)),
  oneBody('translated: 26,000 messages', 2, manyMessages),
].map((attack) => ({ ...attack, answer: translatedAnswer }));
