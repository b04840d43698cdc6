/** An item of a streamed answer while it grows. */
import type { ItemStatus, OutputItem, ResponseEvent } from '../../wire/responses.ts';

export interface GrowingItem {
  readonly id: string;
  /** As far as it has come. */
  readonly value: OutputItem;
  /** The events of its end; to be called once. */
  end(status: ItemStatus): ResponseEvent[];
}
