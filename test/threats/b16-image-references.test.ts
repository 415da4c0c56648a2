import { describe, expect, it } from "vitest";

import { formatImageRef, parseImageRef } from "../../src/core/index.ts";

const DIGEST = `sha256:${"ab".repeat(32)}`;

/** What the gate judges must be what the kubelet's runtime pulls; where the two could differ, the text is refused. */
describe("B16 an image reference is read as the runtime reads it", () => {
  it.each([
    ["default registry and library/", "nginx", "docker.io/library/nginx"],
    ["a path on the default registry", "acme/app", "docker.io/acme/app"],
    ["a first part without dot, colon or localhost is no host", "ghcr/app", "docker.io/ghcr/app"],
    ["a port is no tag", "localhost:5000/app", "localhost:5000/app"],
    ["a tag is no port", "app:5000", "docker.io/library/app:5000"],
    ["tag and digest stand together", `app:1@${DIGEST}`, `docker.io/library/app:1@${DIGEST}`],
    ["hosts have no case", "Registry.Example.COM/app", "registry.example.com/app"],
    ["a user name in front of a host is a path", "ghcr.io/user/ghcr.io/app", "ghcr.io/user/ghcr.io/app"],
  ])("%s", (_, text, full) => {
    const parsed = parseImageRef(text);
    expect(parsed.ok && formatImageRef(parsed.ref)).toBe(full);
  });

  it.each([
    ["an id of a local image", "ab".repeat(32)],
    ["an upper-case repository", "ghcr.io/Acme/app"],
    ["a host that only looks like another", "ghcr．io/acme/app"],
    ["a letter from another alphabet", "ghcr.io/аcme/app"],
    ["an unknown digest algorithm", `app@sha384:${"ab".repeat(48)}`],
    ["a digest that is too short", `app@sha256:${"ab".repeat(31)}`],
    ["a digest of another length", `app@sha512:${"ab".repeat(32)}`],
    ["credentials", "user:secret@ghcr.io/acme/app"],
    ["a URL", "https://ghcr.io/acme/app"],
    ["dots that climb", "ghcr.io/../app"],
    ["a line break", "ghcr.io/acme/app\nghcr.io/evil/app"],
  ])("refuses %s", (_, text) => {
    expect(parseImageRef(text).ok).toBe(false);
  });
});
