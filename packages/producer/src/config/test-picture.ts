/** What the source `test` shows unless it is told otherwise. */
export const testPicture = { width: 1920, height: 1080, rate: 60, format: 'yuyv' } as const;
