/** Writes what a whole message and a stream have in common: the stop reason and the token counts. */
import type { ServedTier, ServerToolUses } from '../../shared/events.ts';
import type { MessageStop, MessageUsage } from '../../wire/messages.ts';
import type { BlockHead, Finish, Usage } from '../hub.ts';

/** What of an answer's blocks says more of its end than the finish reason of some dialects. */
export interface SeenBlocks {
  readonly hasCalls: boolean;
  readonly hasRefusal: boolean;
}

/** What is seen with one more block. */
export function seenWith({ hasCalls, hasRefusal }: SeenBlocks, head: BlockHead): SeenBlocks {
  return {
    hasCalls: hasCalls || (head.type === 'call' && head.by === 'client'),
    hasRefusal: hasRefusal || head.type === 'refusal',
  };
}

/**
 * Anthropic's word for why an answer ended; null where nobody said. Clients call tools only at `tool_use`, but some
 * servers say of every answer that it stopped. A refusal in words is `refusal` too: the text is none that was asked for.
 */
export function writeStop(finish: Finish | null, { hasCalls, hasRefusal }: SeenBlocks): MessageStop {
  if (finish === null) return { stop_reason: null, stop_sequence: null };
  const { reason, stopSequence: stop_sequence } = finish;
  if (reason !== 'stop') return { stop_reason: stopReason(finish), stop_sequence };
  return { stop_reason: hasCalls ? 'tool_use' : hasRefusal ? 'refusal' : 'end_turn', stop_sequence };
}

function stopReason({ reason, raw }: Finish): string {
  switch (reason) {
    case 'stop':
      return 'end_turn';
    case 'stop-sequence':
      return 'stop_sequence';
    case 'length':
      return 'max_tokens';
    case 'context-length':
      return 'model_context_window_exceeded';
    case 'calls':
      return 'tool_use';
    case 'filtered':
      return 'refusal';
    case 'pause':
      return 'pause_turn';
    case 'error':
    case 'other':
      // No known word would be true, and clients must expect new ones.
      return raw;
    default:
      return reason satisfies never;
  }
}

/** Token counts in Anthropic's fields; all 0 if the provider sent none. */
export function writeUsage(usage: Usage | null): MessageUsage {
  const { input, output, cacheRead, cacheWrite, reasoning, cacheWrite1h, serverTools, tier } = usage ?? none;
  return {
    input_tokens: Math.max(0, input - cacheRead - cacheWrite),
    output_tokens: output,
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cacheRead,
    output_tokens_details: { thinking_tokens: reasoning },
    ...(cacheWrite1h === undefined ? {} : { cache_creation: writtenFor(cacheWrite, cacheWrite1h) }),
    ...(serverTools === undefined ? {} : { server_tool_use: searchesOf(serverTools) }),
    ...tierIn(tier),
  };
}

function writtenFor(all: number, anHour: number): NonNullable<MessageUsage['cache_creation']> {
  return { ephemeral_5m_input_tokens: Math.max(0, all - anHour), ephemeral_1h_input_tokens: anHour };
}

/** Of other tools it has no counts. */
function searchesOf({ web_search = 0, web_fetch = 0 }: ServerToolUses): NonNullable<MessageUsage['server_tool_use']> {
  return { web_search_requests: web_search, web_fetch_requests: web_fetch };
}

/** Nothing for a tier that it has no word for. */
function tierIn(tier: ServedTier | undefined): Pick<MessageUsage, 'service_tier'> {
  if (tier === 'default') return { service_tier: 'standard' };
  return tier === 'priority' || tier === 'batch' ? { service_tier: tier } : {};
}

const none: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
