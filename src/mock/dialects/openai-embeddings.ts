/** OpenAI's embeddings, as numbers or in base64. A vector depends on the model and the text alone. */
import { createHash } from 'node:crypto';
import { tokensOf } from './content.ts';
import { type Api, Refusal } from './dialect.ts';
import { isAbsentOrWhole, isArray, isRecord } from './json-reading.ts';
import { missing, readModel, wrong } from './openai-facts.ts';

const DEFAULT_DIMENSIONS = 8;
const MOST_DIMENSIONS = 4096;

/** The vector of a text: numbers from -1 to 1 that a 32-bit float holds exactly. */
export function embeddingOf(model: string, text: string, dimensions = DEFAULT_DIMENSIONS): number[] {
  const hash = createHash('sha256').update(`${model}\n${text}`).digest();
  return Array.from({ length: dimensions }, (_, index) => ((hash[index % hash.length] ?? 0) - 128) / 128);
}

interface Wanted {
  readonly model: string;
  readonly texts: readonly string[];
  readonly base64: boolean;
  readonly dimensions: number;
}

function read(body: unknown): Wanted {
  if (!isRecord(body)) throw new Refusal('We could not parse the JSON body of your request: it must be an object.');
  const { dimensions, encoding_format: format } = body;
  if (!isAbsentOrWhole(dimensions, 1) || Number(dimensions) > MOST_DIMENSIONS) {
    throw wrong('dimensions', `an integer from 1 to ${MOST_DIMENSIONS}`);
  }
  if (format !== undefined && format !== 'float' && format !== 'base64') {
    throw wrong('encoding_format', "'float' or 'base64'");
  }
  return {
    model: readModel(body.model),
    texts: readInput(body.input),
    base64: format === 'base64',
    dimensions: typeof dimensions === 'number' ? dimensions : DEFAULT_DIMENSIONS,
  };
}

/** The inputs; lists of tokens are told apart by how they are written. */
function readInput(input: unknown): string[] {
  if (input === undefined || input === null) throw missing('input');
  const single = typeof input === 'string' || (isArray(input) && typeof input[0] === 'number');
  const inputs = single ? [input] : input;
  if (!isArray(inputs) || inputs.length === 0) throw wrong('input', 'a string, or an array of strings or tokens');
  return inputs.map((value) => {
    if (value === '') throw new Refusal("Invalid 'input': input cannot be an empty string.", 'input');
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
}

function plain({ model, texts, base64, dimensions }: Wanted, isEmpty: boolean): string {
  const written = (vector: number[]) =>
    base64 ? Buffer.from(new Float32Array(vector).buffer).toString('base64') : vector;
  const data = texts.map((text, index) => ({
    object: 'embedding',
    index,
    embedding: written(embeddingOf(model, text, dimensions)),
  }));
  const tokens = tokensOf(texts.join('').length);
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  return JSON.stringify({ object: 'list', data: isEmpty ? [] : data, model, usage });
}

export const openaiEmbeddings: Api = {
  paths: ['/v1/embeddings', '/embeddings'],
  read(body) {
    const wanted = read(body);
    const prompt = wanted.texts.join('\n');
    return {
      ask: {
        model: wanted.model,
        stream: false,
        includeUsage: false,
        prompt,
        promptTokens: tokensOf(prompt.length),
        maxTokens: null,
        tool: null,
      },
      plain: ({ pieces }) => plain(wanted, pieces === 0),
      stream: null,
    };
  },
};
