import { describe, expect, it } from "vitest";

import type { Attachments } from "../../src/core/index.ts";
import {
  BUNDLE,
  closeAfterEach,
  codeOf,
  unreadCodeOf,
  EVERYTHING,
  openPair,
  REPO,
  soon,
  texts,
} from "../support/oci-client.ts";
import type { OciRegistryOptions } from "../support/oci-registry.ts";

closeAfterEach();

type LinkTo = NonNullable<OciRegistryOptions["linkTo"]>;

/** Two referrers on two pages, the second one behind a `Link` of this spelling. */
async function read(linkTo: LinkTo): Promise<[string, string][]> {
  return texts((await attachmentsWith(linkTo)).found);
}

async function attachmentsWith(linkTo: LinkTo): Promise<Attachments> {
  const { registry, client, image, subject } = await openPair({ registry: { pageSize: 1, linkTo } });
  registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "first" });
  registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "second" });
  return client.attachments(image(subject), {}, EVERYTHING, soon());
}

const NEXT: [string, LinkTo][] = [
  ["after another link in the same header", (next) => `</help>; rel="help", <${next}>; rel="next"`],
  ["in a header of its own, after another one", (next) => ["</a.css>; rel=preload", `<${next}>; rel="next"`]],
  ["with a comma in quotes before it", (next) => `<${next}>; title="page 2, of 2"; rel="next"`],
  ["in capital letters", (next) => `<${next}>; REL="NEXT"`],
  ["of 4,100 characters", (next) => `<${next}&token=${"t".repeat(4100)}>; rel="next"`],
  ["with several relation types", (next) => `<${next}>; rel="last next"`],
  ["with spaces and without quotes", (next) => `<${next}> ; rel = next`],
  ["before another link", (next) => `<${next}>; rel=next, </v2/>; rel=first`],
  ["said twice", (next) => `<${next}>; rel=next, <${next}>; rel="next last"`],
  ["that names the page that it continues", (next) => `<${next}>; rel=next; anchor=""`],
];

describe("the list of referrers goes on where a next page is linked", () => {
  it.each(NEXT)("%s", async (_, linkTo) => {
    expect(await read(linkTo)).toEqual([
      ["bundle", "first"],
      ["bundle", "second"],
    ]);
  });
});

const UNREADABLE: [string, LinkTo][] = [
  ["no address", (next) => `${next}; rel="next"`],
  ["an open bracket", (next) => `<${next}; rel="next"`],
  ["no relation type", (next) => `<${next}>`],
  ["an open quote", (next) => `<${next}>; rel="next`],
  ["something else behind it", (next) => `<${next}>; rel="next" 2`],
  ["more than 16 KiB", (next) => `<${next}&x=${"x".repeat(16 * 1024)}>; rel="next"`],
  ["two next pages", (next) => `<${next}>; rel=next, <${next}0>; rel=next`],
  ["the next page of something else", (next) => `<${next}>; rel=next; anchor="/v2/other"`],
  ["another origin", () => `<https://other.example/list>; rel=next`],
];

describe("a list of referrers is a gap, and not a whole list, where its Link header has", () => {
  it.each(UNREADABLE)("%s", async (_, linkTo) => {
    expect(await unreadCodeOf(attachmentsWith(linkTo))).toBe("registry/invalid");
  });

  it.each(["", " ,", '</v2/>; rel="first"', "</help>; rel=help"])(
    "not %j, which links no next page",
    async (link) => {
      expect(await read(() => link)).toEqual([["bundle", "first"]]);
    },
  );
});

describe("other headers that say what an answer holds", () => {
  it("a list that is filtered unasked is a fault", async () => {
    const { registry, client, image, subject } = await openPair();
    registry.fault("/referrers/", { kind: "headers", headers: { "oci-filters-applied": "artifactType" } });
    expect(await unreadCodeOf(client.attachments(image(subject), {}, EVERYTHING, soon()))).toBe(
      "registry/invalid",
    );
  });

  it.each(["sha256:abc", "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709", '"', "sha256:x, sha256:y"])(
    "a tag's stated digest %j, which cannot be read, is a fault",
    async (stated) => {
      const { registry, client } = await openPair();
      registry.fault("/manifests/v1", { kind: "headers", headers: { "docker-content-digest": stated } });
      const ref = { registry: registry.host, repository: REPO, tag: "v1" };
      expect(await codeOf(client.resolve(ref, {}, soon()))).toBe("registry/invalid");
    },
  );
});
