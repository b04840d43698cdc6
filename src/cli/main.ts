#!/usr/bin/env node
/**
 * The `headgate` command. It checks Node's version before it loads the rest: a Node that is too old cannot parse the
 * rest and would print a stack trace. So this file has no static imports.
 *
 * A gateway that starts is already known to its supervisor: signals that come before all is loaded must not end it.
 */

// An empty NO_COLOR counts as none (https://no-color.org); the library that reads it takes any.
if (process.env.NO_COLOR === '') delete process.env.NO_COLOR;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > 24 || (major === 24 && minor >= 21)) {
  const { catchEarlySignals } = await import('./early-signals.ts');
  const { withCommand } = await import('./given-command.ts');
  const given = withCommand(process.argv.slice(2));
  catchEarlySignals(given);
  const { expectClosedOutput } = await import('./closed-output.ts');
  expectClosedOutput(given);
  const { run } = await import('./program.ts');
  process.exitCode = await run(given);
} else {
  process.stderr.write(
    `headgate needs Node 24.21 or newer, and this is ${process.versions.node}: install a newer one. In a checkout you can run node_modules/.bin/node dist/cli/main.js\n`,
  );
  process.exitCode = 1;
}
