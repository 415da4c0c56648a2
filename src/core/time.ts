const SECOND = 1000;
const UNITS: Readonly<Record<string, number>> = {
  s: SECOND,
  m: 60 * SECOND,
  h: 3600 * SECOND,
  d: 86_400 * SECOND,
  w: 7 * 86_400 * SECOND,
};
const HOUR = "(?:[01]\\d|2[0-3]):[0-5]\\d";
const INSTANT = new RegExp(
  `^((?:19[7-9]|[2-9]\\d\\d)\\d)-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])T${HOUR}:[0-5]\\d(?:\\.\\d{1,9})?(?:Z|[+-]${HOUR})$`,
);
const MAX_DURATION_TEXT = 32;
const MAX_DURATION = 10 * 365 * 86_400 * SECOND;

/**
 * The instant that strict RFC 3339 text names, or undefined: from 1970 on, upper-case T and Z, an offset, no leap
 * second, and a day that the calendar has. Fractions below a millisecond are cut. Source: RFC 3339, section 5.6.
 */
export function parseInstant(text: string): Date | undefined {
  const [, year, month, day] = INSTANT.exec(text)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const daysInMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return day > daysInMonth ? undefined : new Date(Date.parse(text));
}

/**
 * Milliseconds of a duration such as `7d`, `36h` or `1h30m` (s, m, h, d, w), or undefined. At most ten years, more
 * than nothing, each unit at most once and in falling order: a lifetime must not be guessed.
 */
export function parseDuration(text: string): number | undefined {
  if (text.length > MAX_DURATION_TEXT || !/^(?:\d+[wdhms])+$/.test(text)) return undefined;
  let total = 0;
  let last = Number.POSITIVE_INFINITY;
  for (const [, count, unit] of text.matchAll(/(\d+)([wdhms])/g)) {
    const size = UNITS[unit!]!;
    if (size >= last) return undefined;
    last = size;
    total += Number(count) * size;
  }
  return total > 0 && total <= MAX_DURATION ? total : undefined;
}

/** Milliseconds for people, the two largest units: `3d 4h`, `12m 5s`, `0s`. */
export function formatDuration(ms: number): string {
  let rest = Math.max(0, Math.round(ms / SECOND) * SECOND);
  const parts: string[] = [];
  for (const unit of ["d", "h", "m", "s"]) {
    const count = Math.floor(rest / UNITS[unit]!);
    rest -= count * UNITS[unit]!;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.slice(0, 2).join(" ") || "0s";
}

/** An instant as people read it: RFC 3339 in UTC, without a fraction where there is none. */
export function formatInstant(at: Date): string {
  return at.toISOString().replace(".000Z", "Z");
}
