/** What is tried with each agent: what the model says and how it is delivered, and what the agent must make of it. */
import type { Faults } from '../cell.ts';
import type { Asked, DialectName, Reply } from '../provider/conversation.ts';
import type { Script } from '../provider/server.ts';
import type { Agent } from './agent.ts';

/** What is known when an agent has ended. */
export interface AgentRun {
  readonly output: string;
  readonly errorOutput: string;
  /** Null if it was killed, since it did not end. */
  readonly code: number | null;
  readonly asked: readonly Asked[];
}

export interface AgentCase {
  readonly name: string;
  /** Which of a target's models it asks for. */
  readonly kind: 'one' | 'two' | 'warm';
  readonly script: Script;
  /** What was wrong. */
  check(run: AgentRun, faults: Faults): void;
}

const answer = 'Done: 42 — 你好.';
const thought = 'It is in the file.';
const text = (said: string): Reply => ({ kind: 'text', text: said });
const isSecond = ({ model }: Asked) => model.endsWith('-second');

/** The cases of an agent at a target. @param file holds `word`, which the agent can only know by its tool */
export function agentCases(agent: Agent, target: DialectName, file: string, word: string): readonly AgentCase[] {
  const answered = (run: AgentRun, faults: Faults, meant = answer) => {
    const seen = agent.answer(run.output);
    faults.same('answer', seen, meant);
    if (seen !== meant) faults.holds(`it wrote: ${agent.failure(run.output)} ${run.errorOutput.slice(-1000)}`, false);
    faults.same('exit code', run.code, 0);
  };
  const fromSecond = (run: AgentRun, faults: Faults) => {
    answered(run, faults);
    faults.same('requests to the second target', run.asked.filter(isSecond).length, 1);
  };
  const once = (run: AgentRun, faults: Faults) => faults.same('requests', run.asked.length, 1);

  return [
    {
      name: 'answer',
      kind: 'one',
      script: () => text(answer),
      check(run, faults) {
        answered(run, faults);
        once(run, faults);
      },
    },
    {
      name: 'tool',
      kind: 'one',
      script: ({ results }) => {
        const read = results.find((result) => result.text.includes(word));
        if (read !== undefined) return text(`It says ${word}.`);
        if (results.length > 0) return text('It says nothing.');
        const call = { id: target === 'messages' ? 'toolu_read' : 'call_read', name: agent.readTool };
        return { kind: 'calls', calls: [{ ...call, arguments: agent.readArguments(file) }], thought };
      },
      check(run, faults) {
        answered(run, faults, `It says ${word}.`);
        faults.same('requests', run.asked.length, 2);
        faults.holds(
          `it offers no ${agent.readTool} but ${run.asked[0]?.tools.map(({ name }) => name).join(', ')}`,
          run.asked[0]?.tools.some(({ name }) => name === agent.readTool) ?? false,
        );
        const { calls = [], results = [] } = run.asked[1] ?? {};
        faults.same(
          'calls in the history',
          calls.map((call) => [call.name, call.arguments]),
          [[agent.readTool, agent.readArguments(file)]],
        );
        faults.same('pairs of call and result', [results[0]?.id, results.length], [calls[0]?.id, 1]);
        if (target !== 'chat') {
          faults.same('thoughts that came back', run.asked[1]?.signatures, [`signature of ${thought}`]);
        }
      },
    },
    {
      name: 'refused',
      kind: 'one',
      script: () => ({ kind: 'error', status: 400, type: 'invalid_request_error', message: 'the model is a teapot' }),
      check(run, faults) {
        faults.same('answer', agent.answer(run.output), null);
        faults.holds(
          `it does not say why: ${agent.failure(run.output)}`,
          agent.failure(run.output).includes('the model is a teapot'),
        );
        faults.same('exit code', run.code, 1);
        // How often is the agent's own: Claude Code asks five more times, each with another set of parameters.
        faults.holds('nothing was asked', run.asked.length > 0);
      },
    },
    {
      name: 'overloaded',
      kind: 'two',
      script: (asked) =>
        isSecond(asked)
          ? text(answer)
          : {
              kind: 'error',
              status: target === 'messages' ? 529 : 503,
              type: 'overloaded_error',
              message: 'Overloaded',
            },
      check: fromSecond,
    },
    {
      name: 'cut before content',
      kind: 'two',
      script: (asked) => (isSecond(asked) ? text(answer) : { ...text('Lost.'), cutAfter: 'head' }),
      check: fromSecond,
    },
    {
      name: 'cut after content',
      kind: 'one',
      script: (_, nth) => (nth > 0 ? text(answer) : { ...text('Half of an answer that never'), cutAfter: 'content' }),
      check(run, faults) {
        answered(run, faults);
        faults.same('requests', run.asked.length, 2);
      },
    },
    {
      name: 'silence',
      kind: 'warm',
      script: () => ({ ...text(answer), silentMs: agent.patienceMs + 2_000 }),
      check(run, faults) {
        answered(run, faults);
        once(run, faults);
      },
    },
  ];
}
