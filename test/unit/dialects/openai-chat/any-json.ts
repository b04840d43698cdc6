/** Any JSON, whose names and values have a meaning in an answer more often than chance would have it. */
import fc from 'fast-check';

const names = fc.constantFrom(
  ...['choices', 'index', 'delta', 'message', 'finish_reason', 'native_finish_reason', 'stop_reason', 'usage', 'id'],
  ...['model', 'content', 'reasoning', 'reasoning_content', 'refusal', 'tool_calls', 'function', 'name', 'arguments'],
  ...['function_call', 'custom', 'extra_content', 'annotations', 'audio', 'images', 'type', 'text', 'thinking'],
  ...['error', 'code', 'object', 'x_groq', 'prompt_tokens', 'total_tokens', '__proto__'],
);
const words = fc.constantFrom('text', 'thinking', 'refusal', 'stop', 'error', 'tool_calls', 'message_start', '{}', 'a');

const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.oneof(words, fc.integer({ min: -1, max: 3 }), fc.constantFrom(null, true, false, '')),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(names, tie('json'), { maxKeys: 6 }),
  ),
}));

/** A delta or message in a choice, half of the time. */
export const anyRecord: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  fc.dictionary(names, json, { maxKeys: 8 }),
  fc
    .record({ delta: fc.dictionary(names, json, { maxKeys: 8 }), finish_reason: json })
    .map((choice) => ({ choices: [{ index: 0, message: choice.delta, ...choice }] })),
);
