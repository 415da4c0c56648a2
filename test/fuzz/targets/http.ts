import { globSync, readFileSync } from "node:fs";

import * as fc from "fast-check";

import { readJson } from "../../../src/core/index.ts";
import { openWorld } from "../../golden/world.ts";
import { jsonBytes } from "../generate/json-texts.ts";
import { mutatedValues } from "../generate/mutated-values.ts";
import { textAt } from "../read.ts";
import { type AnyTarget, hold, target } from "../target.ts";

const PATHS = ["/validate/enforce", "/validate/advisory", "/guard", "/guard/enforce"];

/** The endpoints with the whole pipeline behind them: an answer with the uid, or a 400 without one. */
export async function open(): Promise<AnyTarget> {
  const app = openWorld();
  await app.ready();
  const files = globSync("test/golden/cases/*.review.json").toSorted();
  const reviews = files.map(
    (file) => (JSON.parse(readFileSync(file, "utf8")) as { readonly review: unknown }).review,
  );
  const timeout = fc.constantFrom(
    "",
    "?timeout=10s",
    "?timeout=-1s",
    "?timeout=1e9h",
    "?timeout=%00&timeout=2s",
  );
  const body = jsonBytes(mutatedValues(reviews, 3));
  const headers = { "content-type": "application/json" };
  return target({
    inputs: fc.record({ path: fc.constantFrom(...PATHS), timeout, body }),
    call: async (given) =>
      await app.inject({
        method: "POST",
        url: given.path + given.timeout,
        headers,
        payload: Buffer.from(given.body),
      }),
    check: ({ statusCode, body: answered }, given) => {
      hold(statusCode === 200 || statusCode === 400, `it is answered with HTTP ${statusCode}`);
      const uid = textAt(readJson(given.body), "request", "uid");
      if (uid === undefined || uid === "" || uid.length > 128) return;
      hold(textAt(readJson(answered), "response", "uid") === uid, "it is not answered with its uid");
    },
  });
}
