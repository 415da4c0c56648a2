import { globSync, readFileSync } from "node:fs";

import { decideReview } from "../../../src/admission/decide-review.ts";
import { type AdmissionDeps, WORKLOADS } from "../../../src/admission/index.ts";
import { readJson, type Verdict } from "../../../src/core/index.ts";
import { aPod, aReview } from "../../support/review.ts";
import { jsonBytes } from "../generate/json-texts.ts";
import { mutatedValues } from "../generate/mutated-values.ts";
import { at, textAt } from "../read.ts";
import { type AnyTarget, hold, target } from "../target.ts";

/** A gate that lets nothing pass, so that whatever passes was not seen. */
const DENIES: AdmissionDeps = {
  gate: {
    admit: ({ mode, subjects }) => {
      const objections: Verdict["objections"] = subjects.map((subject) => {
        return { kind: "finding", code: "signature/missing", subject, message: "no signature was found" };
      });
      return Promise.resolve({ decision: "deny", mode, objections, waived: [], judged: [] });
    },
  },
  modeOf: () => undefined,
  workloads: [],
  guarded: [],
  defaultMode: "enforce",
  may: () => Promise.resolve(false),
  observe: () => undefined,
  inFlight: () => undefined,
};

/** AdmissionReviews: one with a uid is always answered with it, and no image passes a gate that denies each. */
export function open(): AnyTarget {
  return target({
    inputs: jsonBytes(mutatedValues([...goldenReviews(), aReview({ object: aPod("a", "b") })], 4)),
    call: (bytes) => decideReview(bytes, { pathMode: "enforce", timeout: "10s" }, DENIES),
    check: (answer, bytes) => {
      const review = readJson(bytes);
      const uid = textAt(review, "request", "uid");
      if (uid !== undefined && uid !== "" && uid.length <= 128)
        hold(answer?.response.uid === uid, "it is not answered with its uid");
      if (answer === undefined) return;
      JSON.stringify(answer);
      const image = imageIn(at(review, "request"));
      hold(image === undefined || !answer.response.allowed, `${JSON.stringify(image)} passes`);
    },
  });
}

function goldenReviews(): unknown[] {
  const files = globSync("test/golden/cases/*.review.json").toSorted();
  return files.map((file) => (JSON.parse(readFileSync(file, "utf8")) as { readonly review: unknown }).review);
}

/** An image that a creation names in a place that every reader of Kubernetes knows. */
function imageIn(request: unknown): string | undefined {
  const isCreation = textAt(request, "operation") === "CREATE" && at(request, "subResource") === undefined;
  const group = textAt(request, "kind", "group");
  const row = WORKLOADS.find((each) => each.kind === textAt(request, "kind", "kind") && each.group === group);
  if (!isCreation || row === undefined) return undefined;
  const containers = at(request, "object", ...row.path, "containers");
  const images = Array.isArray(containers) ? containers.map((each) => textAt(each, "image")) : [];
  return images.find((each) => each !== undefined && each !== "");
}
