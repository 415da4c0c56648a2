import { describe, expect, it } from "vitest";

import { proxyFromEnvironment } from "./forward-proxy.ts";

const PROXY = "http://proxy.example:3128";

function viaProxy(url: string, noProxy: string): boolean {
  return (
    proxyFromEnvironment({ HTTPS_PROXY: PROXY, HTTP_PROXY: PROXY, NO_PROXY: noProxy })(new URL(url)) !==
    undefined
  );
}

describe("NO_PROXY, as Go's tools read it", () => {
  it.each([
    ["*", "https://ghcr.io"],
    ["ghcr.io", "https://ghcr.io"],
    ["ghcr.io", "https://eu.ghcr.io:5000"],
    ["GHCR.io", "https://ghcr.io"],
    ["ghcr.io", "https://ghcr.io."],
    [".ghcr.io", "https://eu.ghcr.io"],
    ["*.ghcr.io", "https://eu.ghcr.io"],
    ["other.example, ghcr.io", "https://ghcr.io"],
    ["ghcr.io:443", "https://ghcr.io"],
    ["ghcr.io:80", "http://ghcr.io"],
    [".example:5000", "https://registry.example:5000"],
    ["10.0.0.0/8", "https://10.1.2.3"],
    ["10.1.2.3", "https://10.1.2.3:5000"],
    ["10.1.2.3:5000", "https://10.1.2.3:5000"],
    ["fd00::/8", "https://[fd12::1]"],
    ["fd12::1", "https://[fd12::1]"],
    ["[fd12::1]", "https://[fd12::1]"],
    ["[fd12::1]:5000", "https://[fd12::1]:5000"],
    ["", "https://localhost:5000"],
    ["", "https://127.8.9.1"],
    ["", "https://[::1]:5000"],
  ])("%s: %s is reached directly", (noProxy, url) => {
    expect(viaProxy(url, noProxy)).toBe(false);
  });

  it.each([
    ["", "https://ghcr.io"],
    [",, ", "https://ghcr.io"],
    [":443", "https://ghcr.io"],
    ["ghcr.io", "https://notghcr.io"],
    ["ghcr.io", "https://ghcr.io.evil.example"],
    [".ghcr.io", "https://ghcr.io"],
    ["*.ghcr.io", "https://ghcr.io"],
    ["eu.ghcr.io", "https://ghcr.io"],
    ["ghcr.io:5000", "https://ghcr.io"],
    ["10.0.0.0/8", "https://11.1.2.3"],
    ["10.0.0.0/33", "https://10.0.0.0"],
    ["10.1.2.3:5000", "https://10.1.2.3"],
    ["10.1.2.3", "https://10.1.2.4"],
    ["fd12::/16", "https://[fd13::1]"],
    ["[fd12::1]:5000", "https://[fd12::1]"],
    ["10.0.0.0/8", "https://registry.example"],
  ])("%s: %s goes through the proxy", (noProxy, url) => {
    expect(viaProxy(url, noProxy)).toBe(true);
  });
});

describe("the proxies of an environment", () => {
  it.each([
    [{ HTTPS_PROXY: PROXY }, "https://ghcr.io", `${PROXY}/`],
    [{ https_proxy: PROXY }, "https://ghcr.io", `${PROXY}/`],
    [{ HTTPS_PROXY: "", https_proxy: PROXY }, "https://ghcr.io", `${PROXY}/`],
    [{ HTTPS_PROXY: "proxy.example:3128" }, "https://ghcr.io", `${PROXY}/`],
    [{ HTTPS_PROXY: "https://proxy.example" }, "https://ghcr.io", "https://proxy.example/"],
    [{ HTTP_PROXY: PROXY }, "http://ghcr.io", `${PROXY}/`],
    [{ HTTP_PROXY: PROXY }, "https://ghcr.io", undefined],
    [{ HTTPS_PROXY: PROXY }, "http://ghcr.io", undefined],
    [{ HTTPS_PROXY: PROXY, no_proxy: "ghcr.io" }, "https://ghcr.io", undefined],
    [{}, "https://ghcr.io", undefined],
  ])("%j: %s is reached through %s", (env, url, proxy) => {
    expect(proxyFromEnvironment(env)(new URL(url))?.href).toBe(proxy);
  });

  it.each([
    ["socks5://ana:secret@proxy.example", "names a proxy with socks5://"],
    ["http://", "is not the address of a proxy"],
    ["http://pro xy", "is not the address of a proxy"],
  ])("%s: refused, without the value", (value, why) => {
    const read = (): unknown => proxyFromEnvironment({ HTTPS_PROXY: value });
    expect(read).toThrow(`HTTPS_PROXY ${why}`);
    expect(read).not.toThrow("secret");
  });
});
