import { Octokit } from "@octokit/core";
import { paginateRest } from "@octokit/plugin-paginate-rest";
import { retry } from "@octokit/plugin-retry";
import { throttling } from "@octokit/plugin-throttling";
import { z } from "zod";

import { printable } from "../../core/index.ts";
import { checkedUrl, OutboundError } from "../../outbound/index.ts";
import type { Clock } from "../clock.ts";
import { createFetch } from "./bounded-fetch.ts";
import { createPace } from "./pace.ts";

/** How often a request that met a limit is sent again: over an hour, within which an earlier run may have spent all. */
const MAX_LIMITED = 7;

/** Where GitHub is, and who asks. */
export interface FleetClientOptions {
  /** `https://api.github.com`, or a server of one's own. */
  readonly url: string;
  readonly token: string;
  readonly clock: Clock;
  /** The unit of the pauses after a failure: this, four times this, nine times this. */
  readonly retryMs?: number;
}

type Parameters = Readonly<Record<string, unknown>>;

/** Calls to GitHub. Each rejects with OutboundError; `doing` completes "could not …". */
export interface FleetClient {
  readonly read: <T>(route: string, parameters: Parameters, ask: Ask<T>) => Promise<T>;
  /** Every entry of a list, page after page to its end. */
  readonly list: <T>(route: string, parameters: Parameters, ask: Ask<T>) => AsyncGenerator<T>;
  /** The same as `read`, for requests that change something. */
  readonly write: <T>(route: string, parameters: Parameters, ask: Ask<T>) => Promise<T>;
  readonly graphql: <T>(query: string, variables: Parameters, ask: Ask<T>) => Promise<T>;
}

/** What an answer is, and what it is for. */
export interface Ask<T> {
  readonly schema: z.ZodType<T>;
  readonly doing: string;
}

const FleetOctokit = Octokit.plugin(throttling, retry, paginateRest);

/** Octokit spaces requests by the machine's clock; `createPace` does so by ours, and callers bound what runs at once. */
const AT_ONCE = {
  key: () => {
    return {
      schedule: <A extends readonly unknown[], T>(_: object, work: (...all: A) => T, ...all: A) =>
        Promise.resolve(work(...all)),
    };
  },
};

export function createFleetClient(options: FleetClientOptions): FleetClient {
  const octokit = createOctokit(options);
  const call: FleetClient["read"] = async (route, parameters, { schema, doing }) => {
    try {
      const { data } = await octokit.request(route, parameters);
      return parsed(schema, data, doing);
    } catch (error) {
      throw explained(error, doing);
    }
  };
  return {
    read: call,
    write: call,
    async *list(route, parameters, { schema, doing }) {
      try {
        for await (const { data } of octokit.paginate.iterator(route, { per_page: 100, ...parameters }))
          yield* parsed(z.array(schema), data, doing);
      } catch (error) {
        throw explained(error, doing);
      }
    },
    graphql: async (query, variables, { schema, doing }) => {
      try {
        return parsed(schema, await octokit.graphql(query, variables), doing);
      } catch (error) {
        throw explained(error, doing);
      }
    },
  };
}

function createOctokit({ url, token, clock, retryMs = 1000 }: FleetClientOptions) {
  const baseUrl = checkedUrl(url, "the address of GitHub's API");
  const { origin } = new URL(baseUrl);
  const wait = async (seconds: number, _: object, __: object, count: number) => {
    if (count >= MAX_LIMITED) return false;
    await clock.sleep(seconds * 1000 * 2 ** count); // as GitHub asks of those who meet a limit again
    return true;
  };
  return new FleetOctokit({
    auth: token,
    baseUrl,
    userAgent: "mc-gate",
    log: { debug: silent, info: silent, warn: silent, error: silent },
    request: { fetch: createFetch({ origin, pace: createPace(clock) }) },
    retry: { retryAfterBaseValue: retryMs },
    throttle: {
      retryAfterBaseValue: 0,
      global: AT_ONCE,
      auth: AT_ONCE,
      write: AT_ONCE,
      notifications: AT_ONCE,
      search: AT_ONCE,
      onRateLimit: wait,
      onSecondaryRateLimit: wait,
    } as never,
  });
}

function silent(): void {}

function parsed<T>(schema: z.ZodType<T>, data: unknown, doing: string): T {
  const read = schema.safeParse(data);
  if (read.success) return read.data;
  throw new OutboundError(`could not ${doing}: the answer is not what GitHub's API gives`, false);
}

const Failure = z.object({
  status: z.int(),
  message: z.string().optional(),
  response: z.object({ data: z.unknown() }).optional(),
});
const Said = z.object({ message: z.string() });
const QueryFailure = z.object({
  errors: z.array(z.object({ type: z.string().optional(), message: z.string() })),
});

/** Octokit's messages hold addresses; what GitHub says itself is taken instead. */
function explained(error: unknown, doing: string): OutboundError {
  if (error instanceof OutboundError) return error;
  const query = QueryFailure.safeParse(error).data;
  if (query !== undefined) {
    const why = query.errors[0]?.message ?? "no reason given";
    return new OutboundError(`could not ${doing}: ${printable(why, 200)}`, false, 422);
  }
  const failure = Failure.safeParse(error).data;
  if (failure === undefined) return new OutboundError(`could not ${doing}: no answer`, true);
  return new OutboundError(`could not ${doing}: ${whyOf(failure)}`, isRetryable(failure), failure.status);
}

function whyOf({ status, response }: z.output<typeof Failure>): string {
  if (response === undefined) return status === 500 ? "no whole answer" : `HTTP ${status}`;
  const said = Said.safeParse(response.data).data?.message;
  return said === undefined ? `HTTP ${status}` : `HTTP ${status}, ${printable(said, 200)}`;
}

function isRetryable({ status, message }: z.output<typeof Failure>): boolean {
  return status >= 500 || status === 429 || (status === 403 && /rate limit/i.test(message ?? ""));
}
