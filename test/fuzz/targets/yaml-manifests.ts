import { readManifests } from "../../../src/documents/index.ts";
import { yamlTexts } from "../generate/yaml-texts.ts";
import { hasPlaces } from "../problems.ts";
import { type AnyTarget, hold, target } from "../target.ts";

const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata: &meta { name: web, labels: { app: web } }
spec:
  template:
    metadata: *meta
    spec:
      containers:
        - name: a
          image: "registry.example/acme/app@sha256:${"a".repeat(64)}"
        - { name: b, image: nginx }
`;

/** Streams of YAML manifests: documents and problems, each with a line of the text. */
export function open(): AnyTarget {
  return target({
    inputs: yamlTexts([DEPLOYMENT]),
    call: readManifests,
    check: ({ documents, problems }, text) => {
      hold(problems.length === 0 || hasPlaces(problems, text), "a problem has no place in the text");
      const lines = text.split("\n").length + 1;
      const isPlaced = (line: number): boolean => line >= 1 && line <= lines;
      hold(
        documents.every(({ line, lineAt }) => isPlaced(line) && isPlaced(lineAt(["spec", "template"]))),
        "no such line",
      );
    },
  });
}
