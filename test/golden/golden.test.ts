import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { FAULTS, FINDINGS } from "../../src/core/index.ts";
import { openWorld } from "./world.ts";

const MIN = 30;
const REVIEWS = globSync("test/golden/cases/*.review.json").toSorted();

/** A request as the API server sends it, and which of the two webhooks it chose. */
interface Case {
  readonly path: string;
  readonly review: { readonly request?: { readonly uid: string } };
}

/**
 * AdmissionReviews in and out, as files: what a person reads when something is refused stands in `*.response.json`.
 * `npx vitest run test/golden -u` writes these anew; read their diff like code.
 */
describe("golden AdmissionReviews", () => {
  const app = openWorld();

  beforeAll(() => app.ready());
  afterAll(() => app.close());

  it("are many", () => {
    expect(REVIEWS.length).toBeGreaterThanOrEqual(MIN);
  });

  it.each(REVIEWS.map((file) => [basename(file, ".review.json"), file]))("%s", async (name, file) => {
    const { path, review } = JSON.parse(readFileSync(file, "utf8")) as Case;
    const headers = { "content-type": "application/json" };
    const { body } = await app.inject({
      method: "POST",
      url: path,
      headers,
      payload: JSON.stringify(review),
    });
    const answer = JSON.parse(body) as { readonly response?: { readonly uid: string } };
    expect(answer.response?.uid).toBe(review.request?.uid);
    await expect(`${JSON.stringify(answer, undefined, 2)}\n`).toMatchFileSnapshot(
      `cases/${name}.response.json`,
    );
  });
});

interface Answer {
  readonly response?: {
    readonly allowed: boolean;
    readonly status?: { readonly message: string };
    readonly warnings?: readonly string[];
  };
}
const ANSWERS = globSync("test/golden/cases/*.response.json")
  .toSorted()
  .map((file) => ({
    name: basename(file, ".response.json"),
    ...(JSON.parse(readFileSync(file, "utf8")) as Answer).response,
  }));
const REFUSALS = ANSWERS.flatMap(({ name, allowed, status }) =>
  allowed === false && status !== undefined ? [[name, status.message] as const] : [],
);
const WARNINGS = ANSWERS.flatMap(({ name, warnings = [] }) =>
  warnings.map((warning) => [name, warning] as const),
);
const CODES = { ...FINDINGS, ...FAULTS } as Readonly<Record<string, { readonly fix: string }>>;

describe("what people read", () => {
  it("is many refusals and warnings", () => {
    expect(REFUSALS.length).toBeGreaterThan(25);
    expect(WARNINGS.length).toBeGreaterThan(5);
  });

  it.each(REFUSALS)("has at most 600 characters where it refuses: %s", (_, message) => {
    expect(message.length).toBeLessThanOrEqual(600);
  });

  it.each(WARNINGS)("has at most 120 characters where it warns: %s", (_, warning) => {
    expect(warning.length).toBeLessThanOrEqual(120);
  });

  it.each(REFUSALS)("names image, codes, signers that are wanted, and what to do: %s", (_, message) => {
    expect(message).toMatch(/^(?:\S+ \(|the request |\d+ images? )/);
    const codes = [...message.matchAll(/\[([a-z/, -]+)\]$/gm)].flatMap(([, all = ""]) => all.split(", "));
    expect(codes.length).toBeGreaterThan(0);
    expect(codes.filter((code) => CODES[code] === undefined)).toEqual([]);
    expect(message).toMatch(/^Do: \S.+\.$/m);
    const named = ["release", "former"].filter((name) => new RegExp(`(?:by|or) ${name}\\b`).test(message));
    expect(named.filter((name) => !message.includes(`${name} = `))).toEqual([]);
  });
});
