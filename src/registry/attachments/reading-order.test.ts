import { expect, it } from "vitest";

import { digestOf } from "../../core/index.ts";
import type { Descriptor } from "../descriptors.ts";
import { inReadingOrder } from "./reading-order.ts";

const BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";

function listed(name: string, created?: string, artifactType = BUNDLE): Descriptor {
  const annotations = { name, ...(created !== undefined && { "org.opencontainers.image.created": created }) };
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  return { mediaType, digest: digestOf(name), size: 1, artifactType, annotations, platform: undefined };
}

it.each([
  [
    "newest first",
    [listed("old", "2026-01-01T00:00:00Z"), listed("new", "2026-02-01T00:00:00Z")],
    ["new", "old"],
  ],
  [
    "in any zone",
    [listed("old", "2026-01-01T10:00:00+12:00"), listed("new", "2026-01-01T00:00:00Z")],
    ["new", "old"],
  ],
  [
    "undated ones last, from the end",
    [listed("a"), listed("b"), listed("dated", "2026-01-01T00:00:00Z")],
    ["dated", "b", "a"],
  ],
  [
    "unreadable times are none",
    [listed("a", "yesterday"), listed("dated", "2026-01-01T00:00:00Z")],
    ["dated", "a"],
  ],
  [
    "Sigstore's before others",
    [
      listed("sarif", "2026-03-01T00:00:00Z", "application/sarif+json"),
      listed("ours", "2026-01-01T00:00:00Z"),
    ],
    ["ours", "sarif"],
  ],
])("referrers are read %s", (_, given, expected) => {
  expect(inReadingOrder(given).map(({ annotations }) => annotations["name"])).toEqual(expected);
});
