/**
 * What most tests of whole gateways start from: one fake provider, and a configuration over it. Both are made anew for
 * each test, and nothing that a test has started outlives it.
 */
import { afterEach, beforeEach } from 'mocha';
import { type RunningMock, startMock } from '../../src/mock/server.ts';
import { type ConfigInput, endGateways, gatewayConfig, type RunningGateway } from './gateway.ts';

export class OneProvider {
  #mock: RunningMock | null = null;

  /** To be called in each `describe` whose tests need it. */
  use(): void {
    beforeEach(async () => {
      this.#mock = await startMock({ dialect: 'openai', port: 0 });
    });

    afterEach(async () => {
      await endGateways();
      await this.#mock?.close();
      this.#mock = null;
    });
  }

  get port(): number {
    return this.#running.port;
  }

  /** For faults and shapes. */
  get control(): RunningMock['control'] {
    return this.#running.control;
  }

  get #running(): RunningMock {
    if (this.#mock === null) throw new Error('there is a provider only while a test runs');
    return this.#mock;
  }

  /** `gatewayConfig` over it. */
  get config(): ConfigInput {
    return gatewayConfig(this.port);
  }

  /** The same on the ports of `gateway`, for its successor. */
  onPortsOf(gateway: RunningGateway): ConfigInput {
    return { ...this.config, server: { port: gateway.port }, admin: { port: gateway.adminPort } };
  }
}
