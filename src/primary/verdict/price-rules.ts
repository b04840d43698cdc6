/** The rule of answers whose price is not known. Pure. */
import { alerts, holds } from './alerts.ts';
import type { Rule } from './facts.ts';

/** HeadgateUnpriced. */
export const judgePrices: Rule = ({ counts }) => {
  const { bounds, ranges } = alerts.HeadgateUnpriced;
  return counts.names('unpriced').flatMap((name) => {
    const [provider = '', model = ''] = name.split('\n');
    const isMissed = holds(counts.increase('paid', provider, ranges.answers), bounds.paid);
    if (!isMissed || !holds(counts.increase('unpriced', name, ranges.answers), bounds.answers)) return [];
    return [
      {
        ...{ model, provider },
        sentence: (since: string) =>
          `the price of ${model} at ${provider} is not known, and the spend lacks it ${since}`,
        cure: () =>
          `Name it in price of the model ${model} and reload; \`headgate price ${model}\` shows what is known.`,
      },
    ];
  });
};
