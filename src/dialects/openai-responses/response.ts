/**
 * Writes the response around its items. Clients want all its fields, though many only repeat the request: what it did not
 * say and what nobody knows is null, or OpenAI's default where the published schema (openresponses.org) allows no null.
 */
import { createHash } from 'node:crypto';
import { asArray, asRecord, type JsonRecord } from '../../shared/json.ts';
import type { OutputItem, ResponseObject, ResponseUsage } from '../../wire/responses.ts';
import type { Finish, Usage } from '../hub.ts';
import { servedTier } from '../openai-tiers.ts';
import type { AnswerContext } from '../types.ts';

/** What is known of an answer, whatever is in it. */
export interface ResponseFrame {
  readonly id: string;
  readonly model: string;
  /** In unix seconds. */
  readonly createdAt: number;
  /** What was kept of the request. */
  readonly asked: JsonRecord;
}

/** The frame of an answer to this request. @param model the provider's name of it; null if it gave none */
export function frameOf(
  { requestId, model: asked, createdAt, ...rest }: FrameContext,
  model: string | null,
): ResponseFrame {
  return { id: `resp_${idPart(requestId)}`, model: model ?? asked, createdAt, asked: rest.asked ?? {} };
}

type FrameContext = Pick<AnswerContext, 'model' | 'requestId' | 'createdAt' | 'asked'>;

/**
 * What ids are made of: the same for all of one answer, and another for each. The provider's own id is of another form,
 * and OpenAI takes no ids of more than 64 characters back.
 */
export function idPart(requestId: string): string {
  const plain = requestId.replace(/\W/g, '');
  if (plain.length >= 16 && plain.length <= 32) return plain;
  return createHash('sha256').update(requestId).digest('hex').slice(0, 32);
}

interface ResponseState {
  readonly status: ResponseObject['status'];
  readonly output: readonly OutputItem[];
  /** Null while there are none. */
  readonly usage: Usage | null;
  /** Why it is incomplete. */
  readonly reason?: string;
}

/** All the fields that clients look for. */
export function responseOf(
  { id, model, createdAt, asked }: ResponseFrame,
  { status, output, usage, reason }: ResponseState,
): ResponseObject {
  const reasoning = asRecord(asked.reasoning);
  return {
    id,
    object: 'response',
    created_at: createdAt,
    status,
    completed_at: null,
    background: false,
    error: null,
    incomplete_details: reason === undefined ? null : { reason },
    instructions: asked.instructions ?? null,
    max_output_tokens: asked.max_output_tokens ?? null,
    max_tool_calls: asked.max_tool_calls ?? null,
    model,
    output,
    parallel_tool_calls: asked.parallel_tool_calls ?? true,
    previous_response_id: null,
    prompt_cache_key: asked.prompt_cache_key ?? null,
    reasoning: { effort: reasoning?.effort ?? null, summary: reasoning?.summary ?? null },
    safety_identifier: asked.safety_identifier ?? null,
    service_tier: asked.service_tier ?? 'default',
    ...servedTier(usage),
    store: false,
    temperature: asked.temperature ?? 1,
    text: textOf(asRecord(asked.text)),
    tool_choice: asked.tool_choice ?? 'auto',
    tools: asArray(asked.tools).map(toolOf),
    top_logprobs: 0,
    top_p: asked.top_p ?? 1,
    presence_penalty: 0,
    frequency_penalty: 0,
    truncation: asked.truncation ?? 'disabled',
    usage: usage === null && (status === 'in_progress' || status === 'failed') ? null : writeUsage(usage),
    user: asked.user ?? null,
    metadata: asked.metadata ?? {},
  };
}

/** With the fields that a request may leave out and a response may not. */
function toolOf(value: unknown): unknown {
  const tool = asRecord(value);
  return tool?.type === 'function' ? { description: null, parameters: null, strict: null, ...tool } : value;
}

function textOf(text: JsonRecord | null): JsonRecord {
  const format = asRecord(text?.format) ?? { type: 'text' };
  const isSchema = format.type === 'json_schema';
  return { ...text, format: isSchema ? { description: null, strict: false, ...format } : format };
}

/** How a response ends, by why its answer did. */
export function endOf(
  finish: Finish | null,
): Pick<ResponseState, 'reason'> & { readonly status: 'completed' | 'incomplete' } {
  if (finish === null) return { status: 'completed' };
  switch (finish.reason) {
    case 'length':
    case 'context-length':
      return { status: 'incomplete', reason: 'max_output_tokens' };
    case 'filtered':
      return { status: 'incomplete', reason: 'content_filter' };
    case 'stop':
    case 'stop-sequence':
    case 'calls':
    case 'pause':
    case 'error':
    case 'other':
      return { status: 'completed' };
    default:
      return finish.reason satisfies never;
  }
}

/** Token counts in OpenAI's fields; all 0 if the provider sent none, since clients read them without a look. */
function writeUsage(usage: Usage | null): ResponseUsage {
  const { input, output, cacheRead, cacheWrite, reasoning } = usage ?? none;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cacheRead, cache_write_tokens: cacheWrite },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  };
}

const none: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
