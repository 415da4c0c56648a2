/** One case of the demo: what is deployed where, and what must come of it. */
export interface DemoCase {
  readonly title: string;
  /** Name of the image, as the fixtures push it. */
  readonly image: ImageName;
  readonly mode: "enforce" | "advisory";
  readonly expect: "allowed" | "denied" | "allowed with a warning";
  /** Must stand in what kubectl would print; the reason code, or a waiver's id. */
  readonly says?: string;
  readonly registryDown?: boolean;
}

/** Images that the fixtures push. */
export type ImageName =
  | "signed"
  | "unsigned"
  | "wrongIdentity"
  | "tag"
  | "keySigned"
  | "fork"
  | "waived"
  | "waiverExpired"
  | "unreachable";

/** The ten cases. A verdict that differs from `expect` makes the demo fail. */
export const CASES: readonly DemoCase[] = [
  {
    title: "signed by the release workflow, with provenance",
    image: "signed",
    mode: "enforce",
    expect: "allowed",
  },
  { title: "not signed", image: "unsigned", mode: "enforce", expect: "denied", says: "signature/missing" },
  {
    title: "signed by another identity",
    image: "wrongIdentity",
    mode: "enforce",
    expect: "denied",
    says: "signature/untrusted-identity",
  },
  { title: "named by a tag", image: "tag", mode: "enforce", expect: "denied", says: "reference/unpinned" },
  {
    title: "signed with a key, cosign's legacy form",
    image: "keySigned",
    mode: "enforce",
    expect: "allowed",
  },
  {
    title: "signed by a fork through the shared workflow",
    image: "fork",
    mode: "enforce",
    expect: "denied",
    says: "signature/untrusted-identity",
  },
  {
    title: "not signed, with a waiver",
    image: "waived",
    mode: "enforce",
    expect: "allowed with a warning",
    says: "WA-2026-7",
  },
  {
    title: "not signed, with a waiver that has ended",
    image: "waiverExpired",
    mode: "enforce",
    expect: "denied",
    says: "signature/missing",
  },
  {
    title: "not signed, in an advisory namespace",
    image: "unsigned",
    mode: "advisory",
    expect: "allowed with a warning",
    says: "signature/missing",
  },
  {
    title: "its registry is down",
    image: "unreachable",
    mode: "enforce",
    expect: "denied",
    says: "registry/unavailable",
    registryDown: true,
  },
];
