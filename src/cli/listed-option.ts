/** Options of which all values are known. */
import { Option } from 'commander';

/** Help and completion name the values. What else is given is for the command itself, whose error says more. */
export function listedOption(flags: string, description: string, values: readonly string[]): Option {
  const option = new Option(flags, description);
  option.argChoices = [...values];
  return option;
}

/** An option that takes several of the values with commas between them; all but the first, which stands alone. */
export class CommaListOption extends Option {
  readonly alone: string;

  constructor(flags: string, description: string, alone: string, values: readonly string[]) {
    super(flags, description);
    this.alone = alone;
    this.argChoices = [alone, ...values];
  }
}
