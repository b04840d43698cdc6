/** Runs cells, several at a time, and adds up what became of them. */
import { type Cell, type Tried, tryCell } from './cells.ts';
import type { Provider } from './providers/provider.ts';

/** Requests at a time. */
const AT_A_TIME = 12;

/**
 * Makes the requests of all cells.
 *
 * @param url of the gateway
 * @param told gets each result as it comes
 */
export async function runCells(
  cells: readonly Cell[],
  provider: Provider,
  url: string,
  told: (tried: Tried) => void,
): Promise<void> {
  let next = 0;
  const line = async () => {
    for (let cell = cells[next++]; cell !== undefined; cell = cells[next++]) told(await tryCell(cell, provider, url));
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, line));
}
