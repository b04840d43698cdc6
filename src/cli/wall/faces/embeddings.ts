/** Embeddings, as OpenAI's official client reads them: it asks for base64 by itself. Their text is the list of numbers. */
import { type Face, fieldOf, Malformed, stringOf } from './face.ts';
import { bearer, chunkReader } from './openai-streams.ts';

export const embeddings: Face = {
  name: 'embeddings',
  path: '/v1/embeddings',
  form: 'vector',
  streams: false,
  translated: false,
  headers: bearer,
  body: (model, prompt) => ({ model, input: prompt, encoding_format: 'base64' }),
  read(answer) {
    const data = fieldOf(answer, 'data');
    if (!Array.isArray(data)) throw new Malformed('no data');
    if (data.length === 0) return { text: '', finish: 'stop' };
    const packed = stringOf(fieldOf(data[0], 'embedding'));
    if (packed === null) throw new Malformed('no embedding in base64');
    const bytes = Buffer.from(packed, 'base64');
    const numbers = Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => bytes.readFloatLE(index * 4));
    return { text: JSON.stringify(numbers), finish: 'stop' };
  },
  // Never used: it has no streams.
  reader: () => chunkReader(() => null),
};
