import { isDeepStrictEqual } from "node:util";

import { UNVERIFIED_CALLERS } from "../../../src/admission/index.ts";
import { answerOperation, type OperationContext } from "../../../src/argocd/operation/operation-review.ts";
import type { OperationDeps } from "../../../src/argocd/ports.ts";
import { createTargetStore } from "../../../src/argocd/target/target-store.ts";
import { Fault, readJson, type Verdict } from "../../../src/core/index.ts";
import { anApplication, deployment, SHA } from "../../support/presync-world.ts";
import { aReview } from "../../support/review.ts";
import { jsonBytes } from "../generate/json-texts.ts";
import { mutatedValues } from "../generate/mutated-values.ts";
import { at, textAt } from "../read.ts";
import { type AnyTarget, hold, target } from "../target.ts";

const KIND = { group: "argoproj.io", version: "v1alpha1", kind: "Application" };
const NOW = new Date("2026-11-24T09:00:00Z");
const IMAGE = "registry.example/acme/app";

/** Refuses every image that it is shown. */
const DEPS: OperationDeps = {
  callers: UNVERIFIED_CALLERS,
  gate: {
    admitAll: (requests) =>
      Promise.resolve(
        requests.map(({ mode, subjects }): Verdict => {
          const objections: Verdict["objections"] = subjects.map((subject) => {
            return { kind: "finding", code: "signature/missing", subject, message: "no signature was found" };
          });
          return { decision: "deny", mode: mode(), objections, waived: [], judged: [] };
        }),
      ),
  },
  argoCds: [
    {
      namespace: "argocd",
      application: () => Promise.reject(new Fault("target/unavailable", "not asked")),
      connected: (use) =>
        use({
          cached: () => Promise.resolve(anApplication()),
          manifests: () => Promise.resolve([JSON.stringify(deployment(IMAGE))]),
        }),
    },
  ],
  modeOf: () => "enforce",
  defaultMode: "enforce",
  strictestMode: () => "enforce",
  otherClusters: "enforce",
  thisCluster: ["https://kubernetes.default.svc"],
  workloads: [],
  ownDigests: [],
  rolloutWindowMs: 0,
  now: () => NOW,
  observe: () => undefined,
  exempt: ["argocd/mc-gate"],
  selfHeal: "judge",
  runningImages: () => Promise.resolve([]),
  movingRevisions: "refuse",
  controllers: [],
};

/** Argo CD's Applications: a review is answered with its uid, and no sync that renders a refused image starts. */
export function open(): AnyTarget {
  return target({
    inputs: jsonBytes(mutatedValues(reviews(), 4)),
    call: (bytes) => answerOperation(bytes, means()),
    check: (answer, bytes) => {
      const review = readJson(bytes);
      const uid = textAt(review, "request", "uid");
      if (uid !== undefined && uid !== "" && uid.length <= 128)
        hold(answer?.response.uid === uid, "it is not answered with its uid");
      if (answer === undefined) return;
      JSON.stringify(answer);
      hold(
        !(answer.response.allowed && startsRender(at(review, "request"))),
        "a sync of a refused image starts",
      );
    },
  });
}

function reviews(): unknown[] {
  const idle = anApplication();
  const operation = { sync: { revision: SHA }, initiatedBy: { username: "ana" } };
  const manifests = [JSON.stringify(deployment(IMAGE))];
  const started = { ...idle, operation };
  const local = { ...idle, operation: { sync: { revision: SHA, manifests } } };
  return [started, local].map((object) =>
    aReview({ kind: KIND, operation: "UPDATE", namespace: "argocd", object, oldObject: idle }),
  );
}

function means(): OperationContext {
  const targets = createTargetStore({ ...DEPS, observe: () => undefined, waiting: () => undefined });
  return { deps: DEPS, targets, timeout: "10s", onReport: () => undefined };
}

/** Whether a request starts a sync whose manifests Argo CD renders, as a plain reading of Argo CD's types has it. */
function startsRender(request: unknown): boolean {
  const sync = at(request, "object", "operation", "sync");
  const isSync = typeof sync === "object" && sync !== null && at(sync, "dryRun") !== true;
  const isRender = (at(sync, "manifests") ?? null) === null;
  const isExempt = textAt(request, "object", "metadata", "name") === "mc-gate";
  return isSync && isRender && !isExempt && isWrite(request) && isFresh(request);
}

function isWrite(request: unknown): boolean {
  const { group, kind } = KIND;
  const isApplication =
    textAt(request, "kind", "group") === group && textAt(request, "kind", "kind") === kind;
  const isWhole = (at(request, "subResource") ?? "") === "";
  return isApplication && isWhole && ["CREATE", "UPDATE"].includes(textAt(request, "operation") ?? "");
}

function isFresh(request: unknown): boolean {
  const [asked, before] = [at(request, "object", "operation"), at(request, "oldObject", "operation")];
  return !isDeepStrictEqual(asked, before ?? undefined);
}
