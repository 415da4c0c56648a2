import { describe, expect, it } from "vitest";

import { KubeError } from "../client/kube-error.ts";
import { readCertificates } from "./certificate-secret.ts";

describe("the certificates in a Secret", () => {
  it.each([
    ["no version", { metadata: {}, data: {} }],
    ["values that are no base64", { metadata: { resourceVersion: "1" }, data: { "ca.key": "s3cret!" } }],
    ["no object", "s3cret"],
  ])("are an error of one sentence, without the content, where it has %s", (_, object) => {
    const message = "the API server's answer is not a Secret";
    expect(() => readCertificates(object)).toThrow(new KubeError(message));
  });
});
