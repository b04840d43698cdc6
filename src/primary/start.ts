/**
 * The start and the end of a gateway, in order:
 *
 *   resolve and bind the port → take the locks → read the state of the previous generation → open the admin server
 *   → fork the workers → all slots serve: ready
 *   → stop signal: drain → no process, no port, no file is left
 */

import cluster from 'node:cluster';
import type http from 'node:http';
import type { ActiveConfig } from '../config/in-force.ts';
import type { Clock } from '../shared/clock.ts';
import type { Config } from '../shared/config.ts';
import { addressText } from '../shared/host/loopback.ts';
import type { Log } from '../shared/log.ts';
import type { LogOutput } from '../shared/output/log-output.ts';
import type { Redactor } from '../shared/secrets/redactor.ts';
import { stateFolder } from '../shared/state/state-files.ts';
import type { AdminActions } from './admin/admin-actions.ts';
import { createAdminApp } from './admin/admin-app.ts';
import { createAdminServer } from './admin/admin-server.ts';
import { Certificates } from './certificates/certificates.ts';
import { createGateway } from './gateway.ts';
import { watchForeignListeners } from './host/foreign-listeners.ts';
import { takeGatewayLock } from './host/gateway-lock.ts';
import { ServiceNotices } from './host/service-notices.ts';
import { ClusterModeError, explainListenError } from './host/start-errors.ts';
import { PrimaryRecord } from './processes/primary-record.ts';
import { movesWaitingConnections, openSlotSockets, type SlotSockets } from './processes/slot-sockets.ts';
import { handleSignals } from './signals.ts';

interface StartOptions {
  readonly active: ActiveConfig;
  /** Reads the configuration again; rejects with its errors. */
  readonly reload: () => Promise<ActiveConfig>;
  readonly log: Log;
  /** Where the log's lines go. */
  readonly output: LogOutput;
  /** The log's own: it gets to know what is fetched. */
  readonly redactor: Redactor;
  readonly clock: Clock;
  /** The version of the product, for the status page and `llm_build_info`. */
  readonly version: string;
}

/** A gateway that serves, or that was stopped before it served. */
interface RunningPrimary {
  /** The port in use; a free one if 0 was configured. */
  readonly port: number;
  readonly adminPort: number;
  /** Drains and ends, like SIGTERM. */
  stop(): Promise<void>;
  /** Resolves at the end, with the exit code. */
  readonly done: Promise<number>;
}

/**
 * Starts a gateway; resolves when every slot is ready. Rejects with `PortTakenError`, `AddressError`, `LockTakenError`,
 * `StateFolderTakenError`, `ClusterModeError` or the system's error, and then leaves nothing behind.
 */
export async function startPrimary(options: StartOptions): Promise<RunningPrimary> {
  refuseClusterMode();
  const held = new DisposableStack();
  try {
    return await serve(options, held);
  } catch (error) {
    held.dispose();
    throw error;
  }
}

function refuseClusterMode(): void {
  // Our own workers do not run this code, so this process is a worker of another program's cluster.
  if (cluster.worker === undefined) return;
  // The open channel would keep this process alive.
  cluster.worker.disconnect();
  throw new ClusterModeError();
}

/** @param held gets what the end gives back, last things first; the lock of the address is the very last */
async function serve(options: StartOptions, held: DisposableStack): Promise<RunningPrimary> {
  const { active, log, clock } = options;
  const { config } = active;
  const { sockets, folder } = await claimAddress(config, log, held);
  const isOwn = (inode: string) => sockets.has(inode);
  const foreign = watchForeignListeners({ host: sockets.host, port: sockets.port, isOwn, clock, log });
  held.defer(() => foreign.cancel());
  const certificates = new Certificates({ config, clock, log });
  held.defer(() => certificates.stop());
  const record = new PrimaryRecord(folder, log);
  const notices = new ServiceNotices(log);
  // Sessions of TLS end with this process: nobody else speaks at the admin port.
  const adminCertificate = certificates.current('admin');
  const admin = createAdminServer(clock, log, adminCertificate);
  if (adminCertificate !== null) record.certificate(adminCertificate);
  certificates.onRenewal('admin', (certificate) => {
    admin.renew(certificate);
    record.certificate(certificate);
  });
  held.defer(() => {
    admin.server.close();
    admin.server.closeAllConnections();
  });
  const done = Promise.withResolvers<number>();
  const gateway = createGateway({
    ...options,
    ...{ sockets, certificates, folder },
    generation: record.generation,
    adminPort: () => portOf(admin.server),
    handOver: () => {
      log.warn('handing over: the workers keep serving until the next primary is ready');
      gateway.abandon();
      held.dispose();
      done.resolve(0);
    },
  });
  const { relaySecret } = gateway;
  const actions: AdminActions = {
    ...gateway.actions,
    reload: (by) => notices.reloading(gateway.actions.reload(by)),
  };
  const ownCertificate = () => certificates.current('admin')?.cert ?? null;
  admin.serve(createAdminApp({ admin: config.admin, ownCertificate, relaySecret, actions, clock, log }));
  await listen(admin.server, config.admin.host, config.admin.port);

  let stopping: Promise<void> | null = null;
  const stop = () => {
    stopping ??= (async () => {
      record.write('stopping');
      await gateway.stop((limitMs) => notices.stopping(limitMs));
      record.remove();
      held.dispose();
      log.info('stopped');
      done.resolve(0);
    })();
    return stopping;
  };
  const inBackground = (what: string, task: Promise<unknown>) => {
    task.catch((error: unknown) => log.error({ err: error }, `${what} failed`));
  };
  const ignoreSignals = handleSignals(
    {
      stop: () => inBackground('the stop', stop()),
      kill: () => {
        log.warn('second stop signal: ending everything now');
        gateway.kill();
      },
      // The reload has already logged the reason.
      reload: () => void actions.reload('SIGHUP').catch(() => undefined),
      roll: () => inBackground('the replacement of workers', actions.roll()),
    },
    clock,
  );
  held.defer(ignoreSignals);

  record.write('starting');
  await Promise.race([gateway.start(), done.promise]);
  if (stopping === null) {
    record.write('ready');
    announce(log, config, sockets.port, portOf(admin.server), sockets.perSlot);
    process.send?.('ready');
    notices.ready(`serving at ${addressText(config.server.host, sockets.port)} with ${config.workers} workers`);
  }
  return { port: sockets.port, adminPort: portOf(admin.server), stop, done: done.promise };
}

/** Binds the port of the data plane and takes the locks of its address and of its state folder. */
async function claimAddress(
  { server, workers, stateDir }: Config,
  log: Log,
  held: DisposableStack,
): Promise<{ readonly sockets: SlotSockets; readonly folder: string }> {
  const sockets = await openSlotSockets(server.host, server.port, workers);
  const folder = stateFolder(stateDir, sockets.port);
  const lock = await takeGatewayLock(sockets.host, sockets.port, folder, log).catch((error: unknown) => {
    sockets.close();
    throw error;
  });
  held.defer(() => lock.release());
  // Before the lock: whoever gets that finds the port free.
  held.defer(() => sockets.close());
  return { sockets, folder };
}

function listen(server: http.Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(explainListenError('admin', host, port, error)));
    server.listen({ host, port }, resolve);
  });
}

function portOf(server: http.Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function announce(log: Log, config: Config, port: number, adminPort: number, perSlot: boolean): void {
  const { server, admin, workers } = config;
  log.info({ host: server.host, port, adminHost: admin.host, adminPort, workers }, 'serving');
  if (!perSlot) {
    log.warn('this platform has no socket per worker: fine for development, but a roll may drop connections');
  } else if (movesWaitingConnections() === false) {
    log.info('net.ipv4.tcp_migrate_req is 0: a crash of the primary may reset connections; 1 prevents that');
  }
}
