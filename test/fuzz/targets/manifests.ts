import * as fc from "fast-check";

import { WORKLOADS } from "../../../src/admission/index.ts";
import { Fault, readJson } from "../../../src/core/index.ts";
import { targetImages } from "../../../src/presync/target-images.ts";
import { targetObjects } from "../../../src/presync/target-objects.ts";
import { deployment } from "../../support/presync-world.ts";
import { aPod } from "../../support/review.ts";
import { jsonTexts } from "../generate/json-texts.ts";
import { mutatedValues } from "../generate/mutated-values.ts";
import { at, textAt } from "../read.ts";
import { type AnyTarget, hold, target } from "../target.ts";

const SCOPE = { namespace: "shop", workloads: [], ownDigests: [] };
const LIST = { apiVersion: "v1", kind: "List", items: [deployment("a"), aPod("b")] };

/** Rendered manifests: a Fault, or every image of every workload among them. */
export function open(): AnyTarget {
  const text = jsonTexts(mutatedValues([deployment("a", "b"), aPod("c"), LIST], 4));
  return target({
    inputs: fc.array(text, { maxLength: 4 }),
    call: (texts) => targetImages(targetObjects(texts), SCOPE),
    mayThrow: (error) => error instanceof Fault && error.code !== "internal/unexpected",
    check: (groups, texts) => {
      const found = new Set(groups.flatMap(({ subjects }) => subjects.map(({ image }) => image)));
      const missed = texts.flatMap((each) => imagesIn(readJson(each))).find((image) => !found.has(image));
      hold(missed === undefined, `${JSON.stringify(missed)} is not seen`);
    },
  });
}

/** The images of a workload's containers, in the places that every reader of Kubernetes knows. */
function imagesIn(object: unknown): string[] {
  const [group = "", version] = (textAt(object, "apiVersion") ?? "").split("/");
  const kind = textAt(object, "kind");
  if (kind?.endsWith("List") === true) {
    const items = at(object, "items");
    return Array.isArray(items) ? items.flatMap(imagesIn) : [];
  }
  const row = WORKLOADS.find(
    (each) => each.kind === kind && each.group === (version === undefined ? "" : group),
  );
  const containers = row === undefined ? undefined : at(object, ...row.path, "containers");
  const images = Array.isArray(containers) ? containers.map((each) => textAt(each, "image")) : [];
  return images.filter((each): each is string => each !== undefined && each !== "");
}
