/** What stopped the set-up, in words for people. Shown without a stack trace. */
export class SetupError extends Error {}

/** Runs `work`; a SetupError is printed and ends the process with exit code 1. */
export async function orExplain(work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`\ncamstream cannot be set up.\n${error.message}`);
    process.exit(1);
  }
}
