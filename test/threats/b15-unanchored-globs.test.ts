import { describe, expect, it } from "vitest";

import { compileGlob } from "../../src/core/index.ts";
import { parsePolicy, plan } from "../../src/policy/index.ts";
import { anImage } from "../support/policies.ts";

/** After Portieris before 0.14.2, where a repository path that held the wanted name at its end was matched by its rule. */
describe("B15 globs match the whole repository name", () => {
  it.each([
    ["*.registry.example.com/*", "evil.io/fake.registry.example.com/app"],
    ["*.registry.example.com/*", "evil.io/a.registry.example.com/app/x"],
    ["registry.example.com/*", "evil.io/registry.example.com/app"],
    ["registry.example.com/*", "registry.example.com.evil.io/app"],
    ["registry.example.com/*", "registryxexample.com/app"],
    ["registry.example.com/acme/*", "registry.example.com/acme/../evil/app"],
    ["registry.example.com/acme/*", "registry.example.com/acme-evil/app"],
    ["registry.example.com/acme/**", "registry.example.com/acme"],
    ["registry.example.com/acme/app", "registry.example.com/acme/app-evil"],
    ["registry.example.com/acme/app", "registry.example.com/acme/app/evil"],
    ["registry.example.com:5000/*", "registry.example.com:50001/app"],
    ["registry.example.com/*", "registry.example.com:5000/app"],
    ["docker.io/library/*", "docker.io/acme/library/nginx"],
  ])("%s does not match %s", (glob, name) => {
    const compiled = compileGlob(glob);
    expect(compiled.ok && compiled.pattern.matches(name)).toBe(false);
  });

  it("so that a rule for one registry says nothing about a look-alike", () => {
    const policy = parsePolicy(
      'rules: [{ name: a, images: ["*.registry.example.com/**"], require: { reference: { pinned: true } } }]',
    );
    if (!policy.ok) throw new Error(JSON.stringify(policy.problems));
    const asked = (image: string): string =>
      plan(policy.value, { image: anImage(image), namespace: "shop" }, { copiesCount: false }).kind;
    expect(asked("eu.registry.example.com/app")).toBe("rules");
    expect(asked("evil.io/fake.registry.example.com/app")).toBe("unmatched");
  });
});
