/**
 * What a deployment is asked for, where that is no chat: LiteLLM sends images, embeddings and the like to more providers
 * than Headgate does. Pure.
 */
import { dialectsOf, providerOf } from '../../providers/registry.ts';

/** Kinds of requests with their dialect of OpenAI's; null: there is none here. */
const dialectByMode: Readonly<Record<string, string | null>> = {
  embedding: 'openai-embeddings',
  image_generation: 'openai-images',
  image_edit: 'openai-image-edits',
  audio_transcription: 'openai-transcriptions',
  audio_speech: 'openai-speech',
  rerank: 'rerank',
  moderation: 'openai-moderations',
  realtime: null,
  ocr: null,
  video_generation: null,
  vector_store: null,
  batch: null,
};

/** Kinds that names of models say. */
const modeByName: readonly (readonly [RegExp, string])[] = [
  [/rerank/, 'rerank'],
  [/embed/, 'embedding'],
  [/realtime/, 'realtime'],
  [/whisper|transcribe/, 'audio_transcription'],
  [/(?:^|[-/])tts/, 'audio_speech'],
  [/imagen|dall-e|nova-canvas|stability\.|titan-image|gpt-image/, 'image_generation'],
];

/** What a model is for and a provider is not asked for here; null: nothing, as far as it is known. @param mode of `model_info` */
export function unservedKind(type: string, model: string, mode: unknown): string | null {
  const said = typeof mode === 'string' && Object.hasOwn(dialectByMode, mode) ? mode : undefined;
  const kind = said ?? modeByName.find(([pattern]) => pattern.test(model))?.[1];
  if (kind === undefined) return null;
  const dialect = dialectByMode[kind] ?? null;
  return dialect !== null && dialectsOf(providerOf(type)).includes(dialect) ? null : kind.replaceAll('_', ' ');
}
