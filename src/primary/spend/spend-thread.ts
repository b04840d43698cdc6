/**
 * The thread that has the spend books open: a slow or full disk holds up this thread alone. It answers each message with
 * one of the same number. What fails is told and tried again with the next totals; the file is opened anew then.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { systemCode } from '../../shared/host/system-code.ts';
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
  | { readonly number: number; readonly type: 'read'; readonly query: SpendQuery };

/** Without `problem` it was done. */
export interface SpendReply {
  readonly number: number;
  readonly rows?: readonly SpendRow[];
  /** A code such as `ENOSPC`, else a message. */
  readonly problem?: string;
}

let books: SpendFile | null = null;

function answer(request: SpendRequest): SpendReply {
  const { number } = request;
  try {
    books ??= new SpendFile(String(workerData));
    if (request.type === 'read') return { number, rows: books.read(request.query) };
    books.add(request.epoch, request.totals, request.wallMs);
    return { number };
  } catch (error) {
    close();
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
