import { expect, it } from "vitest";

import { formatPolicyUri, parsePolicyUri } from "./policy-uri.ts";

it.each([
  ["https://acme.test/policy.yaml", { uri: "https://acme.test/policy.yaml" }],
  [
    "https://acme.test/policy.yaml#namespace=shop",
    { uri: "https://acme.test/policy.yaml", namespace: "shop" },
  ],
  ["https://acme.test/p%23namespace=shop", { uri: "https://acme.test/p%23namespace=shop" }],
  ["git+https://acme.test/p#strict%20rules.yaml", { uri: "git+https://acme.test/p#strict%20rules.yaml" }],
])("the address %s is read as %j, and written so again", (text, parts) => {
  expect(parsePolicyUri(text)).toEqual({ ...parts, isUnclear: false });
  expect(formatPolicyUri(parts)).toBe(text);
});

it.each([
  "https://acme.test/p#namespace=a#namespace=b",
  "https://acme.test/p#namespace=",
  "https://acme.test/p#namespace=*",
  "https://acme.test/p#Namespace=a",
  "https://acme.test/p#rev=1&namespace=a",
  "https://acme.test/p#%6eamespace=a",
  "https://acme.test/p#%25256eamespace=a",
  "https://acme.test/p#%252525252525",
  "https://acme.test/p#%zz",
  "#namespace=shop",
])("by whose rules %s was judged is unclear", (text) => {
  expect(parsePolicyUri(text)).toEqual({ uri: text, isUnclear: true });
});
