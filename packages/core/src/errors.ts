/**
 * An error with a code that never changes (docs/errors.md lists them all) and a message that says what
 * was wanted, what was found and what to do.
 */
export class CamstreamError extends Error {
  override readonly name = 'CamstreamError';
  readonly code: string;

  constructor(code: string, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** Whether `error` is one of ours, or has been thrown by an addon with the given code. */
export function hasErrorCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** An addon's error (an Error with a code) as a CamstreamError, so that callers see one class. */
export function toCamstreamError(error: unknown): unknown {
  if (error instanceof CamstreamError || !(error instanceof Error)) return error;
  if (!('code' in error) || typeof error.code !== 'string') return error;
  return new CamstreamError(error.code, error.message, { cause: error });
}

/** Runs `action`, a call into an addon, and turns what it throws into a CamstreamError. */
export function nativeCall<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw toCamstreamError(error);
  }
}

/** The same for a call that answers later. */
export async function nativePromise<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw toCamstreamError(error);
  }
}
