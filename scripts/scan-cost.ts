/**
 * What the scan of a request costs beside `JSON.parse`, in processor time of one thread: `node scripts/scan-cost.ts`.
 * The scan also finds the routing fields and the model's place, for which a parsed body would be read a second time.
 */

import { chatShape } from '../src/dialects/openai-chat/arrive.ts';
import { RequestScanner } from '../src/wire/request-scan.ts';
import { leastMicros } from './processor-time.ts';

const prose = 'The quick brown fox said: "hello" and left.\nThen came a line of some more words, as prose has. ';
const chat = (messages: number, content: string) =>
  JSON.stringify({
    model: 'gpt-4',
    stream: true,
    messages: Array.from({ length: messages }, () => ({ role: 'user', content })),
  });

const bodies = {
  '1 KB of messages': chat(6, prose),
  '100 KB of messages': chat(60, prose.repeat(15)),
  '5 MB of text': chat(500, prose.repeat(95)),
  '5 MB of image': chat(1, 'iVBORw0KGgo'.repeat(460_000)),
  '4 MB of {}': `{"model":"m","messages":[${'{},'.repeat(1_300_000)}{}]}`,
};

const ROUNDS = 5;
/** Bytes that are read in a round. */
const ROUND_BYTES = 40_000_000;

for (const [name, json] of Object.entries(bodies)) {
  const bytes = Buffer.from(json);
  const times = Math.max(1, Math.floor(ROUND_BYTES / bytes.length));
  const scan = leastMicros(ROUNDS, times, () => {
    const scanner = new RequestScanner(chatShape);
    scanner.push(bytes);
    scanner.end();
  });
  const parse = leastMicros(ROUNDS, times, () => JSON.parse(bytes.toString('utf8')));
  console.log(
    `${name.padEnd(20)} scan ${scan.toFixed(1).padStart(9)} us   JSON.parse ${parse.toFixed(1).padStart(9)} us`,
  );
}
