/** Requests and answers: small, as OpenAI writes them, the same for every row. */

const message = { role: 'user', content: 'Hello' };

/** A plain request. */
export function requestBody(model = 'gpt-4'): string {
  return JSON.stringify({ model, messages: [message] });
}

/** A request for a stream. */
export function streamRequestBody(): string {
  return JSON.stringify({ model: 'gpt-4', stream: true, messages: [message] });
}

/** A request of about `bytes`, nearly all of it an image in base64, as vision models accept it. */
export function heavyRequestBody(bytes: number): string {
  const url = `data:image/png;base64,${'iVBORw0KGgoAAAANSUhEUgAA'.repeat(Math.ceil(bytes / 24))}`.slice(0, bytes);
  const content = [
    { type: 'text', text: 'What is this?' },
    { type: 'image_url', image_url: { url } },
  ];
  return JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content }] });
}

const created = 1_750_000_000;
const usage = { prompt_tokens: 2, completion_tokens: 18, total_tokens: 20 };

/** Contains no single quote, because nginx's configuration encloses it in two. */
export const plainAnswer = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created,
  model: 'gpt-4',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'Hello there, how can I help you today?', refusal: null },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage,
});

function event(delta: object, finish: string | null, rest: object = {}): string {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }];
  const base = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created, model: 'gpt-4' };
  return `data: ${JSON.stringify({ ...base, choices, ...rest })}\n\n`;
}

/**
 * The parts of a stream: the first event, which has content already; any in between; the end with finish, usage,
 * `[DONE]`.
 */
export const streamEvents = {
  first: event({ role: 'assistant', content: 'A' }, null),
  content: event({ content: ' word' }, null),
  end: `${event({}, 'stop', { usage })}data: [DONE]\n\n`,
};
