import { describe, expect, it } from "vitest";

import { packageNames } from "./package-url.ts";

describe("the names of a package", () => {
  it.each<[unknown, readonly string[]]>([
    ["pkg:npm/left-pad@1.3.0", ["left-pad"]],
    ["pkg:npm/%40acme/app@1.0.0", ["@acme/app", "@acme:app"]],
    ["pkg:maven/org.apache/log4j@2.0?type=jar#main", ["org.apache/log4j", "org.apache:log4j"]],
    ["pkg:golang/github.com/acme/app@v1", ["github.com/acme/app", "github.com/acme:app"]],
    ["pkg:apk/alpine/zlib@1.3.1", ["zlib"]],
    ["pkg:deb/debian/openssl", ["openssl"]],
    ["pkg:rpm/fedora/curl@8", ["curl"]],
    ["pkg:alpm/arch/pacman", ["pacman"]],
    ["pkg://npm/app", ["app"]],
    ["pkg:npm", []],
    ["pkg:", []],
    ["x pkg:npm/app", []],
    ["npm/app", []],
    ["pkg:npm/%zz", []],
    [`pkg:npm/${"a".repeat(2040)}`, ["a".repeat(2040)]],
    [`pkg:npm/${"a".repeat(2041)}`, []],
    [7, []],
    [undefined, []],
  ])("of %j are %j", (url, names) => {
    expect(packageNames(url)).toEqual(names);
  });
});
