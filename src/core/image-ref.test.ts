import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { formatImageRef, isPinned, parseImageRef, repositoryName } from "./image-ref.ts";

const SHA256 = `sha256:${"0123456789abcdef".repeat(4)}`;
const SHA512 = `sha512:${"0123456789abcdef".repeat(8)}`;

function spelt(text: string): string | undefined {
  const parsed = parseImageRef(text);
  return parsed.ok ? formatImageRef(parsed.ref) : undefined;
}

describe("parseImageRef", () => {
  it.each([
    ["nginx", "docker.io/library/nginx"],
    ["nginx:1.27", "docker.io/library/nginx:1.27"],
    [`nginx@${SHA256}`, `docker.io/library/nginx@${SHA256}`],
    [`nginx:1.27@${SHA256}`, `docker.io/library/nginx:1.27@${SHA256}`],
    ["acme/app", "docker.io/acme/app"],
    ["docker.io/nginx", "docker.io/library/nginx"],
    ["index.docker.io/nginx", "docker.io/library/nginx"],
    ["registry-1.docker.io/acme/app", "docker.io/acme/app"],
    ["test:5000", "docker.io/library/test:5000"],
    ["test:5000/repo", "test:5000/repo"],
    ["test:5000/repo:tag", "test:5000/repo:tag"],
    [`test:5000/repo@${SHA256}`, `test:5000/repo@${SHA256}`],
    [`test:5000/repo:tag@${SHA512}`, `test:5000/repo:tag@${SHA512}`],
    ["localhost/app", "localhost/app"],
    ["localhost:5000/app", "localhost:5000/app"],
    ["UPPER:5000/app", "upper:5000/app"],
    ["GHCR.io/acme/app", "ghcr.io/acme/app"],
    ["xn--n3h.com/myimage:xn--n3h.com", "xn--n3h.com/myimage:xn--n3h.com"],
    ["xn--7o8h.com/a/b", "xn--7o8h.com/a/b"],
    ["foo_bar.com:8080", "docker.io/library/foo_bar.com:8080"],
    ["foo/foo_bar.com:8080", "docker.io/foo/foo_bar.com:8080"],
    ["[2001:db8::1]/repo", "[2001:db8::1]/repo"],
    ["[2001:DB8::1]:5000/repo:tag", "[2001:db8::1]:5000/repo:tag"],
    ["192.168.1.1:65535/a", "192.168.1.1:65535/a"],
    ["a.b/c__d/e---f.g", "a.b/c__d/e---f.g"],
    [
      "b.gcr.io/test.example.com/my-app:test.example.com",
      "b.gcr.io/test.example.com/my-app:test.example.com",
    ],
    [`a.b/${"c".repeat(255)}:${"t".repeat(128)}`, `a.b/${"c".repeat(255)}:${"t".repeat(128)}`],
  ])("reads %s", (text, full) => {
    expect(spelt(text)).toBe(full);
  });

  it.each([
    "",
    " ",
    ":justtag",
    `@${SHA256}`,
    "repo@sha256:ffff",
    `repo@${SHA256.toUpperCase()}`,
    `repo@md5:${"0".repeat(32)}`,
    `repo@${SHA256}@${SHA256}`,
    SHA256.slice(7),
    "Uppercase:tag",
    "acme/Uppercase",
    "Uppercase/lowercase:tag",
    "test:5000/Uppercase/lowercase:tag",
    "a.b//c",
    "a.b/c/",
    "/a",
    "a.b/",
    "a.b/-c",
    "a.b/c-",
    "a.b/c___d",
    "a.b/c..d",
    "a.b/c._d",
    "-a.b/c",
    "a-.b/c",
    "a..b/c",
    "aa/asdf$$^/aa",
    "https://github.com/acme/app",
    "user:password@ghcr.io/acme/app",
    "ghcr.io/acme/app?x",
    "ghcr.io/acme/app#x",
    "a.b:123456/c",
    "a.b:65536/c",
    "a.b:/c",
    "[fe80::1%eth0]:5000/repo",
    "[2001:db8::1:5000/repo",
    "[::1]",
    "ghcr.io/acme/app:",
    "ghcr.io/acme/app:-tag",
    `a.b/c:${"t".repeat(129)}`,
    `a.b/${"c".repeat(256)}`,
    `${"a".repeat(260)}.b/c`,
    "bücher.example/app",
    "ghcr.io/acme/аpp",
    "ghcr.io/acme/app\n",
    "ghcr.io/acme/app\u0000",
    " ghcr.io/acme/app",
    "ghcr.io/acme/../../etc",
    "ghcr.io/acme/%2e%2e/app",
  ])("refuses %j, and says why in one clause", (text) => {
    const parsed = parseImageRef(text);
    expect(parsed).toMatchObject({ ok: false, why: expect.stringMatching(/^[\x20-\x7e]{10,120}$/) });
  });

  it.each([
    ["", "it is empty"],
    ["a".repeat(800), "255"],
    ["a".repeat(801), "it is longer than 800 characters"],
  ])("says of %j: %s", (text, why) => {
    expect(parseImageRef(text)).toMatchObject({ ok: false, why: expect.stringContaining(why) });
  });

  it("tells a pinned image from one that is not", () => {
    const pinned = parseImageRef(`ghcr.io/acme/app:1@${SHA256}`);
    const tagged = parseImageRef("ghcr.io/acme/app:1");
    expect(pinned.ok && isPinned(pinned.ref)).toBe(true);
    expect(tagged.ok && isPinned(tagged.ref)).toBe(false);
    expect(pinned.ok && repositoryName(pinned.ref)).toBe("ghcr.io/acme/app");
  });
});

const alphanumeric = "abcdefghijklmnopqrstuvwxyz0123456789".split("");
const word = fc.string({ unit: fc.constantFrom(...alphanumeric), minLength: 1, maxLength: 8 });
const separator = fc.constantFrom(".", "_", "__", "-", "--", "---");
const component = fc
  .tuple(word, fc.array(fc.tuple(separator, word), { maxLength: 3 }))
  .map(([first, more]) => first + more.flat().join(""));
const path = fc.array(component, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("/"));
const label = fc.tuple(word, fc.constantFrom("", "-", "--"), word).map((parts) => parts.join(""));
const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined });
const host = fc.oneof(
  fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join(".")),
  fc.constant("localhost"),
  fc.ipV4(),
  fc.constant("[2001:db8::1]"),
);
const domain = fc.tuple(host, port).map(([name, at]) => (at === undefined ? name : `${name}:${at}`));
const tag = fc.option(fc.stringMatching(/^[\w][\w.-]{0,127}$/), { nil: undefined });
const digest = fc.option(fc.constantFrom(SHA256, SHA512), { nil: undefined });
const suffix = fc
  .tuple(tag, digest)
  .map(([t, d]) => (t === undefined ? "" : `:${t}`) + (d === undefined ? "" : `@${d}`));

describe("the reference grammar", () => {
  it("reads every sentence with a domain, and spells it back unchanged", () => {
    fc.assert(
      fc.property(domain, path, suffix, (at, name, end) => {
        expect(spelt(`${at}/${name}${end}`)).toBe(`${at}/${name}${end}`);
      }),
    );
  });

  it("puts Docker Hub in front of every sentence without a domain, and library/ before a single word", () => {
    fc.assert(
      fc.property(path, suffix, (name, end) => {
        const first = name.split("/")[0]!;
        fc.pre(!(name.includes("/") && (first.includes(".") || first === "localhost")));
        const full = name.includes("/") ? `docker.io/${name}` : `docker.io/library/${name}`;
        fc.pre(!/^[0-9a-f]{64}$/.test(name + end));
        expect(spelt(name + end)).toBe(full + end);
      }),
    );
  });

  it("reads what it spelt as the same reference, whatever the text was", () => {
    const near = fc.string({ unit: fc.constantFrom(..."abA0.:/@-_[]*".split(""), "sha256:"), maxLength: 60 });
    fc.assert(
      fc.property(fc.oneof(near, fc.string({ unit: "grapheme", maxLength: 900 })), (text) => {
        const parsed = parseImageRef(text);
        if (!parsed.ok) return;
        expect(parseImageRef(formatImageRef(parsed.ref))).toEqual(parsed);
        expect(formatImageRef(parsed.ref)).toMatch(/^[\x21-\x7e]+$/);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    "a".repeat(799) + "!",
    "a-".repeat(399) + "!",
    "a.".repeat(399) + "!",
    `a.b/${"a-".repeat(390)}`,
    `a.b/${"a_".repeat(390)}`,
    `a.b/${"-".repeat(790)}`,
    "[".repeat(800),
    `[${":".repeat(790)}]/a`,
    "/".repeat(800),
    "@".repeat(800),
    "a".repeat(4_000_000),
  ])("refuses hostile text of any length without delay (%#)", (text) => {
    for (let times = 0; times < 100; times++) expect(parseImageRef(text).ok).toBe(false);
  });
});
