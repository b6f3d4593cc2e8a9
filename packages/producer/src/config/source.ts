import { CamstreamError } from '@camstream/core';

/** Where a camera's frames come from. */
export type Source =
  | { readonly kind: 'auto' }
  | { readonly kind: 'test' }
  | { readonly kind: 'v4l2'; readonly path: string }
  | { readonly kind: 'file'; readonly path: string };

/** What SOURCE may be, for messages. */
export const sourceForms = 'auto, test, /dev/videoN or file:PATH';

/** Reads SOURCE as people write it. Throws SOURCE_INVALID or SOURCE_UNSUPPORTED. */
export function parseSource(text: string): Source {
  if (text === 'auto' || text === 'test') return { kind: text };
  if (/^\/dev\/\S+$/.test(text)) return { kind: 'v4l2', path: text };
  if (text.startsWith('file:') && text.length > 'file:'.length) {
    return { kind: 'file', path: text.slice('file:'.length) };
  }
  if (text.startsWith('gst:')) {
    throw new CamstreamError(
      'SOURCE_UNSUPPORTED',
      `"${text}": GStreamer pipelines are not part of this version yet; wanted ${sourceForms}.`,
    );
  }
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
  }
}
