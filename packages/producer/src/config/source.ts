import { CamstreamError } from '@camstream/core';

/** Where a camera's frames come from. */
export type Source =
  | { readonly kind: 'auto' }
  | { readonly kind: 'test' }
  /** A node, or `id:` and the stable id that `camstream-producer devices` lists. */
  | { readonly kind: 'v4l2'; readonly path: string }
  | { readonly kind: 'file'; readonly path: string }
  /** As gst-launch-1.0 takes it, without a sink. */
  | { readonly kind: 'gst'; readonly pipeline: string };

/** What SOURCE may be, for messages. */
export const sourceForms = 'auto, test, /dev/videoN, id:ID, file:PATH or gst:PIPELINE';

/** Reads SOURCE as people write it. Throws SOURCE_INVALID. */
export function parseSource(text: string): Source {
  if (text === 'auto' || text === 'test') return { kind: text };
  if (/^(\/dev\/|id:)\S+$/.test(text)) return { kind: 'v4l2', path: text };
  if (text.startsWith('file:') && text.length > 'file:'.length) {
    return { kind: 'file', path: text.slice('file:'.length) };
  }
  const pipeline = text.startsWith('gst:') ? text.slice('gst:'.length).trim() : '';
  if (pipeline !== '') return { kind: 'gst', pipeline };
  throw new CamstreamError('SOURCE_INVALID', `wanted ${sourceForms}, found "${text}"`);
}

/** SOURCE as people write it. */
export function sourceText(source: Source): string {
  switch (source.kind) {
    case 'auto':
    case 'test':
      return source.kind;
    case 'v4l2':
      return source.path;
    case 'file':
      return `file:${source.path}`;
    case 'gst':
      return `gst:${source.pipeline}`;
  }
}
