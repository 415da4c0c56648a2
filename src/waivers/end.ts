import type { WaiverDocument } from "./schema.ts";

/** The earliest end that the document names, or undefined where it names none. */
export function endOf({ created, ttl, ttl_ns: ttlNs, expires }: WaiverDocument): Date | undefined {
  const ends = [
    ...[ttl, ttlNs].filter((each) => each !== undefined).map((ms) => created.getTime() + ms),
    ...(expires === undefined ? [] : [expires.getTime()]),
  ];
  return ends.length === 0 ? undefined : new Date(Math.min(...ends));
}
