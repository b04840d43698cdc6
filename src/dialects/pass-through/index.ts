/**
 * The APIs whose requests and answers are passed on and never translated. They differ in a few words alone (`apis.ts`),
 * so they have no folders of their own. Keys, headers and errors are those of chat.
 */
import { openaiChat } from '../openai-chat/index.ts';
import { spokenLike } from '../spoken-like.ts';
import type { Dialect } from '../types.ts';
import { plainApis } from './apis.ts';
import { arrivalOf } from './arrive.ts';
import { readError } from './errors.ts';
import { inspect } from './inspect.ts';
import { inspectAny } from './inspect-any.ts';
import type { PlainApi } from './plain-api.ts';
import { TypedEventStream } from './watch.ts';

const likeChat = spokenLike(openaiChat);

/** Of what may be answered with anything. */
const anyHeaders = {
  ...likeChat.headers,
  sent: () => ({ 'content-type': 'application/json', accept: '*/*' }),
};

/** All of them. */
export const passThroughDialects: readonly Dialect[] = plainApis.map(dialectFor);

function dialectFor(api: PlainApi): Dialect {
  const { name, isPaidText, lists, output } = api;
  return {
    name,
    ...likeChat,
    isPaidText,
    ...(lists === null ? { headers: anyHeaders } : {}),
    anyMediaType: lists === null,
    arrive: arrivalOf(api),
    inspect: (body, arrived, mediaType = '') =>
      lists === null ? inspectAny(output, body, arrived, mediaType) : inspect({ lists, output }, body, arrived),
    watch: (context) => new TypedEventStream(context, output),
    split: () => null,
    collect: () => null,
    readError,
  };
}
