import { type Case, casesOf, type Entry, FULL, OTHER_DIGEST, SHORT, without } from "./case.ts";

function link(id: string, renews?: string): Entry {
  return renews === undefined ? { ...FULL, id } : { ...FULL, id, renews };
}

function renewals(): Case[] {
  return casesOf("renewal", [
    [link("a", "gone")],
    [link("a", "a")],
    [link("a"), link("b", "a")],
    [link("b", "a"), link("a")],
    [link("a"), link("b", "a"), link("c", "b")],
    [link("a"), link("b", "a"), link("c", "b"), link("d", "c")],
    [link("d", "c"), link("c", "b"), link("b", "a"), link("a")],
    [link("a"), link("b", "a"), link("c", "b"), link("d", "c"), link("e", "d"), link("f", "e")],
    [link("b", "gone"), link("c", "b")],
    [link("b", "gone"), link("c", "b"), link("d", "c")],
    [link("a", "b"), link("b", "a")],
    [link("a", "b"), link("b", "c"), link("c", "a")],
    [link("a", "b"), link("b", "c"), link("c", "d"), link("d", "a")],
    [link("a", "b"), link("b", "c"), link("c", "d"), link("d", "e"), link("e", "a")],
    [link("x", "a"), link("a", "b"), link("b", "a")],
    [link("x", "y"), link("y", "a"), link("a", "a")],
    [link("a", "A"), link("A")],
    [link("a"), link("b", "a"), link("c", "a"), link("d", "a")],
    [{ ...link("a"), ttl: "soon" }, link("b", "a"), link("c", "b"), link("d", "c")],
    [{ ...link("a"), ttl: "90d" }, link("b", "a"), link("c", "b"), link("d", "c")],
    [{ ...link("b", "gone"), ttl: 3 }, link("c", "b")],
    [link("a"), link("a", "b"), link("b", "a")],
    [link("a", "b"), link("a"), link("b", "a"), link("c", "b"), link("d", "c")],
    [link("a"), link("a", "z"), link("b", "a"), link("c", "b")],
    [SHORT, link("b", `short-${"a1".repeat(6)}`)],
    [SHORT, link("b", `short-${"a1".repeat(6)}`), link("c", "b"), link("d", "c")],
    [{ ...without(FULL, "id"), renews: "a" }, link("a", `short-${"a1".repeat(6)}`)],
  ]);
}

function twins(): Case[] {
  const short = `short-${"a1".repeat(6)}`;
  const near = { ...SHORT, digest: `sha256:${"a1".repeat(6)}${"c3".repeat(26)}` };
  return casesOf("twin", [
    [link("a"), link("a")],
    [link("a"), link("A")],
    [link("a"), link("b"), link("a"), link("c"), link("a")],
    [link("a"), { ...link("a"), ttl: "soon" }],
    [link("a"), { ...link("a"), ttl: "90d" }],
    [
      { ...link("a"), ttl: "90d" },
      { ...link("a"), ttl: "90d" },
    ],
    [{ ...link("a"), digest: OTHER_DIGEST }, link("a")],
    [SHORT, SHORT],
    [SHORT, { ...SHORT, digest: OTHER_DIGEST }],
    [SHORT, near],
    [SHORT, { ...SHORT, digest: `sha512:${"a1".repeat(64)}` }],
    [SHORT, link(short)],
    [link("constructor"), link("toString"), link("valueOf")],
    [link("constructor", "toString"), link("hasOwnProperty", "constructor")],
  ]);
}
/** Waivers that speak of each other, or are called alike. */
export function chainCases(): Case[] {
  return [...renewals(), ...twins()];
}
