/** OpenAI's own library for Node: chat completions and responses, with its streams' accumulators. */
import OpenAI from 'openai';
import { answerSchema, drive, weatherDescription, weatherIn, weatherSchema } from './driver.mjs';

function chat({ baseUrl, model, system, prompt, second }) {
  const { completions } = new OpenAI({ baseURL: `${baseUrl}/v1`, apiKey: 'sk-client' }).chat;
  const messages = [
    { role: 'system', content: system },
    { role: 'user', content: prompt },
  ];
  const spoken = ({ choices, usage }) => ({
    text: choices[0].message.content,
    finish: choices[0].finish_reason,
    usage: { input: usage.prompt_tokens, output: usage.completion_tokens },
  });
  const ask = { model, messages };
  const tool = (called) => ({
    type: 'function',
    function: {
      name: 'get_weather',
      description: weatherDescription,
      parameters: weatherSchema,
      parse: JSON.parse,
      function: ({ city }) => {
        called.push(city);
        return weatherIn(city);
      },
    },
  });
  const loop = async (stream) => {
    const called = [];
    const runner = completions.runTools({ ...ask, stream, tools: [tool(called)] });
    return { text: await runner.finalContent(), called };
  };
  return {
    plain: async () => spoken(await completions.create(ask)),
    stream: async () => {
      const stream = completions.stream({ ...ask, stream_options: { include_usage: true } });
      let pieces = 0;
      stream.on('content', () => {
        pieces++;
      });
      return { ...spoken(await stream.finalChatCompletion()), pieces };
    },
    tools: () => loop(false),
    'streamed tools': () => loop(true),
    dialogue: async () => {
      const { choices } = await completions.create(ask);
      const next = [...messages, choices[0].message, { role: 'user', content: second }];
      return spoken(await completions.create({ model, messages: next }));
    },
    structured: async () => {
      const json_schema = { name: 'answer', strict: true, schema: answerSchema };
      const { choices } = await completions.parse({ ...ask, response_format: { type: 'json_schema', json_schema } });
      return { object: JSON.parse(choices[0].message.content) };
    },
    error: () => completions.create(ask),
    'streamed error': () => completions.stream(ask).finalChatCompletion(),
  };
}

function responses({ baseUrl, model, system, prompt, second }) {
  const api = new OpenAI({ baseURL: `${baseUrl}/v1`, apiKey: 'sk-client' }).responses;
  const ask = { model, instructions: system, input: prompt };
  const spoken = ({ output_text: text, status, usage }) => ({
    text,
    finish: status,
    usage: { input: usage.input_tokens, output: usage.output_tokens },
  });
  const tools = [
    { type: 'function', name: 'get_weather', description: weatherDescription, parameters: weatherSchema, strict: true },
  ];
  const loop = async (turn) => {
    const called = [];
    const input = [{ role: 'user', content: prompt }];
    for (;;) {
      const response = await turn({ ...ask, input, tools, store: false, include: ['reasoning.encrypted_content'] });
      const calls = response.output.filter(({ type }) => type === 'function_call');
      if (calls.length === 0) return { text: response.output_text, called };
      // As its documentation has it: what came goes back, with its results behind it. What the library parsed is its own.
      input.push(...response.output.map(({ parsed_arguments: _, ...item }) => item));
      for (const { call_id, arguments: given } of calls) {
        const { city } = JSON.parse(given);
        called.push(city);
        input.push({ type: 'function_call_output', call_id, output: weatherIn(city) });
      }
    }
  };
  return {
    plain: async () => spoken(await api.create(ask)),
    stream: async () => {
      const stream = api.stream(ask);
      let pieces = 0;
      stream.on('response.output_text.delta', () => {
        pieces++;
      });
      const final = await stream.finalResponse();
      return { ...spoken(final), pieces };
    },
    tools: () => loop((turn) => api.create(turn)),
    'streamed tools': () => loop((turn) => api.stream(turn).finalResponse()),
    dialogue: async () => {
      const { output } = await api.create(ask);
      const input = [{ role: 'user', content: prompt }, ...output, { role: 'user', content: second }];
      return spoken(await api.create({ ...ask, input }));
    },
    structured: async () => {
      const format = { type: 'json_schema', name: 'answer', strict: true, schema: answerSchema };
      const { output_parsed: object } = await api.parse({ ...ask, text: { format } });
      return { object };
    },
    error: () => api.create(ask),
    'streamed error': () => api.stream(ask).finalResponse(),
  };
}

await drive({ chat, responses });
