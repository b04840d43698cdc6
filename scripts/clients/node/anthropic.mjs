/** Anthropic's own library for Node. */
import Anthropic from '@anthropic-ai/sdk';
import { answerSchema, drive, weatherDescription, weatherIn, weatherSchema } from './driver.mjs';

function messages({ baseUrl, model, system, prompt, second }) {
  const api = new Anthropic({ baseURL: baseUrl, apiKey: 'sk-client' });
  const ask = { model, max_tokens: 1000, system, messages: [{ role: 'user', content: prompt }] };
  const spoken = ({ content, stop_reason: finish, usage }) => ({
    text: content.map(({ text = '' }) => text).join(''),
    finish,
    usage: { input: usage.input_tokens, output: usage.output_tokens },
  });
  const loop = async (stream) => {
    const called = [];
    const tool = {
      type: 'custom',
      name: 'get_weather',
      description: weatherDescription,
      input_schema: weatherSchema,
      parse: (input) => input,
      run: ({ city }) => {
        called.push(city);
        return weatherIn(city);
      },
    };
    const runner = api.beta.messages.toolRunner({ ...ask, stream, tools: [tool] });
    return { text: spoken(await runner.runUntilDone()).text, called };
  };
  return {
    plain: async () => spoken(await api.messages.create(ask)),
    stream: async () => {
      const stream = api.messages.stream(ask);
      let pieces = 0;
      stream.on('text', () => {
        pieces++;
      });
      return { ...spoken(await stream.finalMessage()), pieces };
    },
    tools: () => loop(false),
    'streamed tools': () => loop(true),
    dialogue: async () => {
      const { content } = await api.messages.create(ask);
      const messages = [...ask.messages, { role: 'assistant', content }, { role: 'user', content: second }];
      return spoken(await api.messages.create({ ...ask, messages }));
    },
    structured: async () => {
      const output_config = { format: { type: 'json_schema', schema: answerSchema } };
      const { content } = await api.messages.create({ ...ask, output_config });
      return { object: JSON.parse(content.map(({ text = '' }) => text).join('')) };
    },
    error: () => api.messages.create(ask),
    'streamed error': () => api.messages.stream(ask).finalMessage(),
  };
}

await drive({ messages });
