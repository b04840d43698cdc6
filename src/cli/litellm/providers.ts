/**
 * Which provider a deployment of LiteLLM's is: its type, its address and its credentials. Deployments with the same of all
 * of these are one provider. What a deployment does not say, LiteLLM takes from the credential that it names, then from
 * settings for all, then from the environment.
 */
import { isDeepStrictEqual } from 'node:util';
import { asRecord } from '../../shared/json.ts';
import { compatibles } from './compatible-services.ts';
import type { NamedModel } from './model-name.ts';
import type { LitellmSource, Path } from './source.ts';
import { regionVariables, settingNames, usualKeys, usualSettings } from './usual-variables.ts';
import { isLiteral, isTemplate, LITERAL_KEY, reference, TEMPLATE, valueText } from './value-text.ts';

/** A provider's block. */
type ProviderBlock = Readonly<Record<string, unknown>> & { readonly type: string };

/** A deployment's provider, as far as its model's name says it. */
type Named = NamedModel & { readonly type: string };

/** All providers of a file, by name. */
export class FoundProviders {
  readonly #source: LitellmSource;
  readonly #isSet: (variable: string) => boolean;
  readonly #blocks = new Map<string, ProviderBlock>();

  /** @param isSet whether the environment of the command has a variable: of several that LiteLLM looks at, it decides */
  constructor(source: LitellmSource, isSet: (variable: string) => boolean) {
    this.#source = source;
    this.#isSet = isSet;
  }

  /** By the names of the configuration. */
  get blocks(): Readonly<Record<string, ProviderBlock>> {
    return Object.fromEntries(this.#blocks);
  }

  /** The name of the provider that these parameters mean. @param at where the parameters stand */
  nameOf(named: Named, at: Path): string {
    const block = new DeploymentReader(this.#source, this.#isSet, at, named).read();
    for (const [name, known] of this.#blocks) if (isDeepStrictEqual(known, block)) return name;
    const { type } = named;
    let name = type;
    for (let number = 2; this.#blocks.has(name); number += 1) name = `${type}-${number}`;
    this.#blocks.set(name, block);
    return name;
  }
}

/** Reads what one deployment says of its provider. */
class DeploymentReader {
  readonly #source: LitellmSource;
  readonly #isSet: (variable: string) => boolean;
  readonly #at: Path;
  readonly #named: Named;
  /** Where its credential stands; null if it names none. */
  readonly #credential: Path | null;

  constructor(source: LitellmSource, isSet: (variable: string) => boolean, at: Path, named: Named) {
    this.#source = source;
    this.#isSet = isSet;
    this.#at = at;
    this.#named = named;
    this.#credential = this.#findCredential();
  }

  read(): ProviderBlock {
    const { type, prefix, region } = this.#named;
    const block: Record<string, unknown> = { type };
    const base = this.#text('api_base') ?? this.#text('base_url') ?? compatibles[prefix]?.base;
    if (base !== undefined) block.base_url = type === 'anthropic' ? base.replace(/\/v1\/messages\/?$/, '') : base;
    const own = Object.entries(settingNames[type] ?? {});
    for (const [theirs, ours] of own) block[ours] ??= this.#text(theirs);
    if (type === 'bedrock') block.region ??= region ?? this.#usualRegion();
    this.#readUsual(type, block);
    if (type === 'azure') {
      block.api_version = this.#text('api_version');
      block.base_url ??= reference('AZURE_API_BASE');
    }
    if (type === 'vertex') this.#readVertexCredentials(block);
    const hasOthers = own.some(([, ours]) => !['region', 'base_url'].includes(ours) && block[ours] !== undefined);
    this.#readKey(block, hasOthers);
    this.#readHeaders(block);
    return Object.fromEntries(Object.entries(block).filter(([, value]) => value !== undefined)) as ProviderBlock;
  }

  #findCredential(): Path | null {
    const name = this.#source.takeText(...this.#at, 'litellm_credential_name');
    if (name === undefined) return null;
    const list = this.#source.look('credential_list');
    const index = Array.isArray(list) ? list.findIndex((each) => asRecord(each)?.credential_name === name) : -1;
    if (index < 0) {
      this.#source.leave([...this.#at, 'litellm_credential_name'], `${name} is not in the list of credentials`);
      return null;
    }
    this.#source.take('credential_list', index, 'credential_name');
    this.#source.take('credential_list', index, 'credential_info');
    return ['credential_list', index, 'credential_values'];
  }

  /** Of the deployment itself, else of its credential. */
  #place(name: string): Path | null {
    const places = [this.#at, ...(this.#credential === null ? [] : [this.#credential])];
    // What stands in both is decided by the first, and the second is not left either.
    const [first = null] = places
      .map((place) => [...place, name])
      .filter((place) => this.#source.take(...place) !== undefined);
    return first;
  }

  #text(name: string): string | undefined {
    const place = this.#place(name);
    const value = place === null ? undefined : this.#source.takeText(...place);
    return place === null || value === undefined ? undefined : this.#written(place, value);
  }

  /** A `${NAME}` is no reference for LiteLLM, but may be one for what fills the file in before. */
  #written(place: Path, value: string): string {
    if (isTemplate(value)) this.#source.note(place, TEMPLATE);
    return valueText(value);
  }

  #readUsual(type: string, block: Record<string, unknown>): void {
    for (const [ours, { setting, variable, otherwise }] of Object.entries(usualSettings[type] ?? {})) {
      if (block[ours] !== undefined) continue;
      const forAll = this.#source.takeText('litellm_settings', setting);
      block[ours] = forAll === undefined ? reference(variable, otherwise) : valueText(forAll);
      if (forAll === undefined && otherwise !== undefined) {
        this.#source.note(
          [...this.#at, setting],
          `is not given: LiteLLM takes ${variable}, else ${otherwise}, and global for models that are only there`,
        );
      }
    }
  }

  #usualRegion(): string {
    const variable = regionVariables.find(this.#isSet) ?? regionVariables[0];
    this.#source.note(
      [...this.#at, 'aws_region_name'],
      `is not given: LiteLLM takes ${regionVariables.join(', ')} or the profile's region, and \${${variable}} is written`,
    );
    return reference(variable);
  }

  #readVertexCredentials(block: Record<string, unknown>): void {
    const credentials = this.#text('vertex_credentials') ?? this.#text('vertex_ai_credentials');
    if (credentials === undefined) return;
    block[credentials.trimStart().startsWith('{') ? 'credentials' : 'credentials_file'] = credentials;
    if (credentials.startsWith('${')) {
      this.#source.note(
        [...this.#at, 'vertex_credentials'],
        'is taken for the path of a file: if the variable holds the JSON itself, write `credentials`',
      );
    }
  }

  #readKey(block: Record<string, unknown>, hasOthers: boolean): void {
    const { type, prefix } = this.#named;
    const place = this.#place('api_key');
    const key = place === null ? undefined : this.#source.takeText(...place);
    if (place !== null && type === 'vertex' && block.base_url === undefined) {
      this.#source.leave(
        place,
        'Vertex is asked with credentials: `credentials_file`, or what Google’s own tools find',
      );
      return;
    }
    if (place !== null && key !== undefined) {
      block.api_key = this.#written(place, key);
      if (isLiteral(key) && !isTemplate(key) && key.length > 8) this.#source.leave(place, LITERAL_KEY);
      return;
    }
    const variables = compatibles[prefix]?.variables ?? usualKeys[type] ?? [];
    const variable = variables.find(this.#isSet) ?? variables[0];
    if (variable !== undefined && !hasOthers) block.api_key = reference(variable);
  }

  #readHeaders(block: Record<string, unknown>): void {
    const headers: Record<string, unknown> = {};
    const organization = this.#text('organization');
    if (organization !== undefined) headers['OpenAI-Organization'] = organization;
    for (const name of ['extra_headers', 'headers']) {
      const place = [...this.#at, name];
      const given = asRecord(this.#source.look(...place));
      for (const header of Object.keys(given ?? {})) {
        const value = this.#source.takeText(...place, header);
        if (value !== undefined) headers[header] = valueText(value);
      }
    }
    if (Object.keys(headers).length > 0) block.headers = headers;
  }
}
