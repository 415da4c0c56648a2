import { expect, it } from "vitest";

import { formatPolicyUri, parsePolicyUri } from "./policy-uri.ts";

it.each([
  ["https://acme.test/policy.yaml", { uri: "https://acme.test/policy.yaml" }],
  [
    "https://acme.test/policy.yaml#namespace=shop",
    { uri: "https://acme.test/policy.yaml", namespace: "shop" },
  ],
  ["https://acme.test/p#namespace=a#namespace=b", { uri: "https://acme.test/p#namespace=a#namespace=b" }],
  ["https://acme.test/p#namespace=", { uri: "https://acme.test/p#namespace=" }],
  ["https://acme.test/p#namespace=*", { uri: "https://acme.test/p#namespace=*" }],
  ["#namespace=shop", { uri: "#namespace=shop" }],
])("the address %s is read as %j, and written so again", (text, parts) => {
  expect(parsePolicyUri(text)).toEqual(parts);
  expect(formatPolicyUri(parts)).toBe(text);
});
