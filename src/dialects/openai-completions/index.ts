/** OpenAI's completions of a text: older than chats, and still what code models and many local servers are asked in. */
import { openaiChat } from '../openai-chat/index.ts';
import { usageWish } from '../openai-chat/usage-wish.ts';
import { spokenLike } from '../spoken-like.ts';
import type { Dialect } from '../types.ts';
import { arrive } from './arrive.ts';
import { readError } from './errors.ts';
import { COMPLETIONS } from './facts.ts';
import { CompletionCollector, split } from './forms.ts';
import { inspect } from './inspect.ts';
import { CompletionStream } from './watch.ts';

export const openaiCompletions: Dialect = {
  name: COMPLETIONS,
  isPaidText: true,
  ...spokenLike(openaiChat),
  arrive,
  inspect,
  watch: (context) => new CompletionStream(context),
  split,
  collect: () => new CompletionCollector(),
  readError,
  usageWish,
};
