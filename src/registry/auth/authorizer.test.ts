import { expect, it } from "vitest";

import { createAuthorizer } from "./authorizer.ts";

const MANY = 10_000;

function endpointOf(registry: string) {
  return { registry, origin: new URL(`https://${registry}`), prefix: "" };
}

it("how a host in use wants its callers to sign in stays known, however many others are asked once", () => {
  const { learnScheme, knownScheme } = createAuthorizer({ tokenHosts: () => [], now: () => new Date(0) });
  const [used, unused] = [endpointOf("used.test"), endpointOf("unused.test")];
  for (const each of [used, unused]) learnScheme(each, 'Basic realm="x"');
  for (let at = 0; at < MANY; at += 1) {
    learnScheme(endpointOf(`h${at}.mallory.test`), 'Basic realm="x"');
    knownScheme(used);
  }
  expect([knownScheme(used), knownScheme(unused)]).toEqual([{ kind: "basic" }, undefined]);
});
