import { describe, expect, it } from "vitest";

import { askedImages } from "../support/asked-images.ts";
import { webhooksIn } from "../support/rendered-webhooks.ts";
import { aPod, aReview } from "../support/review.ts";

const running = { spec: { containers: [{ name: "web", image: "good" }] } };
const debugged = { spec: { ...running.spec, ephemeralContainers: [{ name: "debug", image: "evil" }] } };

describe("A2: ephemeral containers", () => {
  it("are judged through the subresource that kubectl debug uses", async () => {
    const review = aReview({
      operation: "UPDATE",
      subResource: "ephemeralcontainers",
      object: debugged,
      oldObject: running,
    });
    expect(await askedImages(review)).toMatchObject({ images: ["evil"], allowed: false });
  });

  it("are judged in a pod's own update and creation", async () => {
    const update = aReview({ operation: "UPDATE", object: debugged, oldObject: running });
    expect((await askedImages(update)).images).toEqual(["evil"]);
    expect((await askedImages(aReview({ object: debugged }))).images).toEqual(["good", "evil"]);
  });

  it("are judged whoever's image they take, also where another container has a like one", async () => {
    const object = {
      spec: { ...running.spec, ephemeralContainers: [{ name: "debug", image: "good:2" }] },
    };
    const review = aReview({
      operation: "UPDATE",
      subResource: "ephemeralcontainers",
      object,
      oldObject: running,
    });
    expect((await askedImages(review)).images).toEqual(["good:2"]);
  });

  it.each(["manifests/mc-gate.yaml", "manifests/mc-gate-cert-manager.yaml"])(
    "reach the gate: %s asks for the subresource, on UPDATE, in both modes",
    (path) => {
      const webhooks = webhooksIn(path).filter(({ name }) => /^(?:enforce|advisory)\./.test(name));
      expect(webhooks).toHaveLength(2);
      for (const { rules } of webhooks) {
        const rule = rules.find(({ resources }) => resources.includes("pods/ephemeralcontainers"));
        expect(rule).toMatchObject({ apiGroups: [""], operations: expect.arrayContaining(["UPDATE"]) });
      }
    },
  );

  it("do not open a way through other subresources, where no image can enter", async () => {
    const status = aReview({
      operation: "UPDATE",
      subResource: "status",
      object: aPod("x"),
      oldObject: aPod("y"),
    });
    expect(await askedImages(status)).toMatchObject({ images: [], allowed: true });
  });
});
