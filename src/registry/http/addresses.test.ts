import { describe, expect, it } from "vitest";

import { classifyAddress, isAddress } from "./addresses.ts";

describe("classifyAddress", () => {
  it.each([
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "[::ffff:a9fe:a9fe]",
    "64:ff9b::169.254.169.254",
    "2002:a9fe:a9fe::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "0.0.0.0",
    "0.1.2.3",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "[fe80::1]",
    "224.0.0.1",
    "255.255.255.255",
    "ff02::1",
    "not an address",
    "",
  ])("refuses %j", (address) => {
    expect(classifyAddress(address)).toBe("refused");
  });

  it.each(["127.0.0.1", "127.255.0.9", "::1", "[::1]", "::ffff:127.0.0.1", "::ffff:7f00:1"])(
    "knows %s as loopback",
    (address) => {
      expect(classifyAddress(address)).toBe("loopback");
    },
  );

  it.each([
    "10.96.0.1",
    "192.168.1.9",
    "172.16.0.1",
    "100.64.0.1",
    "140.82.121.34",
    "fd12::1",
    "2606:50c0::153",
  ])("takes %s, public or private", (address) => {
    expect(classifyAddress(address)).toBe("ordinary");
  });
});

it("tells addresses from names", () => {
  expect(["127.0.0.1", "[::1]", "localhost", "1.2.3.4.example"].map(isAddress)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
