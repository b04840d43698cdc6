/** The client libraries, and the faces of each: how it can speak. */
import type { DialectName } from '../provider/conversation.ts';

export interface Library {
  readonly language: 'node' | 'python';
  /** Its driver, in the folder of its language. */
  readonly driver: string;
  /** The names of its faces in the driver, with the dialect that each speaks. */
  readonly faces: Readonly<Record<string, DialectName>>;
  /** A face that asks for a stream whatever its user does. */
  readonly alwaysStreams?: string;
  /**
   * A face that sends ids in place of what was said and thought before, unless it is told otherwise. Only the provider that
   * has kept it can know it by them.
   */
  readonly sendsIds?: string;
}

export const libraries: readonly Library[] = [
  { language: 'node', driver: 'openai.mjs', faces: { chat: 'chat', responses: 'responses' } },
  { language: 'node', driver: 'anthropic.mjs', faces: { messages: 'messages' } },
  {
    language: 'node',
    driver: 'ai-sdk.mjs',
    faces: {
      responses: 'responses',
      'responses, store: false': 'responses',
      chat: 'chat',
      compatible: 'chat',
      messages: 'messages',
    },
    sendsIds: 'responses',
  },
  { language: 'node', driver: 'agents.mjs', faces: { responses: 'responses', chat: 'chat' } },
  { language: 'python', driver: 'openai_client.py', faces: { chat: 'chat', responses: 'responses' } },
  { language: 'python', driver: 'anthropic_client.py', faces: { messages: 'messages' } },
  { language: 'python', driver: 'agents_client.py', faces: { responses: 'responses', chat: 'chat' } },
  { language: 'python', driver: 'langchain_client.py', faces: { chat: 'chat', responses: 'responses' } },
  {
    language: 'python',
    driver: 'pydantic_client.py',
    faces: { chat: 'chat', responses: 'responses', messages: 'messages' },
    alwaysStreams: 'messages',
  },
];
