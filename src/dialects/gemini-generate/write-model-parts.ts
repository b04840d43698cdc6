/** Writes what the model said in one content: its texts, its thoughts and its calls, with the signatures that they came with. */
import type { ContentPart } from '../../wire/generate-content.ts';
import { compatibleSignature, isGoogleSignature, partBeside } from '../google-signatures.ts';
import type { BlockHead, RequestBlock } from '../hub.ts';
import { unsupported } from '../refusal.ts';
import type { ToolIds } from '../tool-ids.ts';
import { inputOf } from '../tool-input.ts';
import { mediaPart } from './write-media.ts';

type Call = Extract<BlockHead, { type: 'call' }>;

/** Writes the parts of the turns of the model, for one request. */
export class ModelParts {
  readonly #parts: ContentPart[] = [];
  readonly #ids: ToolIds;
  readonly #names: Map<string, string>;
  readonly #dropped: Set<string>;
  /** The signature of the next call. */
  #proof: string | null = null;
  /** The place of the last text, if it has no signature. */
  #unsigned: number | null = null;

  /** @param ids of all calls of the request @param names gets the names of tools by the ids of their calls @param dropped gets the names of what is left out */
  constructor(ids: ToolIds, names: Map<string, string>, dropped: Set<string>) {
    this.#ids = ids;
    this.#names = names;
    this.#dropped = dropped;
  }

  /** Throws `GatewayError` (400) that names what cannot be expressed. */
  take(block: RequestBlock): void {
    const { head, text, at, attached } = block;
    const own = attached.find(isGoogleSignature)?.data;
    switch (head.type) {
      case 'text':
      case 'refusal':
        this.#say(text, own);
        return;
      case 'reasoning':
        this.#think(block, own);
        return;
      case 'call':
        this.#call(block, head);
        return;
      case 'media':
        this.#parts.push(mediaPart(head, text));
        return;
      case 'file-id':
        throw unsupported(at, 'should be the file itself for this provider: it knows no such id');
      case 'result':
        throw unsupported(at, 'should be in a message of the user');
      case 'foreign':
        if (head.refusal !== null) throw unsupported(at, head.refusal);
        this.#dropped.add(head.name);
        return;
      default:
        head satisfies never;
    }
  }

  /** All that was taken. */
  end(): readonly ContentPart[] {
    return this.#parts;
  }

  #say(text: string, signature: string | undefined): void {
    if (text === '' && signature === undefined) return;
    this.#unsigned = signature === undefined ? this.#parts.length : null;
    this.#parts.push({ text, ...(signature === undefined ? {} : { thoughtSignature: signature }) });
  }

  #think({ text, attached }: RequestBlock, own: string | undefined): void {
    if (own !== undefined) {
      this.#parts.push({ text, thought: true, thoughtSignature: own });
      return;
    }
    const [beside] = attached.flatMap((each) => partBeside(each) ?? []);
    if (beside === undefined) this.#dropped.add('reasoning');
    else if (beside.part === 'call') this.#proof = beside.signature;
    else this.#sign(beside.signature);
  }

  /**
   * Signs the text before it: some clients lose the thoughts between, and with them its place. Alone, it stands at an empty one,
   * as in a stream.
   */
  #sign(thoughtSignature: string): void {
    const at = this.#unsigned;
    const text = at === null ? undefined : this.#parts[at];
    this.#unsigned = null;
    if (at === null || text === undefined) this.#parts.push({ text: '', thoughtSignature });
    else this.#parts[at] = { ...text, thoughtSignature };
  }

  /** What a provider did by itself is left out: the text that came of it follows. */
  #call({ text, attached }: RequestBlock, { callId, name, by }: Call): void {
    if (by === 'provider') {
      this.#dropped.add('server_tool_use');
      return;
    }
    const id = this.#ids.ofCall(callId);
    this.#names.set(id, name);
    const proof =
      attached.find(isGoogleSignature)?.data ?? attached.map(compatibleSignature).find((each) => each !== null);
    const signature = proof ?? this.#proof;
    this.#proof = null;
    this.#parts.push({
      functionCall: { id, name, args: inputOf(text) },
      ...(signature === null ? {} : { thoughtSignature: signature }),
    });
  }
}
