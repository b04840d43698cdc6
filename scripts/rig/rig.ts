/**
 * The surroundings of a measurement or a chaos case: fake providers, built gateways, a real Prometheus, load, each in
 * processes of its own on loopback. All of them are ended when the rig's user is done, whether or not it failed.
 */
import { Load } from '../load/driver.ts';
import type { TalliedSpec } from '../load/protocol.ts';
import { FakeProvider } from './fake-provider.ts';
import { type GatewayOptions, type RunningGateway, startGateway } from './gateway.ts';
import type { ConfigInput } from './gateway-config.ts';
import { GatewayUnderPm2 } from './gateway-under-pm2.ts';
import { type Prometheus, startPrometheus } from './prometheus.ts';

/** Something that runs until it is ended. */
interface Running {
  end(): Promise<void>;
}

/** All that one measurement or case has started. */
export class Rig {
  static readonly #up = new Set<Rig>();
  readonly #running: Running[] = [];

  /** Runs `use` with a rig and ends everything in it afterwards. */
  static async with<T>(use: (rig: Rig) => Promise<T>): Promise<T> {
    const rig = new Rig();
    Rig.#up.add(rig);
    try {
      return await use(rig);
    } finally {
      await rig.#end();
    }
  }

  /** Ends everything in every rig, for a run that is aborted. */
  static async endAll(): Promise<void> {
    for (const rig of Rig.#up) await rig.#end();
  }

  /** Adds something to the rig. What was added last is ended first. */
  add<T extends Running>(running: T): T {
    this.#running.push(running);
    return running;
  }

  async provider(dialect: 'openai' | 'anthropic' = 'openai'): Promise<FakeProvider> {
    return this.add(await FakeProvider.start(dialect));
  }

  /** A built gateway. */
  async gateway(config: ConfigInput, options: Omit<GatewayOptions, 'built'> = {}): Promise<RunningGateway> {
    return this.add(await startGateway(config, { ...options, built: true }));
  }

  async gatewayUnderPm2(config: ConfigInput): Promise<GatewayUnderPm2> {
    return this.add(await GatewayUnderPm2.start(config));
  }

  /** Scrapes the page on that admin port once a second from now on. */
  async prometheus(adminPort: number): Promise<Prometheus> {
    return this.add(await startPrometheus([adminPort]));
  }

  /** A load process, with tallied load if it is given a specification. */
  async load(spec: TalliedSpec | null = null): Promise<Load> {
    const load = this.add(new Load());
    if (spec !== null) await load.start(spec);
    return load;
  }

  async #end(): Promise<void> {
    Rig.#up.delete(this);
    const failures: unknown[] = [];
    for (let running = this.#running.pop(); running !== undefined; running = this.#running.pop()) {
      await running.end().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw new AggregateError(failures, 'a part of the rig could not be ended');
  }
}
