import { describe, expect, it } from "vitest";

import { Fault } from "../../core/index.ts";
import type { Endpoint } from "../http/hosts.ts";
import type { Exchange, HttpAnswer } from "../http/http.ts";
import { createAuthorizer } from "./authorizer.ts";
import { createStandingOf } from "./standing.ts";

const MINUTE = 60_000;
const CHALLENGE = { "www-authenticate": 'Bearer realm="https://r.test/token"' };

function endpointOf(registry = "r.test"): Endpoint {
  return { registry, origin: new URL(`https://${registry}`), prefix: "mirrored/" };
}

/** A registry that answers `/v2/` in turn, the last answer again and again. */
function world(...answers: readonly (Partial<HttpAnswer> | Fault)[]) {
  const state = { now: 0 };
  const asked: string[] = [];
  const exchange: Exchange = async ({ url, headers }) => {
    asked.push(`${url.href} ${Object.keys(headers).join()}`);
    const answer = answers[Math.min(asked.length, answers.length) - 1]!;
    if (answer instanceof Fault) throw answer;
    return { status: 200, headers: {}, body: Buffer.from("{}"), digest: undefined, url, ...answer };
  };
  const now = (): Date => new Date(state.now);
  const authorizer = createAuthorizer({ tokenHosts: () => [], now });
  const standingOf = createStandingOf({ authorizer, exchange, now });
  return { state, asked, authorizer, of: (endpoint = endpointOf()) => standingOf(endpoint) };
}

describe("whether a registry asks for credentials", () => {
  it.each<[string, Partial<HttpAnswer> | Fault, string]>([
    ["200", {}, "open"],
    ["401 with a challenge", { status: 401, headers: CHALLENGE }, "asks"],
    ["401 without one", { status: 401 }, "unclear"],
    [
      "401 with one that is not known",
      { status: 401, headers: { "www-authenticate": "Negotiate" } },
      "unclear",
    ],
    ["403", { status: 403, headers: CHALLENGE }, "unclear"],
    ["404", { status: 404 }, "unclear"],
    ["503", { status: 503 }, "unclear"],
    ["200 of another host", { url: new URL("https://other.test/v2/") }, "unclear"],
    [
      "401 of another host",
      { status: 401, headers: CHALLENGE, url: new URL("https://o.test/v2/") },
      "unclear",
    ],
    ["nothing", new Fault("registry/unavailable", "down"), "unclear"],
  ])("where /v2/ answers %s", async (_, answer, expected) => {
    const { of, asked, authorizer } = world(answer);
    expect([await of(), asked]).toEqual([expected, ["https://r.test/v2/ "]]);
    expect(authorizer.knownScheme(endpointOf()) !== undefined).toBe(expected === "asks");
  });

  it("is asked once for many at once, for each origin", async () => {
    const { of, asked } = world({});
    await Promise.all([of(), of(), of(endpointOf("s.test"))]);
    expect(asked).toEqual(["https://r.test/v2/ ", "https://s.test/v2/ "]);
  });

  it.each<[string, Partial<HttpAnswer>, number]>([
    ["five minutes after it asked no one", {}, 5],
    ["a minute after it gave no clear answer", { status: 404 }, 1],
  ])("is asked again %s", async (_, first, minutes) => {
    const { of, asked, state } = world(first, { status: 401, headers: CHALLENGE });
    const before = await of();
    state.now = minutes * MINUTE - 1;
    expect([await of(), asked.length]).toEqual([before, 1]);
    state.now += 1;
    expect([await of(), asked.length]).toEqual(["asks", 2]);
  });

  it("is known without asking where it has asked for credentials elsewhere", async () => {
    const { of, asked, authorizer } = world({});
    await of();
    authorizer.learnScheme(endpointOf(), 'Basic realm="x"');
    expect([await of(), asked.length]).toEqual(["asks", 1]);
  });
});
