import * as fc from "fast-check";

import { readQuestion } from "../../../src/argocd/rollout/verdict-question.ts";
import { jsonBytes } from "../generate/json-texts.ts";
import { mutatedValues } from "../generate/mutated-values.ts";
import { type AnyTarget, hold, target } from "../target.ts";

const IMAGE = `ghcr.io/acme/app@sha256:${"a".repeat(64)}`;
const BODIES = [
  { namespace: "shop", images: [IMAGE, "nginx"] },
  { name: "app", phase: "Progressing", namespace: "shop", metadata: { image: `${IMAGE}, nginx` } },
];
const QUERIES = [
  {},
  { namespace: "shop", image: IMAGE },
  { namespace: "shop", images: [IMAGE, IMAGE], style: "status" },
];

/** The question for a verdict: a namespace and one to 64 images, or a text that says what is missing. */
export function open(): AnyTarget {
  return target({
    inputs: fc.record({ query: mutatedValues(QUERIES, 3), body: jsonBytes(mutatedValues(BODIES, 4)) }),
    call: ({ query, body }) => readQuestion(query, body),
    check: (question) => {
      if (typeof question === "string") return hold(question !== "", "it does not say what is missing");
      const { namespace, images } = question;
      hold(/^[a-z0-9-]{1,63}$/.test(namespace), "its namespace is none");
      hold(images.length >= 1 && images.length <= 64, "it holds no image, or more than 64");
      hold(
        images.every((each) => each !== "" && Array.from(each).length <= 800),
        "an image is no text of 1 to 800 characters",
      );
    },
  });
}
