/** Compares the spend books with the counters. */
import { fetch } from 'undici';
import type { SpendReport } from '../../src/primary/spend/spend-report.ts';
import { eventually } from '../processes/eventually.ts';
import { type ChaosRun, guarantees } from './chaos-case.ts';
import { sumOf } from './judgements.ts';

/** The books are half a second behind, and an orphan's numbers another second. */
const WITHIN_MS = 10_000;

/** Finds that the spend books say what the page says: tokens and nano-dollars, to the unit. */
export async function judgeSpend(
  run: ChaosRun,
  gateway: { readonly adminPort: number; metrics(): Promise<string> },
): Promise<void> {
  let figure = '';
  const agree = async () => {
    const answer = await fetch(`http://127.0.0.1:${gateway.adminPort}/api/spend?by=total`);
    const [books] = ((await answer.json()) as SpendReport).entries;
    const page = await gateway.metrics();
    const written = [books?.tokens.input ?? 0, books?.tokens.output ?? 0, Math.round(Number(books?.usd ?? 0) * 1e9)];
    const counted = [
      sumOf(page, /llm_tokens_total\{[^}]*type="input"[^}]*\}/),
      sumOf(page, /llm_tokens_total\{[^}]*type="output"[^}]*\}/),
      Math.round(sumOf(page, /llm_cost_usd_total\{.*\}/) * 1e9),
    ];
    figure = `books: ${written.join(', ')} input and output tokens and nano-dollars; counters: ${counted.join(', ')}`;
    return counted.every((amount, index) => amount > 0 && amount === written[index]);
  };
  const deadline = performance.now() + WITHIN_MS;
  let holds = false;
  const isDecided = async () => {
    holds = await agree();
    return holds || performance.now() > deadline;
  };
  await eventually('books and counters are compared', isDecided, 2 * WITHIN_MS);
  run.find(guarantees.counted, figure, holds);
}
