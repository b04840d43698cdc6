/** OpenAI's moderations. Nothing is ever flagged. */
import { tokensOf } from './content.ts';
import { type Api, Refusal } from './dialect.ts';
import { isArray, isRecord, textOf } from './json-reading.ts';
import { hashOf, missing, readModel } from './openai-facts.ts';

const categories = [
  'harassment',
  'harassment/threatening',
  'hate',
  'hate/threatening',
  'illicit',
  'illicit/violent',
  'self-harm',
  'self-harm/instructions',
  'self-harm/intent',
  'sexual',
  'sexual/minors',
  'violence',
  'violence/graphic',
];

function eachCategory<Value>(value: Value): Record<string, Value> {
  return Object.fromEntries(categories.map((category) => [category, value]));
}

const result = {
  flagged: false,
  categories: eachCategory(false),
  category_scores: eachCategory(0),
  category_applied_input_types: eachCategory(['text']),
};

export const openaiModerations: Api = {
  paths: ['/v1/moderations', '/moderations'],
  read(body) {
    if (!isRecord(body)) throw new Refusal('We could not parse the JSON body of your request: it must be an object.');
    const { input, model = 'omni-moderation-latest' } = body;
    if (input === undefined || input === null) throw missing('input');
    // Parts of one message are judged together, texts each on its own.
    const count = isArray(input) && typeof input[0] === 'string' ? input.length : 1;
    const prompt = isArray(input) && count > 1 ? input.join('\n') : textOf(input);
    const ask = {
      model: readModel(model),
      stream: false,
      includeUsage: false,
      prompt,
      promptTokens: tokensOf(prompt.length),
      maxTokens: null,
      tool: null,
    };
    return {
      ask,
      plain: ({ pieces }) =>
        JSON.stringify({
          id: `modr-${hashOf(ask)}`,
          model: ask.model,
          results: pieces === 0 ? [] : Array.from({ length: count }, () => result),
        }),
      stream: null,
    };
  },
};
