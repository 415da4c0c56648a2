import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";

import { readArgoObject, survey, type Strategy } from "../../argocd/index.ts";
import { readManifests } from "../../documents/index.ts";
import { fileEdits } from "./file-edits.ts";
import type { ManifestPlace } from "./inputs.ts";

const HOOK = { repo: "https://git.example/hook", path: "hook", component: "component", revision: "v1" };
const FILE = "apps.yaml";

/** What is to be done about a text, and what it comes to. */
function round(text: string, way: Strategy) {
  const found = readManifests(text).documents.map(({ value, line, index: document }) => {
    const read = readArgoObject(value);
    if (!read?.ok) throw new Error(read?.message);
    const place: ManifestPlace = { file: FILE, line, document, path: [], value };
    return { object: read.object, place };
  });
  const { subjects } = survey(found, {
    hook: HOOK,
    way,
    layer: "hook",
    movingRevisions: "refuse",
    clusters: [],
    namespace: "argocd",
    exempt: [],
  });
  const { edits, problems } = fileEdits(subjects, { texts: new Map([[FILE, text]]) });
  return { states: subjects.map(({ hook }) => hook), edits, problems };
}

const Text = fc.stringMatching(/^[a-z:#'" -]{0,12}$/);
const Source = fc.record(
  {
    repoURL: fc.constantFrom("https://git.example/a", "{{ .repository }}"),
    path: Text,
    helm: fc.record({ values: fc.string(), parameters: fc.array(fc.record({ name: Text, value: Text })) }),
    kustomize: fc.record(
      {
        namePrefix: Text,
        components: fc.array(Text, { maxLength: 2 }),
        patches: fc.array(fc.record({ path: Text }), { maxLength: 2 }),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ["repoURL"] },
);
const destination = fc.constant({ name: "in-cluster", namespace: "a" });
const Spec = fc.oneof(
  fc.record({ project: Text, source: Source, destination }),
  fc.record({ sources: fc.array(Source, { minLength: 1, maxLength: 3 }), project: Text, destination }),
);
const Style = fc.constantFrom(
  (value: unknown) => JSON.stringify(value),
  (value: unknown) => JSON.stringify(value, undefined, 2),
  (value: unknown) => stringify(value),
  (value: unknown) => stringify(value, { indent: 4, indentSeq: false }),
  (value: unknown) => stringify(value, { collectionStyle: "flow" }),
);
const File = fc.array(fc.tuple(Spec, fc.boolean(), Style), { minLength: 1, maxLength: 3 }).map((specs) =>
  specs
    .map(([spec, isSet, style], at) => {
      const metadata = { name: `app-${at}` };
      const object = isSet ? { template: { spec } } : spec;
      return style({
        apiVersion: "argoproj.io/v1alpha1",
        kind: isSet ? "ApplicationSet" : "Application",
        metadata,
        spec: object,
      });
    })
    .join("\n---\n"),
);

describe("fileEdits", { timeout: 60_000 }, () => {
  it("brings the hook into any file, and then finds nothing to do", () => {
    fc.assert(
      fc.property(File, (text) => {
        const { edits, problems } = round(text, "sources");
        expect([edits.length, problems]).toEqual([1, []]);
        const again = round(edits[0]!.after, "sources");
        expect([new Set(again.states), again.edits]).toEqual([new Set(["yes"]), []]);
      }),
      { numRuns: 60 },
    );
  });

  it("brings a component in at most once", () => {
    fc.assert(
      fc.property(File, (text) => {
        const { edits, problems } = round(text, "components");
        expect(problems).toEqual([]);
        const again = round(edits[0]?.after ?? text, "components");
        expect(again.edits).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
