/** What of a request for a response the neutral form does not have. */
import { RequestExtensions, saysNothing } from '../request-extensions.ts';
import { RESPONSES } from './facts.ts';

/** Of one request. */
export class Extensions extends RequestExtensions {
  constructor() {
    super(RESPONSES, (_, value) => saysNothing(value));
  }
}
