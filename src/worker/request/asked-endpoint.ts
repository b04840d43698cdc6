/** What a request asks for, as its endpoint says it: the dialect, the body, and how its target is found. */
import type { Dialect } from '../../dialects/types.ts';
import type { BodyRule, EndpointLabel, Method, Whose } from '../../shared/endpoints.ts';

/** An endpoint whose requests go to a provider. */
export interface AskedEndpoint {
  /** Under which it is counted. */
  readonly label: EndpointLabel;
  /** In which it is asked, and answers. */
  readonly dialect: Dialect;
  readonly body: BodyRule;
  /** Whether no model thinks about the answer. */
  readonly answersAtOnce: boolean;
  /** Null for a request that names a model. */
  readonly store: AskedStore | null;
}

/** How what a provider stores is asked for. */
interface AskedStore {
  readonly method: Method;
  readonly whose: Whose;
  /** What follows the id in the path: `/content`; '' for nothing. */
  readonly afterId: string;
}
