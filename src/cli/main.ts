#!/usr/bin/env node
/**
 * The `headgate` command. It only looks at Node's age and then loads the rest: a Node that is too old could not even
 * read that, and would say so in a stack trace. So nothing is imported here statically.
 */

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > 24 || (major === 24 && minor >= 21)) {
  const { run } = await import('./program.ts');
  process.exitCode = await run(process.argv.slice(2));
} else {
  process.stderr.write(
    `headgate needs Node 24.21 or newer, and this is ${process.versions.node}: install a newer one, or in a checkout run node_modules/.bin/node dist/cli/main.js\n`,
  );
  process.exitCode = 1;
}
