/**
 * For pm2: `pm2 start ecosystem.config.js`. It works from any folder, and pm2 may run on any Node.
 *
 * The configuration is $HEADGATE_CONFIG, else the headgate.yaml in the folder where pm2 was called, else the one beside
 * this file. Without any of them, the API keys in the environment are used; without keys, the demo runs.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;
const shippedNode = join(here, 'node_modules', '.bin', 'node');

const isConfiguredByCaller = Boolean(process.env.HEADGATE_CONFIG) || existsSync('headgate.yaml');
const isConfiguredHere = existsSync(join(here, 'headgate.yaml'));

export const apps = [
  {
    name: 'headgate',
    // Headgate forks its own workers. In pm2's cluster mode it would be a worker itself, so it refuses to start.
    exec_mode: 'fork',
    instances: 1,
    interpreter: existsSync(shippedNode) ? shippedNode : process.execPath,
    script: join(here, 'dist', 'cli', 'main.js'),
    args: 'serve',
    cwd: isConfiguredByCaller || !isConfiguredHere ? process.cwd() : here,
    // pm2 treats the end of listen_timeout as success, so it must be longer than any start.
    wait_ready: true,
    listen_timeout: 30_000,
    // Must be above drain.stop; otherwise pm2 kills requests that may still finish. Raise both together.
    kill_timeout: 65_000,
    // The primary ends its workers in order. With treekill, pm2 would send the signal to all processes together.
    treekill: false,
    // pm2's instrumentation would patch the modules that it measures.
    pmx: false,
    // Without a pause, pm2 would use up its restarts in a second, while another program may still leave the port.
    // Workers keep serving meanwhile. (After exit code 78, pm2 shows `waiting restart` too, but does not start again.)
    restart_delay: 1_000,
    // 78 is a bad configuration, which another start cannot repair.
    stop_exit_codes: [78],
  },
];
