/**
 * The thread that has the spend books open: a slow or full disk holds up this thread alone. It answers each message with
 * one of the same number. What fails is told and tried again with the next totals; the file is opened anew then.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { systemCode } from '../../shared/host/system-code.ts';
import type { KeptHour, KeptStepText } from './kept-hour.ts';
import { SpendFile, type SpendRow } from './spend-file.ts';
import type { SpendQuery } from './spend-query.ts';
import type { SpendTotal } from './spend-totals.ts';

/** What the thread is asked to do. */
export type SpendRequest =
  | {
      readonly number: number;
      readonly type: 'add';
      readonly epoch: string;
      readonly totals: readonly SpendTotal[];
      /** Since 1970. */
      readonly wallMs: number;
    }
  | { readonly number: number; readonly type: 'read'; readonly query: SpendQuery }
  | ({ readonly number: number; readonly type: 'keep-step' } & KeptStepText)
  | { readonly number: number; readonly type: 'kept-hour' }
  | { readonly number: number; readonly type: 'keep-text'; readonly name: string; readonly text: string }
  | { readonly number: number; readonly type: 'kept-text'; readonly name: string };

/** Without `problem` it was done. */
export interface SpendReply {
  readonly number: number;
  readonly rows?: readonly SpendRow[];
  readonly hour?: KeptHour;
  readonly text?: string | null;
  /** A code such as `ENOSPC`, else a message. */
  readonly problem?: string;
}

let books: SpendFile | null = null;

function answer(request: SpendRequest): SpendReply {
  const { number } = request;
  try {
    books ??= new SpendFile(String(workerData));
    switch (request.type) {
      case 'read':
        return { number, rows: books.read(request.query) };
      case 'keep-step':
        books.keepStep(request);
        return { number };
      case 'kept-hour':
        return { number, hour: books.keptHour() };
      case 'keep-text':
        books.keepText(request.name, request.text);
        return { number };
      case 'kept-text':
        return { number, text: books.keptText(request.name) };
      case 'add':
        books.add(request.epoch, request.totals, request.wallMs);
        return { number };
      default:
        return request satisfies never;
    }
  } catch (error) {
    // What is written for history says nothing of the books: these are opened anew only for those who then write all of it.
    if (request.type === 'add' || request.type === 'read') close();
    return { number, problem: systemCode(error) ?? (error instanceof Error ? error.message : 'an error') };
  }
}

function close(): void {
  try {
    books?.close();
  } finally {
    books = null;
  }
}

function serve(port: MessagePort): void {
  port.on('message', (request: SpendRequest) => port.postMessage(answer(request)));
}

if (parentPort !== null) serve(parentPort);
