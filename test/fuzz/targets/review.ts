import { globSync, readFileSync } from "node:fs";

import * as fc from "fast-check";

import { type Circumstances, decideReview } from "../../../src/admission/decide-review.ts";
import type { AdmissionDeps } from "../../../src/admission/index.ts";
import { Fault, readJson, type Verdict } from "../../../src/core/index.ts";
import { WORKLOADS } from "../../../src/workloads/index.ts";
import { NOTHING_BESIDES } from "../../support/admission-deps.ts";
import { aPod, aReview } from "../../support/review.ts";
import { jsonBytes } from "../generate/json-texts.ts";
import { mutatedValues } from "../generate/mutated-values.ts";
import { at, textAt } from "../read.ts";
import { type AnyTarget, hold, target } from "../target.ts";

/** A gate that lets nothing pass, so that whatever passes was not seen. */
const DENIES: AdmissionDeps = {
  ...NOTHING_BESIDES,
  gate: {
    admit: ({ mode, subjects }) => {
      const objections: Verdict["objections"] = subjects.map((subject) => {
        return { kind: "finding", code: "signature/missing", subject, message: "no signature was found" };
      });
      return Promise.resolve({ decision: "deny", mode: mode(), objections, waived: [], judged: [] });
    },
  },
};

const NO_ROOM = new Fault("limits/overloaded", "too many large reviews in progress");

interface Given {
  readonly bytes: Uint8Array;
  /** Where true, the gate had no room for more than the head of the body. */
  readonly isCut: boolean;
}

/** AdmissionReviews: one with a uid is always answered with it, and no image passes a gate that denies each. */
export function open(): AnyTarget {
  const circumstances: Circumstances = { pathMode: "enforce", timeout: "10s", limit: (_who, work) => work() };
  return target<Given, ReturnType<typeof decideReview>>({
    inputs: fc.record({
      bytes: jsonBytes(mutatedValues([...goldenReviews(), aReview({ object: aPod("a", "b") })], 4)),
      isCut: fc.integer({ min: 0, max: 9 }).map((each) => each === 0),
    }),
    call: ({ bytes, isCut }) => {
      const body = { bytes, arrivedMs: performance.now(), ...(isCut && { unread: NO_ROOM }) };
      return decideReview(body, circumstances, DENIES);
    },
    check: (answer, { bytes, isCut }) => {
      const review = readJson(bytes);
      const uid = textAt(review, "request", "uid");
      if (!isCut && uid !== undefined && uid !== "" && uid.length <= 128)
        hold(answer?.response.uid === uid, "it is not answered with its uid");
      if (answer === undefined) return;
      JSON.stringify(answer);
      hold(!isCut || !answer.response.allowed, "what was not read passes");
      const image = imageIn(at(review, "request"));
      hold(image === undefined || !answer.response.allowed, `${JSON.stringify(image)} passes`);
    },
  });
}

function goldenReviews(): unknown[] {
  const files = globSync("test/golden/cases/*.review.json").toSorted();
  return files.map((file) => (JSON.parse(readFileSync(file, "utf8")) as { readonly review: unknown }).review);
}

/** An image that a creation names in a place that every reader of Kubernetes knows, placeholders of templates left out. */
function imageIn(request: unknown): string | undefined {
  const isCreation = textAt(request, "operation") === "CREATE" && at(request, "subResource") === undefined;
  const group = textAt(request, "kind", "group");
  const row = WORKLOADS.find((each) => each.kind === textAt(request, "kind", "kind") && each.group === group);
  if (!isCreation || row === undefined) return undefined;
  const containers = at(request, "object", ...row.path, "containers");
  const images = Array.isArray(containers) ? containers.map((each) => textAt(each, "image")) : [];
  const isPod = row.group === "" && row.kind === "Pod";
  return images.find((each) => each !== undefined && each !== "" && (isPod || each !== "auto"));
}
