/** The name of the ring that a trial's participants share. */
export const RING = 'bench';
