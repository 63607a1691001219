/** A time as a ledger writes it: `YYYY-MM-DDTHH:MM:SS.mmmZ`, UTC, compared as text. */
export type Timestamp = string & { readonly brand: 'Timestamp' };

/** How far a block's time may be ahead of its verifier's clock. */
const CLOCK_TOLERANCE_MS = 5 * 60 * 1000;

const SHAPE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** Whether the text has the shape and names a real date and time (no 30 February, no 24:00). */
export function isTimestamp(text: unknown): text is Timestamp {
  if (typeof text !== 'string' || !SHAPE.test(text)) return false;
  const time = Date.parse(text);
  return Number.isFinite(time) && new Date(time).toISOString() === text;
}

export function timestampOf(date: Date): Timestamp {
  return date.toISOString() as Timestamp;
}

/** The latest time that a verifier with this clock accepts. */
export function latestAccepted(now: Date): Timestamp {
  return timestampOf(new Date(now.getTime() + CLOCK_TOLERANCE_MS));
}
