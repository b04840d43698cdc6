/** `headgate schema`: prints the configuration's JSON Schema, for editors. */

import type { Command } from 'commander';
import { configJsonSchema } from '../config/schema/json-schema.ts';
import { sayJson } from './say.ts';

/** Adds the command. */
export function registerSchema(program: Command): void {
  program
    .command('schema')
    .description("print the configuration's JSON Schema (draft-7)")
    .action(() => {
      sayJson(configJsonSchema());
    });
}
