import { describe, expect, it } from "vitest";

import { digestOf, type ImageContents, type Verdict } from "../core/index.ts";
import { audit, type AuditDeps } from "./audit.ts";

const APP = `acme.test/app@${digestOf("app")}`;
const GONE = new Error("gone");

async function nothing(): Promise<ImageContents> {
  return { digests: [], parts: [], absent: [], checkpoint: undefined };
}

async function admitted(): Promise<Verdict> {
  return verdict("allow");
}

function pod(name: string, { image = APP, id = "", ns = "shop" } = {}): unknown {
  return {
    metadata: { name, namespace: ns },
    spec: { containers: [{ name: "web", image }] },
    status: { containerStatuses: [{ name: "web", imageID: id || image, state: { running: {} } }] },
  };
}

function verdict(decision: "allow" | "deny"): Verdict {
  const finding = { kind: "finding", code: "signature/missing", message: "it has no signature" } as const;
  const subject = { image: APP, place: 'container "web"' };
  const objections = decision === "allow" ? [] : [{ ...finding, subject }];
  return { decision, mode: "enforce", objections, waived: [], judged: [] };
}

function deps(pods: readonly unknown[], more: Partial<AuditDeps> = {}): AuditDeps {
  return {
    namespaces: [{ name: "shop", mode: "enforce" }],
    isAll: true,
    cluster: {
      pods: async (take) => pods.forEach((each) => take(each)),
      templates: async () => undefined,
      owned: async () => undefined,
      nodes: async () => undefined,
      codeOf: () => undefined,
    },
    registry: { resolve: async () => undefined, contents: () => Promise.reject(GONE) },
    admit: async () => verdict("deny"),
    admitLater: admitted,
    isRevoked: () => false,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    ...more,
  };
}

describe("an audit", () => {
  it("of 10,001 images with findings lists 10,000 of them, counts all, and keeps the most urgent one", async () => {
    const many = Array.from({ length: 10_000 }, (_, at) => pod(`a-${at}`));
    const other = `acme.test/app@${digestOf("other")}`;
    const registry = { resolve: async () => undefined, contents: nothing };
    const found = await audit(deps([...many, pod("z", { id: other })], { registry }));
    expect([found.found.length, found.notListed, found.counts.refused]).toEqual([10_000, 1, 10_001]);
    expect(found.kinds).toEqual({ refused: 10_000, differs: 1 });
    expect(found.found.at(-1)).toMatchObject({ owner: { name: "z" }, findings: [{ kind: "differs" }, {}] });
  });

  it("asks the gate about an image once for a namespace, and about what passes once more for later", async () => {
    const asked: string[] = [];
    const pods = [pod("a"), pod("b"), pod("c", { ns: "other" })];
    await audit(
      deps(pods, {
        namespaces: [{ name: "shop" }, { name: "other" }],
        admit: (namespace) => (asked.push(`now ${namespace}`), admitted()),
        admitLater: (namespace) => (asked.push(`later ${namespace}`), admitted()),
      }),
    );
    expect(asked.toSorted()).toEqual(["later other", "later shop", "now other", "now shop"]);
  });

  it("of some namespaces says nothing of others, nor of nodes, whose images others may run", async () => {
    let isAsked = false;
    const { cluster } = deps([pod("a"), pod("b", { ns: "other" })]);
    const nodes = async () => void (isAsked = true);
    const found = await audit(deps([], { isAll: false, cluster: { ...cluster, nodes } }));
    expect([found.counts.refused, isAsked]).toEqual([1, false]);
  });

  it("where a registry does not say whether a digest belongs to what is named, what the gate admits is unknown", async () => {
    const id = `acme.test/app@${digestOf("child")}`;
    const found = await audit(deps([pod("a", { id })], { admit: admitted }));
    expect(found.counts).toEqual({ allowed: 0, refused: 0, unknown: 1, waiting: 0 });
    expect(found.found).toMatchObject([{ findings: [{ kind: "unknown" }] }]);
  });

  it("a pod that cannot be read is named, and the others are judged", async () => {
    const found = await audit(deps([{ metadata: {} }, pod("a")]));
    expect([found.counts.refused, found.gaps]).toEqual([
      1,
      [{ what: "a Pod", why: expect.any(String), code: "review/invalid" }],
    ]);
  });
});
