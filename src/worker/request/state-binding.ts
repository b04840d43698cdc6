/** That a request goes on from what one provider keeps for one of its keys, and what follows if that one cannot be asked. */
import type { GatewayError } from '../../shared/errors.ts';

/** Which provider keeps what a request goes on from. */
export interface StateBinding {
  /** Its name. */
  readonly provider: string;
  /** The name of its key. */
  readonly key: string;
  /** The id of that there, if it is another than the client's; null if it is the same. */
  readonly keptId: string | null;
  /** What the client is told if that provider must not be asked now, and others can do without what it keeps; else null. */
  readonly unavailable: GatewayError | null;
}
