import { describe, expect, it } from "vitest";

import { digestOf } from "./digest.ts";
import { parseImageRef } from "./image-ref.ts";
import { namesImage } from "./named-repository.ts";

const DIGEST = digestOf("an image");
const OTHER = digestOf("another image");

function named(uri: string, image = `ghcr.io/acme/app@${DIGEST}`): boolean {
  const parsed = parseImageRef(image);
  if (!parsed.ok) throw new Error(parsed.why);
  return namesImage(uri, parsed.ref);
}

describe("whether a URI names an image", () => {
  it.each([
    "ghcr.io/acme/app",
    "ghcr.io/acme/app:v1",
    `ghcr.io/acme/app@${DIGEST}`,
    `ghcr.io/acme/app:v1@${DIGEST}`,
    "oci://ghcr.io/acme/app",
    "docker://ghcr.io/acme/app:v1",
    "pkg:oci/app?repository_url=ghcr.io/acme/app",
    "pkg:oci/app?repository_url=ghcr.io/acme",
    `pkg:oci/app@${DIGEST.replace(":", "%3A")}?repository_url=ghcr.io/acme/app&tag=v1`,
    `pkg:docker/acme/app@v1?repository_url=ghcr.io`,
    `pkg:docker/ghcr.io/acme/app@v1?digest=${DIGEST}`,
    `ghcr.io/acme/app:sha256-${DIGEST.slice(7)}.vsa`,
    "ghcr.io/acme/app:0123456789abcdef0123456789abcdef01234567",
  ])("%s does", (uri) => {
    expect(named(uri)).toBe(true);
  });

  it.each([
    "",
    "acme/app",
    "ghcr.io/acme/app2",
    "ghcr.io/acme/app/sub",
    "ghcr.io.mallory.test/acme/app",
    "mallory.test/ghcr.io/acme/app",
    "https://ghcr.io/acme/app",
    "git+https://ghcr.io/acme/app",
    "pkg:oci/app",
    "pkg:npm/app?repository_url=ghcr.io/acme/app",
    "pkg:oci/app?repository_url=mallory.test/acme/app",
    `ghcr.io/acme/app@${OTHER}`,
    "ghcr.io/acme/app@sha256:abc",
    "pkg:oci/app@sha256%3Aabc?repository_url=ghcr.io/acme/app",
    "pkg:oci/app%40sha256%3Aabc?repository_url=ghcr.io/acme/app",
    `pkg:oci/app@${OTHER.replace(":", "%3A")}?repository_url=ghcr.io/acme/app`,
    `pkg:docker/ghcr.io/acme/app@v1?digest=${OTHER}`,
    `pkg:oci/app?repository_url=ghcr.io/acme/app&checksum=${OTHER}`,
    `pkg:oci/app?repository_url=ghcr.io/acme/app&tag=${OTHER}`,
    `pkg:oci/app@${OTHER.slice(7)}?repository_url=ghcr.io/acme/app`,
    `pkg:oci/app@sha256-${OTHER.slice(7)}?repository_url=ghcr.io/acme/app`,
    "pkg:oci/app@sha256-0123?repository_url=ghcr.io/acme/app",
    `ghcr.io/acme/app:${OTHER.slice(7).toUpperCase()}`,
    `ghcr.io/acme/app:sha256-${OTHER.slice(7)}`,
    `pkg:oci/app?repository_url=ghcr.io/acme/app#${OTHER}`,
    `pkg:docker/ghcr.io/acme/app@v1%3F${OTHER}`,
    `pkg:oci/app@%73ha256:${OTHER.slice(7)}?repository_url=ghcr.io/acme/app`,
    `pkg:oci/app@%2573ha256:${OTHER.slice(7)}?repository_url=ghcr.io/acme/app`,
    "pkg:oci/app@md5:abc?repository_url=ghcr.io/acme/app",
    "pkg:oci/app@%?repository_url=ghcr.io/acme/app",
    `pkg:oci/app@${DIGEST}?repository_url=ghcr.io/acme/app@${OTHER}`,
    `ghcr.io/acme/app${"x".repeat(3000)}`,
  ])("%s does not", (uri) => {
    expect(named(uri)).toBe(false);
  });

  it("Docker Hub's short name and full name are one repository", () => {
    expect(named("docker.io/library/nginx", `nginx@${DIGEST}`)).toBe(true);
    expect(named("pkg:docker/nginx", `nginx@${DIGEST}`)).toBe(true);
  });
});
