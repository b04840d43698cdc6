/**
 * The messages between the section `primary` and the process in the place of a primary. It receives one flood and
 * answers with one message of figures. The processes that it has started end with it.
 */

/** Events of plain requests from several senders at the same time, as fast as they are processed. */
export interface Flood {
  readonly senders: number;
  /** Number of models, requested in turn; each is a handful of series in every snapshot. */
  readonly models: number;
  /** Requests that a sender ends in one turn of its event loop, and so reports in one message. */
  readonly perTurn: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** The folder of the checkpoint; the parent removes it. */
  readonly folder: string;
}

/** What was processed after the warm-up, and what it cost the process in the place of a primary. */
export interface FloodFigures {
  readonly seconds: number;
  readonly events: number;
  readonly requests: number;
  /** User and system time of all its threads. */
  readonly cpuMicroseconds: number;
  /** Share of the time in which its event loop was not waiting, 0..1. */
  readonly loopBusy: number;
  readonly snapshots: number;
  readonly snapshotBytes: number;
  /** Responses that a sender released before their events were delivered. */
  readonly unconfirmed: number;
  /** Events that a sender did not send because its pipe was full. */
  readonly dropped: number;
}
