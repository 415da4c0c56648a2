import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

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
