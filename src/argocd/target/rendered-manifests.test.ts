import { describe, expect, it } from "vitest";

import { readApplication } from "../application.ts";
import type { ArgoCd } from "../ports.ts";
import { renderedManifests } from "./rendered-manifests.ts";

const CHANGED = "renders another spec";
const { signal } = new AbortController();
const SHA = "a".repeat(40);
const SOURCE = { repoURL: "https://git.example/shop", path: ".", targetRevision: "main" };
const SPEC = { source: SOURCE, destination: { server: "https://kubernetes.default.svc", namespace: "shop" } };
const OTHER = { ...SPEC, source: { ...SOURCE, path: "other" } };

/** An Application as Argo CD caches it in one generation. */
function cached(generation: number | undefined, spec: object = SPEC, metadata: object = {}): object {
  return { metadata: { name: "web", namespace: "argocd", generation, ...metadata }, spec };
}

interface Rendered {
  readonly manifests?: readonly string[];
  readonly reason?: string;
  readonly code?: string;
  readonly renders: number;
}

/** Renders while Argo CD has these in its cache, one at each question; the last one stays. */
async function rendered(...states: readonly unknown[]): Promise<Rendered> {
  const left = [...states];
  let renders = 0;
  const argoCd: ArgoCd = {
    namespace: "argocd",
    application: () => Promise.reject(new Error("not asked")),
    connected: (use) =>
      use({
        cached: () => Promise.resolve(left.length > 1 ? left.shift() : left[0]),
        manifests: () => {
          renders += 1;
          return Promise.resolve([`render ${renders}`]);
        },
      }),
  };
  const application = readApplication(cached(7));
  const wanted = { kind: "render", revisions: [SHA], isMulti: false, moving: [] } as const;
  try {
    return { manifests: await renderedManifests({ argoCd, application, wanted }, signal), renders };
  } catch (error) {
    const { message, code } = error as Error & { code: string };
    return { reason: message, code, renders };
  }
}

describe("what Argo CD renders", () => {
  it.each<[string, readonly unknown[], string, number]>([
    ["the same generation before and after", [cached(7)], "render 1", 1],
    [
      "another targetRevision, which the question replaces",
      [cached(7, { ...SPEC, source: { ...SOURCE, targetRevision: "v1" } })],
      "render 1",
      1,
    ],
    ["a write of the status meanwhile", [cached(7), cached(8)], "render 2", 2],
    ["a write of the status meanwhile, twice", [cached(7), cached(8), cached(9)], "render 3", 3],
  ])("counts with %s", async (_, states, manifests, renders) => {
    expect(await rendered(...states)).toEqual({ manifests: [manifests], renders });
  });

  it.each<[string, readonly unknown[], string, number]>([
    ["another source before", [cached(7, OTHER), cached(7)], CHANGED, 0],
    ["another source after", [cached(7), cached(8, OTHER)], CHANGED, 1],
    [
      "another source between, and the same one after",
      [1, 2, 3, 4].map((at) => cached(at)),
      "keeps changing",
      3,
    ],
    ["a hydrator that is still there", [cached(7, hydrated())], CHANGED, 0],
    [
      "another destination",
      [cached(7, { ...SPEC, destination: { name: "spoke" } })],
      "renders another spec",
      0,
    ],
    ["another project", [cached(7, { ...SPEC, project: "team" })], CHANGED, 0],
    ["no such Application", [undefined], "does not know the Application", 0],
    ["an Application that is gone after", [cached(7), undefined], "does not know the Application", 1],
    ["another name", [cached(7, SPEC, { name: "wob" })], "another Application", 0],
    ["another namespace", [cached(7, SPEC, { namespace: "team" })], "another Application", 0],
    ["no generation", [cached(undefined)], "no generation", 0],
  ])("does not count with %s", async (_, states, reason, renders) => {
    expect(await rendered(...states)).toMatchObject({
      code: reason === CHANGED || reason === "keeps changing" ? "target/changing" : "target/unavailable",
      reason: expect.stringContaining(reason),
      renders,
    });
  });
});

function hydrated(): object {
  const drySource = { repoURL: "https://git.example/dry" };
  return { ...SPEC, sourceHydrator: { drySource, syncSource: { path: "." } } };
}
