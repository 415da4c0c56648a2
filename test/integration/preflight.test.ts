import { beforeEach, describe, expect, it } from "vitest";

import { useKubeFixture } from "../support/kube-fixture.ts";
import { built, folder, promoting, registry } from "../support/promoting.ts";

const CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
const LISTS: Readonly<Record<string, string>> = {
  Pod: "/api/v1/namespaces/NS/pods",
  Deployment: "/apis/apps/v1/namespaces/NS/deployments",
  ReplicaSet: "/apis/apps/v1/namespaces/NS/replicasets",
  CronJob: "/apis/batch/v1/namespaces/NS/cronjobs",
  Rollout: "/apis/argoproj.io/v1alpha1/namespaces/NS/rollouts",
};

interface Report {
  readonly counts: Readonly<Record<string, number>>;
  readonly namespaces: readonly object[];
  readonly workloads: readonly { readonly name: string; readonly outcome: string }[];
  readonly forecast: readonly object[];
  readonly notSeen: readonly { readonly what: string }[];
}

const fixture = useKubeFixture();
promoting();

beforeEach(() => {
  putNamespace("default");
  folder().write("revocations.yaml", "revocations: []\n");
});

function putNamespace(name: string, more: object = {}): void {
  const object = { apiVersion: "v1", kind: "Namespace", metadata: { name, ...more } };
  fixture().server.store.put("/api/v1/namespaces", object);
}

function putExempt(...values: readonly string[]): void {
  const matchExpressions = [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values }];
  fixture().server.store.put(CONFIGURATIONS, {
    metadata: { name: "mc-gate" },
    webhooks: [{ name: "enforce.mc-gate.dev", namespaceSelector: { matchExpressions } }],
  });
}

/** Puts a workload of one container, or with this spec. */
function put(
  kind: string,
  name: string,
  of: { image?: string; ns?: string; by?: string; spec?: object; isDeleted?: true },
): void {
  const { image = "", ns = "default", by, spec, isDeleted } = of;
  const deletionTimestamp = "2026-11-30T00:00:00Z";
  const pod = { containers: [{ name: "web", image }] };
  const [owner, ownerName] = by?.split("/") ?? [];
  const ownerReferences = [{ apiVersion: "apps/v1", kind: owner, name: ownerName, controller: true }];
  const template = { spec: pod };
  const own = kind === "CronJob" ? { jobTemplate: { spec: { template } } } : { template };
  fixture().server.store.put(LISTS[kind]!.replace("NS", ns), {
    kind,
    metadata: {
      name,
      namespace: ns,
      ...(by !== undefined && { ownerReferences }),
      ...(isDeleted && { deletionTimestamp }),
    },
    spec: spec ?? (kind === "Pod" ? pod : own),
  });
}

async function preflight(...args: readonly string[]) {
  const by = ["--policy", "policy.yaml", "--registries", "registries.yaml", "-o", "json"];
  const { kubeconfig } = fixture().server;
  const revocations = args.some((each) => each.startsWith("--revocations"))
    ? []
    : ["--revocations", "revocations.yaml"];
  const run = await folder().mc(["preflight", "--kubeconfig", kubeconfig, ...by, ...revocations, ...args]);
  return { ...run, report: (run.stdout === "" ? undefined : JSON.parse(run.stdout)) as Report };
}

const image = (digest: string): string => `${registry().host}/team/app@${digest}`;

describe("mc preflight", { timeout: 60_000 }, () => {
  it("exits 0 where all would be allowed but what is being deleted", async () => {
    put("Deployment", "good", { image: image(await built("good")) });
    put("Deployment", "gone", { image: image(registry().pushImage("team/app")), isDeleted: true });
    const { code, report } = await preflight("--namespace", "default");
    expect([code, report.counts]).toEqual([0, { allowed: 1, refused: 0, unknown: 0, forecast: 0 }]);
  });

  it("exits 10 and names what would be refused by workload, with its owner at the top and a fix", async () => {
    const bad = image(registry().pushImage("team/app", { tag: "bad" }));
    put("Deployment", "good", { image: image(await built("good")) });
    put("Deployment", "bad", { image: bad });
    put("ReplicaSet", "bad-1", { image: bad, by: "Deployment/bad" });
    put("Pod", "bad-1-x", { image: bad, by: "ReplicaSet/bad-1" });
    put("CronJob", "tag", { image: `${registry().host}/team/app:bad` });
    put("Rollout", "refers", {
      spec: { workloadRef: { apiVersion: "apps/v1", kind: "Deployment", name: "good" } },
    });
    const { code, report } = await preflight("--namespace", "default");
    expect([code, report.counts]).toEqual([10, { allowed: 2, refused: 4, unknown: 0, forecast: 0 }]);
    expect(report.workloads).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          kind: "Pod",
          name: "bad-1-x",
          outcome: "refused",
          owner: { group: "apps", kind: "Deployment", name: "bad" },
          objections: [
            expect.objectContaining({
              code: "provenance/missing",
              place: 'container "web"',
              fix: expect.any(String) as string,
              waiver: { class: "provenance", digest: bad.slice(bad.indexOf("sha256:")) },
            }),
          ],
        }),
        expect.objectContaining({ kind: "Rollout", name: "refers", outcome: "allowed" }),
        expect.objectContaining({
          kind: "CronJob",
          objections: [expect.objectContaining({ code: "reference/unpinned" })],
        }),
      ]),
    );
  });

  it("looks ahead: a waiver that ends within 48 hours, and not one that ends later", async () => {
    const digest = registry().pushImage("team/app", { tag: "waived" });
    put("Deployment", "waived", { image: image(digest) });
    const created = new Date(Date.now() - 60_000).toISOString();
    const approvals = [
      { by: "mia", seat: "release-manager", at: created },
      { by: "sam", seat: "devsecops", at: created },
    ];
    const waiver = { id: "WA-1", class: "provenance", digest, owners: ["team-shop"], created, approvals };
    const reason = "It is rebuilt with provenance this week.";
    const write = (ttl: string) =>
      folder().write("waivers.yaml", JSON.stringify({ waivers: [{ ...waiver, reason, ttl }] }));
    write("24h");
    const soon = await preflight("--namespace", "default", "--waivers", "waivers.yaml");
    expect([soon.code, soon.report.counts]).toEqual([
      10,
      { allowed: 1, refused: 0, unknown: 0, forecast: 1 },
    ]);
    expect(soon.report.forecast).toMatchObject([{ name: "waived", expired: [{ id: "WA-1" }] }]);
    write("60h");
    const later = await preflight("--namespace", "default", "--waivers", "waivers.yaml");
    expect([later.code, later.report.forecast]).toEqual([0, []]);
    const none = await preflight("--namespace", "default");
    expect([none.code, none.report.counts["refused"]]).toEqual([10, 1]);
  });

  it("with --all leaves out exempt and terminating namespaces, and says so; one without a label is judged", async () => {
    const bad = image(registry().pushImage("team/app", { tag: "bad" }));
    putExempt("mc-gate");
    putNamespace("mc-gate");
    putNamespace("gone", { deletionTimestamp: "2026-11-30T00:00:00Z" });
    for (const ns of ["default", "mc-gate", "gone"]) put("Deployment", `in-${ns}`, { image: bad, ns });
    const { code, report } = await preflight("--all");
    expect([code, report.workloads.map(({ name }) => name)]).toEqual([10, ["in-default"]]);
    expect(report.namespaces).toEqual(
      expect.arrayContaining([
        { name: "default" },
        { name: "mc-gate", leftOut: "exempt" },
        { name: "gone", leftOut: "terminating" },
      ]),
    );
  });

  it("where a registry does not answer, a workload is unknown, and the exit code 11", async () => {
    put("Deployment", "good", { image: image(await built("good")) });
    registry().fault(/referrers/, { kind: "bytes", bytes: "<html>" });
    const { code, report } = await preflight("--namespace", "default", "--timeout", "5");
    expect([code, report.counts["unknown"]]).toEqual([11, 1]);
  });

  it.each([
    ["pods", "/api/v1/namespaces/default/pods", "Pod objects of default"],
    ["the webhooks", `${CONFIGURATIONS}/mc-gate`, "the namespaces that the webhook leaves out"],
  ])("exits 11 where %s may not be read", async (_, path, what) => {
    put("Deployment", "good", { image: image(await built("good")) });
    fixture().server.onRequest = (request) =>
      request.path === path ? { kind: "status", status: 403 } : undefined;
    const { code, report } = await preflight("--namespace", "default");
    expect(report.notSeen).toContainEqual(expect.objectContaining({ what, code: "cluster/forbidden" }));
    expect(code).toBe(11);
  });

  it("exits 11 where there is nothing to judge", async () => {
    expect((await preflight("--namespace", "default")).code).toBe(11);
  });

  it("shows the webhook's own words as text, and what would cover it", async () => {
    put("Deployment", "bad", { image: image(registry().pushImage("team/app", { tag: "bad" })) });
    const { kubeconfig } = fixture().server;
    const args = ["--policy", "policy.yaml", "--registries", "registries.yaml", "--kubeconfig", kubeconfig];
    const { stdout } = await folder().mc([
      "preflight",
      "--all",
      "--revocations",
      "revocations.yaml",
      ...args,
    ]);
    expect(stdout).toMatch(/^refused {2}default Deployment bad\n/);
    expect(stdout).toContain("is refused by rule built");
    expect(stdout).toContain("a waiver of class provenance for sha256:");
    expect(stdout).toContain("not seen: the namespaces that the webhook leaves out");
    expect(stdout).toContain("1 workload(s) in 1 namespace(s): 0 allowed, 1 refused, 0 unknown");
  });

  it.each<[string, readonly string[], RegExp]>([
    ["neither a namespace nor --all", [], /either --namespace or --all/],
    ["both", ["--all", "--namespace", "default"], /either --namespace or --all/],
    ["a namespace that is not there", ["--namespace", "nope"], /no namespace nope/],
    ["no revocations", ["--all", "--revocations-not-checked-unsafe", "--revocations", "x"], /give either/],
  ])("exits 12 for %s", async (_, args, message) => {
    const { code, stderr } = await preflight(...args);
    expect([code, stderr]).toEqual([12, expect.stringMatching(message)]);
  });
});
