/**
 * Which frames a reader gets. `latest`: always the newest, and what came while it was busy is skipped.
 * `every`: each in turn, as long as it keeps within the ring's history (0.1 s); what was overwritten is
 * counted in `missed`.
 */
export type FramePolicy = 'latest' | 'every';
