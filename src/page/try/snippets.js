/** The same request from a program: ready to paste. No key stands in it, only the name of a variable. Pure. */
import { MOST_TOKENS, requestOf } from './request-of.js';

/** @typedef {{ name: string, code: string }} Snippet */
/** @typedef {{ path: string, model: string, prompt: string, origin: string, needsKey: boolean }} Asked */

/** The programs, by the same names in the same order for all. @param {Asked} asked @returns {readonly Snippet[]} */
export function snippets(asked) {
  const { path, model, prompt, origin, needsKey } = asked;
  const body = JSON.stringify(requestOf(path, model, prompt));
  return [
    { name: 'curl', code: curl(`${origin}${path}`, body, needsKey) },
    { name: 'Python', code: python(asked) },
    { name: 'TypeScript', code: typescript(asked) },
  ];
}

/** @param {string} url @param {string} body @param {boolean} needsKey */
function curl(url, body, needsKey) {
  const key = needsKey ? '  -H "authorization: Bearer $HEADGATE_KEY" \\\n' : '';
  return `curl -N ${url} \\\n  -H 'content-type: application/json' \\\n${key}  -d '${body.replaceAll("'", "'\\''")}'`;
}

/** JSON's texts are Python's and TypeScript's too. @param {string} text */
const quoted = (text) => JSON.stringify(text);

/** @param {Asked} asked */
function python({ path, model, prompt, origin, needsKey }) {
  const key = needsKey ? 'os.environ["HEADGATE_KEY"]' : '"none"';
  const head = needsKey ? 'import os\n' : '';
  if (path === '/v1/messages')
    return `${head}from anthropic import Anthropic

client = Anthropic(base_url="${origin}", api_key=${key})
with client.messages.stream(
    model=${quoted(model)},
    max_tokens=${MOST_TOKENS},
    messages=[{"role": "user", "content": ${quoted(prompt)}}],
) as stream:
    for text in stream.text_stream:
        print(text, end="", flush=True)`;
  const client = `${head}from openai import OpenAI\n\nclient = OpenAI(base_url="${origin}/v1", api_key=${key})\n`;
  if (path === '/v1/responses')
    return `${client}stream = client.responses.create(
    model=${quoted(model)},
    input=${quoted(prompt)},
    stream=True,
)
for event in stream:
    if event.type == "response.output_text.delta":
        print(event.delta, end="", flush=True)`;
  return `${client}stream = client.chat.completions.create(
    model=${quoted(model)},
    messages=[{"role": "user", "content": ${quoted(prompt)}}],
    stream=True,
)
for chunk in stream:
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="", flush=True)`;
}

/** @param {Asked} asked */
function typescript({ path, model, prompt, origin, needsKey }) {
  const key = needsKey ? 'process.env.HEADGATE_KEY' : "'none'";
  if (path === '/v1/messages')
    return `import Anthropic from '@anthropic-ai/sdk';

const client = new Anthropic({ baseURL: '${origin}', apiKey: ${key} });
const stream = client.messages.stream({
  model: ${quoted(model)},
  max_tokens: ${MOST_TOKENS},
  messages: [{ role: 'user', content: ${quoted(prompt)} }],
});
stream.on('text', (text) => process.stdout.write(text));
await stream.finalMessage();`;
  const client = `import OpenAI from 'openai';\n\nconst client = new OpenAI({ baseURL: '${origin}/v1', apiKey: ${key} });\n`;
  if (path === '/v1/responses')
    return `${client}const stream = await client.responses.create({
  model: ${quoted(model)},
  input: ${quoted(prompt)},
  stream: true,
});
for await (const event of stream) {
  if (event.type === 'response.output_text.delta') process.stdout.write(event.delta);
}`;
  return `${client}const stream = await client.chat.completions.create({
  model: ${quoted(model)},
  messages: [{ role: 'user', content: ${quoted(prompt)} }],
  stream: true,
});
for await (const chunk of stream) {
  process.stdout.write(chunk.choices[0]?.delta?.content ?? '');
}`;
}
