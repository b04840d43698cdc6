/** What a provider means to say in a cell. Pure. */
import type { DialectName } from '../../mock/dialects/ask.ts';
import { echoOf } from '../../mock/dialects/content.ts';
import { embeddingOf } from '../../mock/dialects/openai-embeddings.ts';

/** Prose, a call of the one tool, or numbers. */
export type AnswerForm = 'text' | 'call' | 'vector';

/** The tool that is offered where a call is wanted. */
export const TOOL = 'write_note';

/** The schema of its arguments, to which only one value fits. */
export function toolSchema(prompt: string): object {
  const properties = { note: { type: 'string', enum: [noteFor(prompt)] } };
  return { type: 'object', properties, required: ['note'] };
}

function noteFor(prompt: string): string {
  return `A note about ${prompt} and so long that it can be cut: 🙂 ✂ 🙂`;
}

/** A call as one text. */
export function callText(name: string, argumentsText: string): string {
  return `${name} ${argumentsText}`;
}

/** The whole answer of a provider that does not fail, as a face's client has it. */
export function meantAnswer(form: AnswerForm, provider: DialectName, model: string, prompt: string): string {
  switch (form) {
    case 'text':
      return echoOf(provider, { model, prompt });
    case 'call':
      return callText(TOOL, JSON.stringify({ note: noteFor(prompt) }));
    case 'vector':
      return JSON.stringify(embeddingOf(model, prompt));
    default:
      return form satisfies never;
  }
}

/** How often such an answer begins in a text. */
export function beginningsIn(text: string): number {
  return text.match(new RegExp(`You said:|${TOOL} `, 'g'))?.length ?? 0;
}
