/** The AI SDK, with its providers for OpenAI (responses, chat), Anthropic and compatible servers. */
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, jsonSchema, Output, stepCountIs, streamText, tool } from 'ai';
import { answerSchema, drive, weatherDescription, weatherIn, weatherSchema } from './driver.mjs';

function face(modelOf, providerOptions = {}) {
  return ({ baseUrl, model, system, prompt, second }) => {
    const ask = { model: modelOf(baseUrl, model), system, prompt, maxRetries: 0, providerOptions };
    const spoken = ({ text, finishReason: finish, usage }) => ({
      text,
      finish,
      usage: { input: usage.inputTokens, output: usage.outputTokens },
    });
    const streamed = async (wish) => {
      let failure;
      const result = streamText({
        ...wish,
        onError: ({ error }) => {
          failure = error;
        },
      });
      let pieces = 0;
      for await (const _ of result.textStream) pieces++;
      if (failure !== undefined) throw failure;
      const [text, finishReason, usage] = [await result.text, await result.finishReason, await result.usage];
      return { ...spoken({ text, finishReason, usage }), pieces };
    };
    const withTools = (called) => ({
      ...ask,
      stopWhen: stepCountIs(5),
      tools: {
        get_weather: tool({
          description: weatherDescription,
          inputSchema: jsonSchema(weatherSchema),
          execute: async ({ city }) => {
            called.push(city);
            return weatherIn(city);
          },
        }),
      },
    });
    return {
      plain: async () => spoken(await generateText(ask)),
      stream: () => streamed(ask),
      tools: async () => {
        const called = [];
        const { text } = await generateText(withTools(called));
        return { text, called };
      },
      'streamed tools': async () => {
        const called = [];
        const { text } = await streamed(withTools(called));
        return { text, called };
      },
      dialogue: async () => {
        const { prompt: _, ...wish } = ask;
        const messages = [{ role: 'user', content: prompt }];
        const { response } = await generateText({ ...wish, messages });
        const next = [...messages, ...response.messages, { role: 'user', content: second }];
        return spoken(await generateText({ ...wish, messages: next }));
      },
      structured: async () => {
        const output = Output.object({ schema: jsonSchema(answerSchema), name: 'answer' });
        const { output: object } = await generateText({ ...ask, output });
        return { object };
      },
      error: () => generateText(ask),
      'streamed error': () => streamed(ask),
    };
  };
}

const openai = (baseUrl) => createOpenAI({ baseURL: `${baseUrl}/v1`, apiKey: 'sk-client' });

await drive({
  responses: face((baseUrl, model) => openai(baseUrl)(model)),
  'responses, store: false': face((baseUrl, model) => openai(baseUrl)(model), { openai: { store: false } }),
  chat: face((baseUrl, model) => openai(baseUrl).chat(model)),
  compatible: face((baseUrl, model) =>
    createOpenAICompatible({
      name: 'gateway',
      baseURL: `${baseUrl}/v1`,
      apiKey: 'sk-client',
      supportsStructuredOutputs: true,
      includeUsage: true,
    })(model),
  ),
  messages: face((baseUrl, model) => createAnthropic({ baseURL: `${baseUrl}/v1`, apiKey: 'sk-client' })(model)),
});
