/**
 * Writes a stream of response events.
 *
 *   start                  → response.created, response.in_progress
 *   open, delta, close     → the events of items (`output.ts`)
 *   end                    → the ends of the items, and response.completed or response.incomplete
 *
 * The last event repeats all items, so they are kept, and counted as held.
 */
import type { ResponseObject } from '../../wire/responses.ts';
import type { Finish, HubEvent, Usage } from '../hub.ts';
import type { AnswerContext, StreamWriter, ToldAnswer } from '../types.ts';
import { EventWriter } from './event-writer.ts';
import { keptTools } from './kept.ts';
import { ResponseOutput } from './output.ts';
import { endOf, frameOf, idPart, type ResponseFrame, responseOf } from './response.ts';

const NOTHING = Buffer.alloc(0);

export class ResponseWriter implements StreamWriter {
  readonly #context: AnswerContext;
  readonly #events = new EventWriter();
  readonly #output: ResponseOutput;
  #frame: ResponseFrame | null = null;
  #finish: Finish | null = null;
  #usage: Usage | null = null;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#output = new ResponseOutput(idPart(context.requestId), keptTools(context.asked));
  }

  get heldBytes(): number {
    return this.#output.heldBytes;
  }

  get soFar(): ToldAnswer {
    return { answer: this.#response('in_progress'), nextEvent: this.#events.next };
  }

  write(event: HubEvent): Buffer {
    switch (event.type) {
      case 'start':
        return this.#start(event.model);
      case 'finish':
        this.#finish = event.finish;
        return NOTHING;
      case 'usage':
        this.#usage = event.usage;
        return NOTHING;
      case 'end':
        return this.#end();
      case 'open':
      case 'delta':
      case 'attach':
      case 'close': {
        const events = this.#output.take(event);
        return events.length === 0 ? NOTHING : this.#events.write(events);
      }
      default:
        return event satisfies never;
    }
  }

  #start(model: string | null): Buffer {
    this.#frame = frameOf(this.#context, model);
    const response = this.#response('in_progress');
    return this.#events.write([
      { type: 'response.created', response },
      { type: 'response.in_progress', response },
    ]);
  }

  #end(): Buffer {
    const { status, reason } = endOf(this.#finish);
    const ends = this.#output.end(status === 'incomplete');
    return this.#events.write([...ends, { type: `response.${status}`, response: this.#response(status, reason) }]);
  }

  #response(status: ResponseObject['status'], reason?: string): ResponseObject {
    this.#frame ??= frameOf(this.#context, null);
    const { items: output } = this.#output;
    return responseOf(this.#frame, { status, output, usage: this.#usage, ...(reason === undefined ? {} : { reason }) });
  }
}
