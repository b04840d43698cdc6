/** What an attack is: the work of the other side, which is the client and the provider of one worker. */
import type { Socket } from 'node:net';

/** The gateway from outside, as the client's side has it. */
export interface Front {
  readonly port: number;
}

/** Counts answers by what they were: `200`, `503`, or `closed` where the connection ended without one. */
export type Answers = Map<string, number>;

/** One row of the table. */
export interface Attack {
  readonly name: string;
  /**
   * What the client does. Resolves with the answers that it got, when all that was sent is over and nothing of it needs
   * to be in memory any more.
   */
  run(front: Front): Promise<Answers>;
  /** How the provider answers each request; it writes raw HTTP. Default: a short completion. */
  readonly answer?: (socket: Socket) => void;
  /** The most bytes that the worker has to keep at the same time, in MB: its limits count no more of what is sent. */
  readonly keptMb: number;
}

/** Bytes of a megabyte, in all figures. */
export const MB = 2 ** 20;
