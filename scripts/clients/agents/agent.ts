/** What the script must know of an agent: how it is started, and what it says at its end. */
import type { DialectName } from '../provider/conversation.ts';

/** How an agent is started once. */
export interface AgentStart {
  readonly gatewayUrl: string;
  readonly model: string;
  readonly prompt: string;
  /** Its home, empty. It may write there. */
  readonly home: string;
  /** The folder of `node_modules`. */
  readonly packages: string;
}

/** A program with its arguments and what its environment must have. */
export interface AgentCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface Agent {
  readonly name: string;
  readonly face: DialectName;
  /** The targets that it is tried with. */
  readonly targets: readonly DialectName[];
  /** The tool by which it reads a file, as it offers it. */
  readonly readTool: string;
  /** The arguments of that tool for a file. */
  readArguments(file: string): unknown;
  /** An answer that is silent for longer than so many ms is given up, if the agent can be told that. */
  readonly patienceMs: number;
  command(start: AgentStart): AgentCommand;
  /** Its last answer, from what it wrote; null for none. */
  answer(output: string): string | null;
  /** What it says of a failure, from what it wrote. */
  failure(output: string): string;
}
