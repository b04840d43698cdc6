/**
 * The conversation between the section `primary` and the process that stands for a primary: it is told one flood and
 * answers with one message of figures; what else it started ends with it.
 */

/** Events of plain requests, from so many senders at once, as fast as they are taken in. */
export interface Flood {
  readonly senders: number;
  /** Asked for in turn; each is a handful of series in every snapshot. */
  readonly models: number;
  /** Requests that a sender ends in one turn of its event loop, and so tells of in one message. */
  readonly perTurn: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** Where the checkpoint is kept; the asker's to remove. */
  readonly folder: string;
}

/** What was taken in after the warm-up, and what that cost the process that took it in. */
export interface FloodFigures {
  readonly seconds: number;
  readonly events: number;
  readonly requests: number;
  /** User and system, of all its threads. */
  readonly cpuMicroseconds: number;
  /** Share of the time in which its event loop did not wait for anything, 0..1. */
  readonly loopBusy: number;
  readonly snapshots: number;
  readonly snapshotBytes: number;
  /** Responses that a sender let go before the pipe had taken their events. */
  readonly unconfirmed: number;
  /** Events that a sender did not send because the pipe was full. */
  readonly dropped: number;
}
