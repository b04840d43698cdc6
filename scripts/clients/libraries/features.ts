/** What is tried with each library: what the model says, and what client and provider must then have seen. */
import { asArray, asRecord, type JsonRecord } from '../../../src/shared/json.ts';
import { Faults } from '../cell.ts';
import { type Asked, type DialectName, type ToolCall, usage } from '../provider/conversation.ts';
import type { Script } from '../provider/server.ts';

export const features = [
  'plain',
  'stream',
  'tools',
  'streamed tools',
  'dialogue',
  'structured',
  'error',
  'streamed error',
] as const;
export type Feature = (typeof features)[number];

export const system = 'You are terse.';
export const prompt = 'What is the weather in Paris and in Rome? 天気は？ 🌦️';
export const second = 'And tomorrow?';

const text = 'Bonjour — 你好, "quoted"\n\tand 👩‍👩‍👧 \\ done.';
const answer = 'Both have 21 degrees.';
const thought = 'Two cities, two calls.';
const cities = ['Paris', 'Rome'];
const object = { city: 'Paris', degrees: 21 };
const failure = { status: 400, type: 'invalid_request_error', message: 'the model is a teapot' } as const;

const idPrefix: Readonly<Record<DialectName, string>> = { chat: 'call_', responses: 'call_', messages: 'toolu_' };

/** What the provider says. */
export function scriptOf(feature: Feature): Script {
  return (asked) => {
    const call = (id: string, given: unknown, name = asked.tools[0]?.name ?? 'none'): ToolCall => ({
      id: `${idPrefix[asked.dialect]}${id}`,
      name,
      arguments: given,
    });
    switch (feature) {
      case 'plain':
      case 'stream':
        return { kind: 'text', text };
      case 'tools':
      case 'streamed tools':
        return asked.results.length > 0
          ? { kind: 'text', text: answer }
          : { kind: 'calls', calls: cities.map((city) => call(city.toLowerCase(), { city })), thought };
      case 'dialogue':
        return asked.prompt === second ? { kind: 'text', text: answer } : { kind: 'text', text, thought };
      case 'structured':
        return asked.schema === null
          ? { kind: 'calls', calls: [call('answer', object)] }
          : { kind: 'text', text: JSON.stringify(object) };
      case 'error':
      case 'streamed error':
        return { kind: 'error', ...failure };
    }
  };
}

/** What was tried. */
interface Tried {
  readonly feature: Feature;
  /** The dialect of the client. */
  readonly face: DialectName;
  readonly target: DialectName;
  /** Whether the provider must have been asked for a stream. */
  readonly streams: boolean;
  /** Whether the client sends ids of what was thought. */
  readonly sendsIds: boolean;
}

/** What was wrong with a case. @param outcome what the library's driver reported */
export function faultsOf(
  { feature, face, target, streams, sendsIds }: Tried,
  outcome: JsonRecord,
  asked: readonly Asked[],
): readonly string[] {
  const faults = new Faults();
  const isError = feature === 'error' || feature === 'streamed error';
  const error = asRecord(outcome.error);
  if (error !== null && !isError) {
    faults.holds(`the client failed: ${String(error.name)} ${String(error.message)}\n${String(error.stack)}`, false);
  }
  checkRequests(faults, feature, streams, asked);
  if (error === null || isError) checkOutcome(faults, feature, outcome);
  if (feature === 'tools' || feature === 'streamed tools') {
    checkTools(faults, asked);
    // What a model thought goes back to it, or it refuses the history. A chat has no place for that, and most of its
    // libraries drop what they do not know.
    const comesBack = target === face || face === 'messages' || (face === 'responses' && !sendsIds);
    if (target !== 'chat' && comesBack) {
      faults.same('thoughts that came back', asked[1]?.signatures, [`signature of ${thought}`]);
    }
  }
  return faults.lines;
}

/** What was wrong with a case that is refused. @param words what the client must be told */
export function faultsOfRefusal(words: string, outcome: JsonRecord): readonly string[] {
  const message = String(asRecord(outcome.error)?.message);
  return message.includes(words) ? [] : [`it is not refused with ${words}: ${message}`];
}

function checkOutcome(faults: Faults, feature: Feature, outcome: JsonRecord): void {
  switch (feature) {
    case 'stream':
      faults.holds(`it came in one piece: ${String(outcome.pieces)}`, Number(outcome.pieces) > 1);
      faults.same('text', outcome.text, text);
      faults.same('usage', outcome.usage, usage);
      return;
    case 'plain':
      faults.same('text', outcome.text, text);
      faults.same('usage', outcome.usage, usage);
      return;
    case 'tools':
    case 'streamed tools':
      // Some libraries run them at the same time.
      faults.same('calls', asArray(outcome.called).toSorted(), cities);
      faults.same('text', outcome.text, answer);
      return;
    case 'dialogue':
      faults.same('text', outcome.text, answer);
      return;
    case 'structured':
      faults.same('object', outcome.object, object);
      return;
    case 'error':
    case 'streamed error': {
      const error = asRecord(outcome.error);
      const status = error?.status ?? null;
      // Some libraries raise a stream's refusal in an error of their own without a status; its words are there.
      if (status !== null || feature === 'error') faults.same('status', status, failure.status);
      faults.holds(`message: ${String(error?.message)}`, String(error?.message).includes(failure.message));
    }
  }
}

function checkRequests(faults: Faults, feature: Feature, streams: boolean, asked: readonly Asked[]): void {
  const isTools = feature === 'tools' || feature === 'streamed tools';
  const isDialogue = feature === 'dialogue';
  faults.same('requests', asked.length, isTools || isDialogue ? 2 : 1);
  if (isDialogue) faults.same('what was said', asked[1]?.said, [text]);
  for (const [index, each] of asked.entries()) {
    faults.same('streamed', each.stream, streams);
    faults.same('prompt', each.prompt, isDialogue && index > 0 ? second : prompt);
    faults.holds(`instructions: ${each.system}`, each.system.includes(system));
  }
  if (feature !== 'structured') return;
  const properties = asRecord((asked[0]?.schema ?? asked[0]?.tools[0]?.parameters)?.properties);
  faults.same('properties of the schema', Object.keys(properties ?? {}), Object.keys(object));
}

function checkTools(faults: Faults, asked: readonly Asked[]): void {
  for (const { tools } of asked) {
    faults.same(
      'tools',
      tools.map(({ name, description }) => [name, description]),
      [['get_weather', 'Tells the weather of a city']],
    );
    const city = asRecord(asRecord(tools[0]?.parameters?.properties)?.city);
    faults.same('type of the argument', city?.type, 'string');
  }
  const { calls = [], results = [] } = asked[1] ?? {};
  faults.same(
    'calls in the history',
    calls.map(({ name, arguments: given }) => [name, given]),
    cities.map((city) => ['get_weather', { city }]),
  );
  faults.same(
    'results in the history',
    results,
    calls.map(({ id }, index) => ({ id, text: `${cities[index]}: 21 degrees` })),
  );
}
