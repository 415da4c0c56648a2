import { describe, expect, it } from "vitest";

import { KubeError } from "./client/kube-error.ts";
import { firstNames, NoCredentials, type Place, unreadAt, UnreadableSecret } from "./unread-secrets.ts";

const SECRET: Place = { resource: "secrets", namespace: "shop", name: "own" };
const ACCOUNT: Place = { resource: "serviceaccounts", namespace: "shop", name: "web" };

function failed(status?: number): KubeError {
  return new KubeError("GET …: s3cret", status === undefined ? {} : { status });
}

describe("what is unread where reading pull secrets failed", () => {
  it.each<[string, Place, unknown, string, RegExp]>([
    ["403 for a Secret", SECRET, failed(403), "registry/forbidden", /may not get Secret shop\/own/],
    ["403 for a service account", ACCOUNT, failed(403), "registry/forbidden", /service account shop\/web/],
    ["500", SECRET, failed(500), "registry/unavailable", /Secret shop\/own could not be read .*HTTP 500/],
    ["401", SECRET, failed(401), "registry/unavailable", /HTTP 401/],
    ["429", SECRET, failed(429), "registry/unavailable", /HTTP 429/],
    ["404 of something else", SECRET, failed(404), "registry/unavailable", /HTTP 404/],
    ["no answer, or one that cannot be read", SECRET, failed(), "registry/unavailable", /no usable answer/],
    ["anything else that was thrown", SECRET, new TypeError("s3cret"), "registry/unavailable", /own/],
    [
      "a Secret that is too large",
      SECRET,
      new UnreadableSecret("limits/exceeded", "holds more"),
      "limits/exceeded",
      /^Secret shop\/own holds more$/,
    ],
  ])("%s: a gap that names the place, and nothing that was said", (...[, place, error, code, message]) => {
    const [unread, ...others] = unreadAt(place, error);
    expect(others).toEqual([]);
    expect(unread).toEqual({
      kind: "unread",
      code,
      message: expect.stringMatching(message),
      advice: { fix: expect.stringMatching(/\.$/), brief: expect.stringMatching(/^.{1,36}$/) },
      isOfWorkload: true,
    });
    expect(unread?.message).not.toContain("s3cret");
  });

  it("a workload's that does not exist: nothing", () => {
    expect(unreadAt(SECRET, new NoCredentials("none"))).toEqual([]);
    expect(unreadAt(ACCOUNT, new NoCredentials("none"))).toEqual([]);
  });

  it("the gate's own that does not exist: forbidden, and no workload's", () => {
    const [unread] = unreadAt({ ...SECRET, isOwn: true }, new NoCredentials("none"));
    expect(unread).toMatchObject({ code: "registry/forbidden" });
    expect(unread?.message).toContain("the gate's settings name");
    expect(unread).not.toHaveProperty("isOfWorkload");
  });

  it.each([0, 1, 16])("%i names: all of them", (count) => {
    const names = Array.from({ length: count }, (_, at) => `s${at}`);
    expect(firstNames(names, "the pod")).toEqual(names);
  });

  it("17 names: the first 16, and that there are more", () => {
    const names = Array.from({ length: 17 }, (_, at) => `s${at}`);
    const first = firstNames(names, "the pod");
    expect(first.slice(0, 16)).toEqual(names.slice(0, 16));
    expect(first.slice(16)).toEqual([
      expect.objectContaining({
        code: "limits/exceeded",
        message: expect.stringContaining("past the first 16"),
      }),
    ]);
  });
});
