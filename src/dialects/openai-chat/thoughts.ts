/**
 * What Anthropic's models thought, in this dialect: with its signature, without which they do not go on after a call of a
 * tool. OpenAI has no field for it. It is written as `reasoning_details`, OpenRouter's, which most clients send back, and
 * read as that or as `thinking_blocks`, LiteLLM's:
 *
 *   reasoning_details   [{type: reasoning.text, text, signature, format, index}, {type: reasoning.encrypted, data, …}]
 *   thinking_blocks     [{type: thinking, thinking, signature}, {type: redacted_thinking, data}]
 *
 * `index` is the place among all blocks of the answer, so that a thought between two calls comes back between them. Clients
 * may send a stream's pieces back as they came: those of one place are one thought.
 */
import { asArray, asCount, asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import type { ReasoningDetail } from '../../wire/chat-completion.ts';
import { requestBlock } from '../block-texts.ts';
import { MESSAGES } from '../families.ts';
import type { Attachment, RequestBlock } from '../hub.ts';
import type { Extensions } from './extensions.ts';

/** OpenRouter's word for signatures of Anthropic's. */
const FORMAT = 'anthropic-claude-v1';

interface Thought {
  readonly at: string;
  readonly index: number | null;
  readonly isHidden: boolean;
  text: string;
  proof: string;
}

/** A thought for a client, if Anthropic has signed it. @param index the place of its block in the answer */
export function writeThought(text: string, index: number, { type, of, data }: Attachment): ReasoningDetail[] {
  if (of !== MESSAGES || type === 'citation') return [];
  if (type === 'redacted') return [{ type: 'reasoning.encrypted', data, format: FORMAT, index }];
  return [{ type: 'reasoning.text', text, signature: data, format: FORMAT, index }];
}

/** The message's blocks, with the thoughts of Anthropic's that came back with it. @param others all its other blocks */
export function withThoughts(
  message: JsonRecord,
  path: string,
  others: readonly RequestBlock[],
  extensions: Extensions,
): readonly RequestBlock[] {
  const thoughts = readThoughts(message, path, extensions).filter(({ text, proof }) => text !== '' || proof !== '');
  if (thoughts.length === 0) {
    // Without a signature it means nothing to another model.
    extensions.add('messages.reasoning_content', message.reasoning_content);
    extensions.add('messages.reasoning', message.reasoning);
    return others;
  }
  const blocks: RequestBlock[] = [];
  let taken = 0;
  for (const thought of thoughts) {
    for (let next = others[taken]; next !== undefined && blocks.length < (thought.index ?? 0); next = others[taken]) {
      blocks.push(next);
      taken += 1;
    }
    blocks.push(blockOf(thought));
  }
  return [...blocks, ...others.slice(taken)];
}

function readThoughts(message: JsonRecord, path: string, extensions: Extensions): Thought[] {
  const details = asArray(message.reasoning_details);
  const thoughts = new Map<string, Thought>();
  for (const [position, value] of details.entries()) {
    const detail = asRecord(value) ?? {};
    if ((detail.format ?? FORMAT) === FORMAT) addDetail(thoughts, detail, `${path}.reasoning_details[${position}]`);
    else extensions.add('messages.reasoning_details', detail);
  }
  if (thoughts.size > 0) return [...thoughts.values()];
  return asArray(message.thinking_blocks).map((value, position) => {
    const { type, thinking, signature, data } = asRecord(value) ?? {};
    const isHidden = type === 'redacted_thinking';
    const at = `${path}.thinking_blocks[${position}]`;
    return {
      at,
      index: null,
      isHidden,
      text: asString(thinking) ?? '',
      proof: asString(isHidden ? data : signature) ?? '',
    };
  });
}

/** @param thoughts in the order in which they began, by what its pieces have in common */
function addDetail(thoughts: Map<string, Thought>, detail: JsonRecord, at: string): void {
  const isHidden = detail.type === 'reasoning.encrypted';
  const index = typeof detail.index === 'number' ? asCount(detail.index) : null;
  const text = isHidden ? '' : (asString(detail.text) ?? asString(detail.summary) ?? '');
  const proof = asString(isHidden ? detail.data : detail.signature) ?? '';
  const key = index === null ? at : `${index} ${isHidden}`;
  const same = thoughts.get(key);
  if (same === undefined) thoughts.set(key, { at, index, isHidden, text, proof });
  else {
    same.text += text;
    same.proof = proof || same.proof;
  }
}

function blockOf({ at, isHidden, text, proof }: Thought): RequestBlock {
  const made = requestBlock({ type: 'reasoning', form: isHidden ? 'hidden' : 'summary' }, text, at);
  if (proof === '') return made;
  return { ...made, attached: [{ type: isHidden ? 'redacted' : 'signature', of: MESSAGES, data: proof }] };
}
