/** The old completions, as OpenAI's official client reads them. */
import { type Face, fieldOf, Malformed, stringOf } from './face.ts';
import { bearer, chunkReader } from './openai-streams.ts';

const textOf = (choice: unknown) => stringOf(fieldOf(choice, 'text'));

export const completions: Face = {
  name: 'completions',
  path: '/v1/completions',
  form: 'text',
  streams: true,
  translated: false,
  headers: bearer,
  body: (model, prompt, stream) => ({ model, stream, prompt, max_tokens: 1_000 }),
  read(answer) {
    const choice = fieldOf(fieldOf(answer, 'choices'), 0);
    if (choice === undefined) throw new Malformed('no choices');
    return { text: textOf(choice) ?? '', finish: stringOf(fieldOf(choice, 'finish_reason')) };
  },
  reader: () => chunkReader(textOf),
};
