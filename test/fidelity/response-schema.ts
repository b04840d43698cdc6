/**
 * What the published schema of Open Responses (openresponses.org) demands of a response and of the events of its stream,
 * in words of our own. Fields beside those are allowed.
 */
import { z } from 'zod';

const text = z.string();
const whole = z.number().int();
const index = whole.min(0);
const list = z.array(z.unknown());

const outputText = z.object({ type: z.literal('output_text'), text, annotations: list, logprobs: list });
const refusal = z.object({ type: z.literal('refusal'), refusal: text });
const summaryText = z.object({ type: z.literal('summary_text'), text });
const reasoningText = z.object({ type: z.literal('reasoning_text'), text });
const part = z.discriminatedUnion('type', [outputText, refusal, summaryText, reasoningText]);

const id = text.min(1);
const status = z.enum(['in_progress', 'completed', 'incomplete']);
const item = z.discriminatedUnion('type', [
  z.object({ type: z.literal('message'), id, status, role: z.literal('assistant'), content: z.array(part) }),
  z.object({ type: z.literal('function_call'), id, status, call_id: id, name: id, arguments: text }),
  z.object({
    type: z.literal('reasoning'),
    id,
    status: status.optional(),
    summary: z.array(summaryText),
    content: z.array(reasoningText).optional(),
    encrypted_content: text.optional(),
  }),
]);

const tool = z.object({
  type: z.literal('function'),
  name: id,
  description: text.nullable(),
  parameters: z.record(text, z.unknown()).nullable(),
  strict: z.boolean().nullable(),
});

const usage = z.object({
  input_tokens: index,
  output_tokens: index,
  total_tokens: index,
  input_tokens_details: z.object({ cached_tokens: index }),
  output_tokens_details: z.object({ reasoning_tokens: index }),
});

const format = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({ type: z.literal('json_schema'), name: id, description: text.nullable(), strict: z.boolean() }),
]);

/** All 32 fields. */
export const responseSchema = z.object({
  id,
  object: z.literal('response'),
  created_at: whole,
  completed_at: whole.nullable(),
  status: z.enum(['in_progress', 'completed', 'incomplete', 'failed']),
  incomplete_details: z.object({ reason: text }).nullable(),
  model: id,
  previous_response_id: text.nullable(),
  instructions: text.nullable(),
  output: z.array(item),
  error: z.object({ code: text, message: text }).nullable(),
  tools: z.array(tool),
  tool_choice: z.union([z.enum(['auto', 'none', 'required']), z.object({ type: text })]),
  truncation: z.enum(['auto', 'disabled']),
  parallel_tool_calls: z.boolean(),
  text: z.object({ format }),
  top_p: z.number(),
  presence_penalty: z.number(),
  frequency_penalty: z.number(),
  top_logprobs: index,
  temperature: z.number(),
  reasoning: z.object({ effort: text.nullable(), summary: text.nullable() }).nullable(),
  user: text.nullable(),
  usage: usage.nullable(),
  max_output_tokens: index.nullable(),
  max_tool_calls: index.nullable(),
  store: z.boolean(),
  background: z.boolean(),
  service_tier: text,
  metadata: z.record(text, text),
  safety_identifier: text.nullable(),
  prompt_cache_key: text.nullable(),
});

export type CheckedResponse = z.infer<typeof responseSchema>;

const atItem = { item_id: id, output_index: index };
const inContent = { ...atItem, content_index: index };
const inSummary = { ...atItem, summary_index: index };

/** What an event must have beside its type and its number. */
const fieldsOf: Readonly<Record<string, z.ZodRawShape>> = {
  'response.created': { response: responseSchema },
  'response.in_progress': { response: responseSchema },
  'response.completed': { response: responseSchema },
  'response.incomplete': { response: responseSchema },
  'response.failed': { response: responseSchema },
  'response.output_item.added': { output_index: index, item },
  'response.output_item.done': { output_index: index, item },
  'response.content_part.added': { ...inContent, part },
  'response.content_part.done': { ...inContent, part },
  'response.output_text.delta': { ...inContent, delta: text, logprobs: list },
  'response.output_text.done': { ...inContent, text, logprobs: list },
  'response.refusal.delta': { ...inContent, delta: text },
  'response.refusal.done': { ...inContent, refusal: text },
  'response.reasoning_text.delta': { ...inContent, delta: text },
  'response.reasoning_text.done': { ...inContent, text },
  'response.reasoning_summary_part.added': { ...inSummary, part },
  'response.reasoning_summary_part.done': { ...inSummary, part },
  'response.reasoning_summary_text.delta': { ...inSummary, delta: text },
  'response.reasoning_summary_text.done': { ...inSummary, text },
  'response.function_call_arguments.delta': { ...atItem, delta: text },
  'response.function_call_arguments.done': { ...atItem, arguments: text },
};

const anyEvent = z.object({ type: text, sequence_number: index }).loose();
export type CheckedEvent = z.infer<typeof anyEvent>;

/** An event of a stream, if it is one. Throws with what is wrong in it. */
export function checkedEvent(value: unknown): CheckedEvent {
  const event = anyEvent.parse(value);
  const fields = fieldsOf[event.type];
  if (fields === undefined) throw new Error(`there is no event ${event.type}`);
  z.object(fields).parse(value);
  return event;
}
