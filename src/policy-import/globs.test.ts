import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { compileGlob, parseImageRef, repositoryName } from "../core/index.ts";
import { type Globs, kyvernoCelGlobs, kyvernoGlobs, policyControllerGlobs } from "./globs.ts";

const DIGEST = "sha256:6c3c624b58dbbcd3c0dd82b4c53f04194d1247c6eebdaab7c610cf7d66709b3b";
type Case = readonly [pattern: string, globs: readonly string[], effects: readonly string[]];

function summary({ globs, losses }: Globs): unknown {
  return [globs, losses.map(({ effect }) => effect)];
}

describe("globs of a ClusterImagePolicy", () => {
  it.each<Case>([
    ["**", ["**"], []],
    ["*/**", ["*/**"], []],
    ["*", ["docker.io/library/*"], []],
    ["*/*", ["docker.io/*/*"], []],
    ["ghcr.io/acme/**", ["ghcr.io/acme/**"], []],
    ["ghcr.io/acme/app*", ["ghcr.io/acme/app*"], []],
    ["localhost:5000/acme/*", ["localhost:5000/acme/*"], []],
    ["index.docker.io/acme/*", ["docker.io/acme/*"], []],
    ["inde**", ["docker.io/**", "inde*/**"], []],
    ["ghcr.io/acme/app@sha256:*", ["ghcr.io/acme/app"], []],
    ["ghcr**", ["ghcr*/**", "docker.io/library/ghcr*", "docker.io/ghcr*/**"], ["weaker"]],
    ["nginx*", ["docker.io/library/nginx*"], ["weaker"]],
    ["acme/app*", ["docker.io/acme/app*"], ["weaker"]],
    ["docker.io/**", ["docker.io/**"], ["weaker"]],
    ["ghcr.io/acme/app:**", ["ghcr.io/acme/app"], ["differs"]],
    ["ghcr.io/acme/app:v1*", ["ghcr.io/acme/app"], ["weaker"]],
    ["ghcr.io/acme/app", ["ghcr.io/acme/app"], ["weaker"]],
    ["GHCR.io/Acme/**", ["ghcr.io/acme/**"], ["weaker"]],
    [`ghcr.io/${"a".repeat(600)}*`, ["**"], ["weaker"]],
  ])("%s becomes %j, which is %j", (pattern, globs, effects) => {
    expect(summary(policyControllerGlobs(pattern))).toEqual([globs, effects]);
  });
});

describe("image references of Kyverno", () => {
  it.each<Case>([
    ["*", ["**"], []],
    ["ghcr.io/acme/*", ["ghcr.io/acme/**"], []],
    ["registry.example.com*", ["registry.example.com*/**"], []],
    ["ghcr*", ["ghcr*/**"], []],
    ["localhost:5000*", ["localhost:5000*/**"], []],
    ["docker.io*", ["docker.io*/**"], []],
    ["docker.io/*", ["docker.io/**"], []],
    ["docker.io/nginx*", ["docker.io/library/nginx*", "docker.io/nginx**"], ["stricter"]],
    ["docker.io/library/nginx:*", ["docker.io/library/nginx"], ["stricter", "stricter"]],
    ["ghcr.io/acme/app:*", ["ghcr.io/acme/app"], ["stricter"]],
    ["ghcr.io/acme/app:v1", ["ghcr.io/acme/app"], ["stricter"]],
    ["ghcr.io/acme/app@sha256:*", ["ghcr.io/acme/app"], ["stricter"]],
    ["ghcr.io/acme/app", ["ghcr.io/acme/app"], ["stricter"]],
    ["*.example.com/*", ["*/**.example.com/**", "*.example.com/**"], []],
    ["ghcr.io/acme/ap?", ["ghcr.io/acme/ap**"], ["stricter"]],
    ["GHCR.io/acme/*", ["ghcr.io/acme/**"], ["stricter"]],
    ["nginx", ["docker.io/library/nginx"], ["stricter", "stricter"]],
    // The end of the pattern may stand in a tag.
    ["*nginx*", ["*/**"], ["stricter"]],
  ])("%s becomes %j, which is %j", (pattern, globs, effects) => {
    expect(summary(kyvernoGlobs(pattern))).toEqual([globs, effects]);
  });
});

describe("globs of an ImageValidatingPolicy", () => {
  it.each<Case>([
    ["ghcr.io/acme/*", ["ghcr.io/acme/**"], []],
    ["ghcr.io/acme-[ab]/*", ["**"], ["stricter"]],
    ["ghcr.io/acme-[!a]/*", ["**"], ["stricter"]],
    ["ghcr.io/{acme,other}/*", ["**"], ["stricter"]],
    [String.raw`ghcr.io/acme\*`, ["**"], ["stricter"]],
    ["nginx*", ["nginx*/**", "docker.io/library/nginx*", "docker.io/nginx*/**"], ["stricter"]],
  ])("%s becomes %j, which is %j", (pattern, globs, effects) => {
    expect(summary(kyvernoCelGlobs(pattern))).toEqual([globs, effects]);
  });
});

/** An image as a manifest writes it. */
interface Written {
  /** Without tag and digest. */
  readonly name: string;
  /** `:v1`, `@sha256:…` or empty. */
  readonly rest: string;
}

/** A text with wildcards as a regular expression; only for texts that this file makes. */
function expression(pattern: string, stars: (run: string) => string): RegExp {
  const parts = pattern.split(/(\*+|\?)/);
  const source = parts.map((part) => {
    if (part === "?") return ".";
    return part.startsWith("*") ? stars(part) : part.replaceAll(/[.[\]]/g, String.raw`\$&`);
  });
  return new RegExp(`^${source.join("")}$`);
}

function fullName({ name }: Written, hub: string, library: "library/" | ""): string {
  const first = name.split("/")[0]!;
  const isHosted = name.includes("/") && (/[.:]/.test(first) || first === "localhost");
  if (isHosted && first !== "docker.io") return name;
  const path = isHosted ? name.slice(first.length + 1) : name;
  return `${hub}/${path.includes("/") ? "" : library}${path}`;
}

/** What each system compares of an image, and whether one of its patterns matches any of these. */
function compares(pattern: string, texts: readonly string[], stars: (run: string) => string): boolean {
  const compiled = expression(pattern, stars);
  return texts.some((text) => compiled.test(text));
}

const anything = (): string => ".*";

const SYSTEMS = {
  "a ClusterImagePolicy": {
    globs: policyControllerGlobs,
    matches: (pattern: string, image: Written): boolean => {
      if (pattern.includes("?")) return false; // no policy of theirs holds one
      const asked = { "*": "index.docker.io/library/*", "*/*": "index.docker.io/*/*" }[pattern] ?? pattern;
      const rest = image.rest.startsWith("@") ? image.rest : `@${DIGEST}`;
      const texts = [`${fullName(image, "index.docker.io", "library/")}${rest}`, `${image.name}${rest}`];
      return compares(asked, texts, (run) => (run.length > 1 ? ".*" : "[^/]*"));
    },
  },
  "Kyverno before it wrote library/": {
    globs: kyvernoGlobs,
    matches: (pattern: string, image: Written): boolean =>
      compares(pattern, [`${fullName(image, "docker.io", "")}${image.rest || ":latest"}`], anything),
  },
  "Kyverno since it writes library/": {
    globs: kyvernoGlobs,
    matches: (pattern: string, image: Written): boolean => {
      const [host, ...path] = fullName(image, "docker.io", "").split("/");
      const full = path.length === 1 ? `${host!}/library/${path[0]!}` : [host, ...path].join("/");
      return compares(pattern, [`${full}${image.rest || ":latest"}`], anything);
    },
  },
  "an ImageValidatingPolicy, which compares what is written": {
    globs: kyvernoCelGlobs,
    matches: (pattern: string, image: Written): boolean =>
      compares(pattern, [`${image.name}${image.rest}`], anything),
  },
};

const WORDS = [
  "ghcr",
  "ghcr.io",
  "docker.io",
  "docker",
  "library",
  "nginx",
  "acme",
  "app",
  "localhost",
  "r:5000",
  "n",
];
const word = fc.constantFrom(...WORDS);
const images = fc
  .record({
    parts: fc.array(word, { minLength: 1, maxLength: 3 }),
    rest: fc.constantFrom("", ":v1", ":app", `@${DIGEST}`, `:v1@${DIGEST}`),
  })
  .map(({ parts, rest }): Written => ({ name: parts.join("/"), rest }))
  .filter(
    ({ name, rest }) => parseImageRef(name + rest).ok && !(name.includes("5000") && !name.includes("/")),
  );
/** Patterns that come near to some of the images: words, pieces of them, stars and marks. */
const patterns = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: word },
      { weight: 3, arbitrary: fc.constantFrom("/", "*", "**") },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          ":",
          ":v1",
          ":*",
          "?",
          "@sha256:*",
          "i",
          "g",
          "5000",
          "index.docker.io/",
          "*/*",
        ),
      },
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((parts) => parts.join(""));

describe("for random patterns and images", () => {
  it.each(Object.entries(SYSTEMS))(
    "ours match whatever %s matches, and name what they match besides",
    (_, system) => {
      let matched = 0;
      const run = (): void =>
        fc.assert(
          fc.property(patterns, images, (pattern, image) => {
            const theirs = system.matches(pattern, image);
            const { globs, losses } = system.globs(pattern);
            const ref = parseImageRef(`${image.name}${image.rest}`);
            if (!ref.ok) return false;
            const ours = globs.some((glob) => {
              const compiled = compileGlob(glob);
              return compiled.ok && compiled.pattern.matches(repositoryName(ref.ref));
            });
            if (theirs) matched += 1;
            return theirs ? ours : !ours || losses.length > 0;
          }),
          { numRuns: 1500, seed: 20_261_129 },
        );
      expect(run).not.toThrow();
      expect(matched).toBeGreaterThanOrEqual(100);
    },
  );
});
