import { type Case, DIGEST, valuesOf } from "./case.ts";

const DIGESTS: readonly unknown[] = [
  DIGEST,
  `sha512:${"0f".repeat(64)}`,
  `sha256:${"A1".repeat(32)}`,
  `SHA256:${"a1".repeat(32)}`,
  `sha256:${"a1".repeat(31)}`,
  `sha256:${"a1".repeat(33)}`,
  `sha256:${"g1".repeat(32)}`,
  `sha512:${"a1".repeat(32)}`,
  `sha384:${"a1".repeat(48)}`,
  "a1".repeat(32),
  "sha256:deadbeef",
  ` ${DIGEST}`,
  `${DIGEST}\n`,
  `ghcr.io/acme/app@${DIGEST}`,
  "",
  null,
  12,
  [DIGEST],
];

const IMAGES: readonly unknown[] = [
  ..."ghcr.io/acme/app,ghcr.io/acme/team/app,localhost/app,localhost:5000/app,r.test:443/a,r.test:65535/a".split(
    ",",
  ),
  ..."r.test:65536/a,r.test:0/a,r.test:00443/a,r.test:123456/a,r.test:/a,r.test:x/a,10.0.0.1/a,10.0.0.1:5000/a".split(
    ",",
  ),
  ..."[::1]/a,[::1]:5000/a,[fe80::1]/a,[FE80::1]/a,[::1/a,[]/a,a.b/c,a..b/c,-a.b/c,a-.b/c,a.-b/c,a.b-/c".split(
    ",",
  ),
  ..."GHCR.io/acme/app,ghcr.io/Acme/app,ghcr.io/acme/app:1.0,ghcr.io/acme/app:latest,ghcr.io/acme/".split(
    ",",
  ),
  ..."ghcr.io//app,ghcr.io/acme//app,ghcr.io/acme/app/,/app,ghcr.io,ghcr.io/,nginx,library/nginx".split(","),
  ..."docker.io/library/nginx,docker.io/nginx,docker.io/acme/app,index.docker.io/library/nginx".split(","),
  ..."registry-1.docker.io/library/nginx,index.docker.io/acme/app,docker.io:443/nginx,docker.io./nginx".split(
    ",",
  ),
  ..."ghcr.io/a_b,ghcr.io/a__b,ghcr.io/a___b,ghcr.io/a.b,ghcr.io/a..b,ghcr.io/a-b,ghcr.io/a---b,ghcr.io/_a".split(
    ",",
  ),
  ..."ghcr.io/a_,ghcr.io/a._b,ghcr.io/.a,ghcr.io/a.,ghcr.io/*,ghcr.io/acme/**,https://ghcr.io/acme/app".split(
    ",",
  ),
  ..."host/app,host:5000/app,HOST:5000/app,ghcr.io/ acme,ghcr.io/acme/äpp,ghcr.io\\acme".split(","),
  `ghcr.io/acme/app@${DIGEST}`,
  "ghcr.io/acme/app\n",
  `ghcr.io/${"a".repeat(255)}`,
  `ghcr.io/${"a".repeat(256)}`,
  `${"a".repeat(255)}.io/a`,
  `${"a".repeat(256)}.io/a`,
  `${"a".repeat(257)}.io/a`,
  `${"a".repeat(253)}.io:443/a`,
  "a1".repeat(32),
  "",
  null,
  7,
];

const IDS: readonly unknown[] = [
  ..."A,0,a.b_c-d,WA-2026-001,-a,.a,_a,a b,a/b,ä,a:b".split(","),
  "a".repeat(64),
  "a".repeat(65),
  "a\n",
  "",
  null,
  1,
  {},
];
const NAMESPACES: readonly unknown[] = [
  ["shop"],
  ["shop", "shop"],
  ["a", "0", "a-b", "a".repeat(63)],
  ["a".repeat(64)],
  ["-a"],
  ["a-"],
  ["A"],
  ["a.b"],
  ["*"],
  [""],
  ["shop\n"],
  [],
  Array.from({ length: 100 }, (_, index) => `ns-${index}`),
  Array.from({ length: 101 }, (_, index) => `ns-${index}`),
  "shop",
  [null],
  [1, "A"],
  null,
  {},
];

const FINDINGS: readonly unknown[] = [
  ["CVE-2026-0001"],
  ..."cve-2026-0001,Cve-2026-0001,CVE-2026-*,CVE-2026-000?,CVE 2026 0001,CVE-2026-0001 , CVE-2026-0001,CVE,CVE_2026"
    .split(",")
    .map((id) => [id]),
  ..."GHSA-ab12-cd34-ef56,ghsa-ab12-cd34-ef56,GHSA-AB12-cd34-ef56,GHſA-ab12,RHSA-2026:1,cve2026,openssl-cve"
    .split(",")
    .map((id) => [id]),
  ["CVE-2026-0001\u00A0"],
  ["CVE-2026-0001\u3000x"],
  ["GHSA-xxxx-yyyy-zzzz", "CVE-2026-0001"],
  [" "],
  [],
  ["a".repeat(64)],
  ["a".repeat(65)],
  Array.from({ length: 200 }, (_, index) => `CVE-${index}`),
  Array.from({ length: 201 }, (_, index) => `CVE-${index}`),
  Array.from({ length: 201 }, () => 1),
  Array.from({ length: 201 }, () => "\n"),
  "CVE-2026-0001",
  ["CVE-2026-0001", 7],
  null,
];

const OWNERS: readonly unknown[] = [
  ["a"],
  [],
  Array.from({ length: 16 }, (_, index) => `team-${index}`),
  Array.from({ length: 17 }, (_, index) => `team-${index}`),
  ["a", "a"],
  [""],
  [null],
  "team-shop",
  null,
];

const APPROVAL = { by: "sam", seat: "devsecops", at: "2026-11-23T10:00:00Z" };
const APPROVALS: readonly unknown[] = [
  [],
  [APPROVAL],
  [{ ...APPROVAL, ref: "https://github.com/acme/policy/pull/17" }],
  [{ ...APPROVAL, ref: "a\nb" }],
  [{ ...APPROVAL, ref: "" }],
  [{ ...APPROVAL, ref: null }],
  ...["{}", "x", "", "a\nb", null, {}, "a".repeat(32_768), "a".repeat(32_769)].map((bundle) => [
    { ...APPROVAL, bundle },
  ]),
  [{ ...APPROVAL, at: "yesterday" }],
  [{ ...APPROVAL, at: null }],
  [{ ...APPROVAL, seat: "" }],
  [{ ...APPROVAL, seat: "s".repeat(65) }],
  [{ ...APPROVAL, by: "" }],
  [{ ...APPROVAL, by: 3 }],
  [{ ...APPROVAL, role: "x" }],
  [{ by: "sam", seat: "devsecops" }],
  [{ by: "sam", at: "2026-11-23T10:00:00Z" }],
  [{}],
  ["sam"],
  [null],
  [[]],
  { sam: true },
  "sam",
  null,
  Array.from({ length: 16 }, (_, index) => ({ ...APPROVAL, by: `p-${index}` })),
  Array.from({ length: 17 }, (_, index) => ({ ...APPROVAL, by: `p-${index}` })),
  Array.from({ length: 17 }, (_, index) => ({ ...APPROVAL, by: `p-${index}`, at: "never" })),
  Array.from({ length: 17 }, () => ({ by: "sam" })),
];
/** Names and lists, one key after another. */
export function fieldCases(): Case[] {
  return [
    ...valuesOf("digest", DIGESTS),
    ...valuesOf("image", IMAGES),
    ...valuesOf("id", IDS),
    ...valuesOf("renews", IDS),
    ...valuesOf("namespaces", NAMESPACES),
    ...valuesOf("findings", FINDINGS),
    ...valuesOf("owners", OWNERS),
    ...valuesOf("approvals", APPROVALS),
  ];
}
