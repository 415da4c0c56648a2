import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseImageRef } from "../../src/core/index.ts";
import { KubeError } from "../../src/kube/client/kube-error.ts";
import { resourcePath } from "../../src/kube/client/resource-path.ts";
import { closeAfterEach, EVERYTHING, openPair, soon } from "../support/oci-client.ts";

closeAfterEach();

const ODD = [
  "/",
  "..",
  ".",
  "%2e%2e",
  "%2f",
  "#",
  "?",
  "\\",
  " ",
  "@",
  ":",
  "\n",
  "\u0000",
  "\u2024",
  "a",
  "b1",
];
const names = fc
  .array(fc.constantFrom(...ODD), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(""));

describe("I59: a name that leads a request elsewhere", () => {
  it("is no name of Kubernetes, or stands in the path as one segment", () => {
    expect(() =>
      fc.assert(
        fc.property(names, names, (namespace, name) => {
          let path: string;
          try {
            path = resourcePath({ resource: "secrets", namespace, name });
          } catch (error) {
            return error instanceof KubeError;
          }
          const url = new URL(path, "https://api.test");
          return url.href === `https://api.test/api/v1/namespaces/${namespace}/secrets/${name}`;
        }),
        { numRuns: 2000 },
      ),
    ).not.toThrow();
  });

  it("is not an image reference, or asks for nothing but what it names", () => {
    expect(() =>
      fc.assert(
        fc.property(names, names, (repository, tag) => {
          const parsed = parseImageRef(`registry.test/${repository}:${tag}`);
          if (!parsed.ok) return true;
          const path = `/v2/${parsed.ref.repository}/manifests/${parsed.ref.tag ?? ""}`;
          const { pathname, search, hash } = new URL(path, "https://registry.test");
          return pathname === path && search === "" && hash === "";
        }),
        { numRuns: 2000 },
      ),
    ).not.toThrow();
  });

  it.each(["../other/app", "team/../../v2/other", "team/app?x=", "team/app#x", "team%2fapp", "team//app"])(
    "sends no request for the repository %s",
    async (repository) => {
      const { registry, client, subject } = await openPair();
      const parsed = parseImageRef(`${registry.host}/${repository}@${subject}`);
      expect(parsed.ok).toBe(false);
      const image = { registry: registry.host, repository: "team/app", digest: subject };
      await client.attachments(image, {}, EVERYTHING, soon());
      expect(registry.requests.length).toBeGreaterThan(0);
      expect(registry.requests.filter(({ path }) => !path.startsWith("/v2/team/app/"))).toEqual([]);
    },
  );
});
