/**
 * What most cases stand on: fake providers, the built gateway, a real Prometheus, load; each in processes of its own, on
 * loopback, and all of them ended when the case is over, however it ended.
 */
import { endPrometheus, type Prometheus, startPrometheus } from '../../test/helpers/prometheus.ts';
import { type GatewayUnderTest, startBuilt } from '../bench/gateway-under-test.ts';
import { FakeProvider } from './fake-provider.ts';
import { Load } from './load.ts';
import type { LoadSpec } from './load-protocol.ts';

/** A configuration in the shape of the file. */
export type ConfigInput = Readonly<Record<string, unknown>>;

export class Rig {
  static readonly #up = new Set<Rig>();
  readonly #endings: (() => Promise<void>)[] = [];

  /** Runs `use` with a rig and takes it down afterwards. */
  static async with<T>(use: (rig: Rig) => Promise<T>): Promise<T> {
    const rig = new Rig();
    Rig.#up.add(rig);
    try {
      return await use(rig);
    } finally {
      await rig.#end();
    }
  }

  /** Takes down every rig that is up: for a run that is broken off. */
  static async endAll(): Promise<void> {
    for (const rig of Rig.#up) await rig.#end();
  }

  /** Has `end` called when the case is over; what came last ends first. */
  atEnd(end: () => Promise<void>): void {
    this.#endings.push(end);
  }

  async provider(dialect: 'openai' | 'anthropic' = 'openai'): Promise<FakeProvider> {
    const provider = await FakeProvider.start(dialect);
    this.atEnd(() => provider.stop());
    return provider;
  }

  /** @param nodeOptions flags of Node for the primary and its workers */
  async gateway(config: ConfigInput, nodeOptions: readonly string[] = []): Promise<GatewayUnderTest> {
    const gateway = await startBuilt(config, nodeOptions);
    this.atEnd(() => gateway.stop());
    return gateway;
  }

  /** Scrapes the page on that admin port once a second from now on. */
  async prometheus(adminPort: number): Promise<Prometheus> {
    this.atEnd(endPrometheus);
    return startPrometheus(adminPort);
  }

  async load(spec: LoadSpec): Promise<Load> {
    const load = await Load.start(spec);
    this.atEnd(() => load.end());
    return load;
  }

  async #end(): Promise<void> {
    Rig.#up.delete(this);
    for (let end = this.#endings.pop(); end !== undefined; end = this.#endings.pop()) await end();
  }
}

/**
 * Workers on free ports before one provider named `openai`, model `gpt-4` at it.
 *
 * @param extra further blocks of the file, or others in the place of these
 */
export function chaosConfig(provider: FakeProvider, workers: number, extra: ConfigInput = {}): ConfigInput {
  return {
    version: 1,
    server: { port: 0 },
    admin: { port: 0 },
    workers,
    providers: { openai: { type: 'openai', base_url: `http://127.0.0.1:${provider.port}/v1`, api_key: 'sk-chaos' } },
    models: { 'gpt-4': { targets: [{ provider: 'openai', model: 'gpt-4' }] } },
    ...extra,
  };
}
