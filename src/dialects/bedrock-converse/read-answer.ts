/** Reads a whole answer of `Converse` into the neutral form. It names neither its id nor its model. */
import { asArray, asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { asExactRecord } from '../../wire/exact-json.ts';
import type { Block, HubAnswer } from '../hub.ts';
import { UnreadableAnswerError } from '../upstream-error.ts';
import { errorNamedIn } from './errors.ts';
import { callHead, citation, finishOf, foreignHead, proofs, reasoningHead, usageOf } from './facts.ts';

/** Throws `UnreadableAnswerError`; it holds the provider's error if the answer is one. */
export function readAnswer(answer: JsonRecord): HubAnswer {
  const content = asRecord(asRecord(answer.output)?.message)?.content;
  if (!Array.isArray(content)) {
    const error = errorNamedIn(answer);
    if (error !== null) throw new UnreadableAnswerError('the answer is an error inside a 200', { error });
    throw new UnreadableAnswerError('the answer has no content', { otherForm: true });
  }
  return {
    id: null,
    model: null,
    blocks: content.flatMap((block) => readBlock(asRecord(block) ?? {})),
    finish: finishOf(answer),
    usage: usageOf(answer),
  };
}

function readBlock(block: JsonRecord): Block[] {
  const text = asString(block.text);
  if (text !== null) return [{ head: { type: 'text' }, text, attached: [] }];
  const tool = asRecord(block.toolUse);
  if (tool !== null) {
    return [{ head: callHead(tool), text: JSON.stringify(asExactRecord(tool.input) ?? {}), attached: [] }];
  }
  const reasoning = asRecord(block.reasoningContent);
  if (reasoning !== null) return readReasoning(reasoning);
  const cited = asRecord(block.citationsContent);
  if (cited !== null) {
    const texts = asArray(cited.content).map((piece) => asString(asRecord(piece)?.text) ?? '');
    return [{ head: { type: 'text' }, text: texts.join(''), attached: asArray(cited.citations).map(citation) }];
  }
  return Object.keys(block).length === 0 ? [] : [{ head: foreignHead(block), text: '', attached: [] }];
}

function readReasoning(reasoning: JsonRecord): Block[] {
  const { text, signature } = asRecord(reasoning.reasoningText) ?? {};
  const thought = asString(text) ?? '';
  const attached = proofs({ signature, redactedContent: reasoning.redactedContent });
  if (thought === '' && attached.length === 0) return [];
  return [{ head: reasoningHead(thought !== ''), text: thought, attached }];
}
