/** The faults of the wall: how a provider fails, before or after the client has content of its answer. */
import type { FaultInput } from '../../mock/faults.ts';

type WithoutModel<Input> = Input extends unknown ? Omit<Input, 'model' | 'times'> : never;

export interface WallFault {
  /** What the report calls it. */
  readonly name: string;
  readonly fault: WithoutModel<FaultInput>;
  /** Whether content comes before it. A plain answer has no such moment. */
  readonly after: boolean;
  /**
   * Whether a request may be sent once more without counting as an attempt: its connection was kept from another request,
   * and ended without a byte.
   */
  readonly mayBeResent: boolean;
  /** Whether a gateway may leave the target alone for a while after it; such faults come last. */
  readonly remembered: boolean;
}

/** Longer than any limit of a gateway under test. */
const NEVER_MS = 3_600_000;
const SOME_MS = 100;
/** The name of no fault at all. */
export const HEALTHY = 'healthy';
/** Of eight pieces. */
const AFTER = 3;

function before(name: string, fault: WallFault['fault']): WallFault {
  return { name, fault, after: false, mayBeResent: fault.kind === 'reset', remembered: false };
}

function after(name: string, fault: WallFault['fault']): WallFault {
  return { ...before(name, fault), after: true };
}

function remembered(name: string, fault: WallFault['fault']): WallFault {
  return { ...before(name, fault), remembered: true };
}

const quota = {
  error: {
    message: 'You exceeded your current quota.',
    type: 'insufficient_quota',
    code: 'insufficient_quota',
    param: null,
  },
};

/** In the order of the report. The last is remembered for all models of its provider. */
export const wallFaults: readonly WallFault[] = [
  before(HEALTHY, { kind: 'slow-headers', ms: 0 }),
  before('slow head', { kind: 'slow-headers', ms: SOME_MS }),
  before('slow first content', { kind: 'slow-first-content', ms: SOME_MS }),
  before('byte by byte', { kind: 'split' }),
  before('gzip', { kind: 'gzip' }),
  before('wrong content-type', { kind: 'wrong-type' }),
  before('other form', { kind: 'other-form' }),
  before('no terminal', { kind: 'finish-then-no-end' }),
  before('no terminal, open', { kind: 'finish-then-no-end', how: 'stall' }),
  before('never closed', { kind: 'linger' }),
  before('400', { kind: 'status', status: 400 }),
  before('408', { kind: 'status', status: 408 }),
  before('500', { kind: 'status', status: 500 }),
  before('503', { kind: 'status', status: 503 }),
  before('529', { kind: 'status', status: 529 }),
  before('502, a page', { kind: 'html' }),
  before('200, a page', { kind: 'html', status: 200 }),
  before('reset', { kind: 'reset' }),
  before('hang', { kind: 'hang' }),
  before('head never', { kind: 'slow-headers', ms: NEVER_MS }),
  before('content never', { kind: 'slow-first-content', ms: NEVER_MS }),
  before('empty', { kind: 'empty' }),
  before('half a JSON', { kind: 'bad-json' }),
  before('gzip in name only', { kind: 'gzip', how: 'label' }),
  before('stall at once', { kind: 'stall', afterChunks: 0 }),
  before('stall, comments', { kind: 'stall', afterChunks: 0, commentMs: SOME_MS }),
  before('cut at once, FIN', { kind: 'cut', afterChunks: 0 }),
  before('cut at once, RST', { kind: 'cut', afterChunks: 0, how: 'rst' }),
  before('ends at once', { kind: 'end-early', afterChunks: 0 }),
  before('bad event first', { kind: 'bad-chunk', afterChunks: 0 }),
  before('error first', { kind: 'error-in-stream', afterChunks: 0 }),
  before('failed first', { kind: 'error-in-stream', afterChunks: 0, how: 'finish' }),
  after('stall', { kind: 'stall', afterChunks: AFTER }),
  after('stall, comments', { kind: 'stall', afterChunks: AFTER, commentMs: SOME_MS }),
  after('cut, FIN', { kind: 'cut', afterChunks: AFTER }),
  after('cut, RST', { kind: 'cut', afterChunks: AFTER, how: 'rst' }),
  after('ends early', { kind: 'end-early', afterChunks: AFTER }),
  after('bad event', { kind: 'bad-chunk', afterChunks: AFTER }),
  after('error', { kind: 'error-in-stream', afterChunks: AFTER }),
  after('failed', { kind: 'error-in-stream', afterChunks: AFTER, how: 'finish' }),
  remembered('429', { kind: 'status', status: 429, retryAfter: 1 }),
  remembered('429, no quota', { kind: 'status', status: 429, body: quota }),
  remembered('401', { kind: 'status', status: 401 }),
];

/** Those that are remembered. */
export const rememberedFaults = wallFaults.filter(({ remembered: isRemembered }) => isRemembered);
