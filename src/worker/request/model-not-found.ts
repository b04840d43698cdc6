/** The error for a name that leads to no model, with the one that was probably meant, of those that clients may ask for. */
import type { Config } from '../../shared/config.ts';
import { GatewayError } from '../../shared/errors.ts';
import { askableNames } from '../../shared/model-names.ts';
import { didYouMean } from '../../shared/nearest-name.ts';

/** What its client gets. */
export function modelNotFound(config: Pick<Config, 'models' | 'aliases'>, asked: string): GatewayError {
  const hint = didYouMean(asked, askableNames(config));
  const end = hint === null ? '.' : `; ${hint}`;
  const text = `The model is not known to this gateway${end} GET /v1/models lists the known ones.`;
  return new GatewayError('model_not_found', text, { param: 'model' });
}
