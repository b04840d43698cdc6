/**
 * The protocol between the process of the demo's fake providers and its parent: the child sends one message with its
 * ports. Messages without the `channel` literal belong to other code and are dropped.
 */

export interface DemoPorts {
  readonly openaiPort: number;
  readonly anthropicPort: number;
}

export interface DemoReady extends DemoPorts {
  readonly channel: 'headgate-demo';
}

/** Whether `value` is the child's message. */
export function isDemoReady(value: unknown): value is DemoReady {
  if (typeof value !== 'object' || value === null) return false;
  const { channel, openaiPort, anthropicPort } = value as Record<string, unknown>;
  return channel === 'headgate-demo' && typeof openaiPort === 'number' && typeof anthropicPort === 'number';
}

/** The child's arguments. With `exact` the child uses these ports or fails, since a gateway already knows them. */
export function demoArguments(ports: DemoPorts, exact: boolean): string[] {
  return [String(ports.openaiPort), String(ports.anthropicPort), ...(exact ? ['exact'] : [])];
}

/** The reverse of `demoArguments`. Throws for other arguments. */
export function readDemoArguments(given: readonly string[]): DemoPorts & { readonly exact: boolean } {
  const [openaiPort, anthropicPort] = given.slice(0, 2).map(Number);
  if (!isPort(openaiPort) || !isPort(anthropicPort)) throw new Error(`two ports are needed, not "${given.join(' ')}"`);
  return { openaiPort, anthropicPort, exact: given[2] === 'exact' };
}

function isPort(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value >= 0 && value <= 65_535;
}
