/** OpenAI's Agents SDK for Node, on responses (its default) and on chat completions. */
import { Agent, OpenAIProvider, Runner, tool } from '@openai/agents';
import { z } from 'zod';
import { drive, weatherDescription, weatherIn } from './driver.mjs';

function face(useResponses) {
  return ({ baseUrl, model, system, prompt, second }) => {
    const modelProvider = new OpenAIProvider({ baseURL: `${baseUrl}/v1`, apiKey: 'sk-client', useResponses });
    const runner = new Runner({ modelProvider, tracingDisabled: true });
    const agent = (more = {}) => new Agent({ name: 'terse', instructions: system, model, ...more });
    const spoken = ({ finalOutput: text, rawResponses }) => {
      const { inputTokens: input, outputTokens: output } = rawResponses.at(-1).usage;
      return { text, usage: { input, output } };
    };
    const streamed = async (asked) => {
      const result = await runner.run(asked, prompt, { stream: true });
      let pieces = 0;
      for await (const event of result) {
        if (event.type === 'raw_model_stream_event' && event.data.type === 'output_text_delta') pieces++;
      }
      await result.completed;
      return { ...spoken(result), pieces };
    };
    const withTool = (called) =>
      agent({
        tools: [
          tool({
            name: 'get_weather',
            description: weatherDescription,
            parameters: z.object({ city: z.string() }),
            execute: ({ city }) => {
              called.push(city);
              return weatherIn(city);
            },
          }),
        ],
      });
    return {
      plain: async () => spoken(await runner.run(agent(), prompt)),
      stream: () => streamed(agent()),
      tools: async () => {
        const called = [];
        return { ...spoken(await runner.run(withTool(called), prompt)), called };
      },
      'streamed tools': async () => {
        const called = [];
        return { ...(await streamed(withTool(called))), called };
      },
      dialogue: async () => {
        const { history } = await runner.run(agent(), prompt);
        return spoken(await runner.run(agent(), [...history, { role: 'user', content: second }]));
      },
      structured: async () => {
        const outputType = z.object({ city: z.string(), degrees: z.number().int() });
        return { object: (await runner.run(agent({ outputType }), prompt)).finalOutput };
      },
      error: () => runner.run(agent(), prompt),
      'streamed error': () => streamed(agent()),
    };
  };
}

await drive({ responses: face(true), chat: face(false) });
