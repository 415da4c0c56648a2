import type { Clock } from "../clock.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What a request costs. Source: docs.github.com, "Rate limits for the REST API", secondary rate limits. */
export interface Cost {
  readonly points: number;
  /** 1 where the request makes content: a branch, a commit, a pull request, a comment. */
  readonly content: number;
}

interface Limit {
  readonly of: keyof Cost;
  readonly most: number;
  readonly withinMs: number;
}

/** GitHub's secondary limits. One content-creating request a second at most is its own advice. */
const LIMITS: readonly Limit[] = [
  { of: "points", most: 900, withinMs: MINUTE },
  { of: "content", most: 80, withinMs: MINUTE },
  { of: "content", most: 500, withinMs: HOUR },
];

/** Room for requests whose window began earlier on GitHub's clock than on ours. */
const MARGIN_MS = 1000;

interface Spent extends Cost {
  readonly at: number;
}

/** Lets requests pass one after the other, each when every limit has room for it. */
export interface Pace {
  readonly take: (cost: Cost) => Promise<void>;
}

export function createPace(clock: Clock): Pace {
  let spent: readonly Spent[] = [];
  let last: Promise<void> = Promise.resolve();
  const pass = async (cost: Cost): Promise<void> => {
    for (;;) {
      const now = clock.now();
      spent = spent.filter(({ at }) => at + HOUR + MARGIN_MS > now && at <= now);
      const waitMs = Math.max(...LIMITS.map((limit) => waitFor(limit, { spent, cost, now })));
      if (waitMs <= 0) {
        spent = [...spent.filter(isKept(now)), { ...cost, at: now }];
        return;
      }
      await clock.sleep(waitMs);
    }
  };
  return {
    take(cost) {
      const turn = last.then(() => pass(cost));
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}

/** Reads count for a minute only: an hour of them need not be kept. */
function isKept(now: number): (spent: Spent) => boolean {
  return ({ at, content }) => content > 0 || at + MINUTE + MARGIN_MS > now;
}

interface Moment {
  readonly spent: readonly Spent[];
  readonly cost: Cost;
  readonly now: number;
}

/** How long a limit has no room for a request, in ms. */
function waitFor({ of, most, withinMs }: Limit, { spent, cost, now }: Moment): number {
  if (cost[of] === 0) return 0;
  const windowMs = withinMs + MARGIN_MS;
  const inside = spent.filter((each) => each[of] > 0 && each.at + windowMs > now);
  let over = inside.reduce((sum, each) => sum + each[of], cost[of]) - most;
  for (const each of inside) {
    if (over <= 0) return 0;
    over -= each[of];
    if (over <= 0) return each.at + windowMs - now;
  }
  return 0;
}

/** How long a number of content-creating requests takes, in ms, where nothing else is slower. */
export function plannedMs(requests: number): number {
  if (requests <= 0) return 0;
  const perHour = 500;
  const perMinute = 80;
  const fullHours = Math.floor((requests - 1) / perHour);
  const rest = requests - fullHours * perHour;
  return fullHours * (HOUR + MARGIN_MS) + Math.floor((rest - 1) / perMinute) * (MINUTE + MARGIN_MS);
}
