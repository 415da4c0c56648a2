import * as fc from "fast-check";

import { targetImages } from "../../../src/argocd/target/target-images.ts";
import { targetObjects } from "../../../src/argocd/target/target-objects.ts";
import { Fault, readJson } from "../../../src/core/index.ts";
import { WORKLOADS } from "../../../src/workloads/index.ts";
import { deployment } from "../../support/presync-world.ts";
import { aPod } from "../../support/review.ts";
import { jsonTexts } from "../generate/json-texts.ts";
import { mutatedValues } from "../generate/mutated-values.ts";
import { at, textAt } from "../read.ts";
import { type AnyTarget, hold, target } from "../target.ts";

const SCOPE = { namespace: "shop", workloads: [], ownDigests: [] };
const TYPED = {
  apiVersion: "v1",
  kind: "PodList",
  items: [{ metadata: { name: "d" }, spec: { containers: [{ name: "d", image: "d" }] } }],
};
const UNLIKE = { apiVersion: "example.com/v1", kind: "Everything", items: [deployment("e"), TYPED] };
const LIST = { apiVersion: "v1", kind: "List", items: [deployment("a"), aPod("b")] };

/** Rendered manifests: a Fault, or every image of every workload among them. */
export function open(): AnyTarget {
  const text = jsonTexts(mutatedValues([deployment("a", "b"), aPod("c"), LIST, TYPED, UNLIKE], 4));
  return target({
    inputs: fc.array(text, { maxLength: 4 }),
    call: (texts) => targetImages(targetObjects(texts), SCOPE),
    mayThrow: (error) => error instanceof Fault && error.code !== "internal/unexpected",
    check: ({ groups }, texts) => {
      const found = new Set(groups.flatMap(({ subjects }) => subjects.map(({ image }) => image)));
      const missed = texts.flatMap((each) => imagesIn(readJson(each))).find((image) => !found.has(image));
      hold(missed === undefined, `${JSON.stringify(missed)} is not seen`);
    },
  });
}

/**
 * The images of containers, in the places that every reader of Kubernetes knows. Whatever has `items` is a list to kubectl,
 * and its items take their type from it where they name none.
 */
function imagesIn(object: unknown, inherited: Inherited = { apiVersion: "", kind: "" }): string[] {
  if (typeof object !== "object" || object === null) return [];
  const apiVersion = textAt(object, "apiVersion") || inherited.apiVersion;
  const kind = textAt(object, "kind") || inherited.kind;
  const items = at(object, "items");
  const inner = { apiVersion, kind: kind.replace(/List$/, "") };
  const listed = Array.isArray(items) ? items.flatMap((each) => imagesIn(each, inner)) : [];
  return kind.endsWith("List") && Array.isArray(items)
    ? listed
    : [...imagesOf(object, apiVersion, kind), ...listed];
}

interface Inherited {
  readonly apiVersion: string;
  readonly kind: string;
}

function imagesOf(object: unknown, apiVersion: string, kind: string): string[] {
  const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : "";
  const row = WORKLOADS.find((each) => each.kind === kind && each.group === group);
  const containers = row === undefined ? undefined : at(object, ...row.path, "containers");
  const images = Array.isArray(containers) ? containers.map((each) => textAt(each, "image")) : [];
  const isLater = (image: string): boolean => image === "auto" && kind !== "Pod";
  return images.filter((each): each is string => Boolean(each) && !isLater(each!));
}
