import { beforeEach, describe, expect, it } from "vitest";

import { digestOf } from "../../src/core/index.ts";
import { useKubeFixture } from "../support/kube-fixture.ts";
import { startOciRegistry } from "../support/oci-registry.ts";
import { built, builderRevoked, folder, promoting, registry } from "../support/promoting.ts";

interface Finding {
  readonly kind: string;
  readonly code: string;
  readonly message: string;
}

interface Report {
  readonly counts: Readonly<Record<string, number>>;
  readonly countsByMode: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly kinds: Readonly<Record<string, number>>;
  readonly found: readonly {
    readonly place: string;
    readonly judged: string;
    readonly owner: object;
    readonly state: string;
    readonly pods: { readonly count: number; readonly names: readonly string[] };
    readonly findings: readonly Finding[];
  }[];
  readonly nodeImages: {
    readonly unaccounted: readonly { readonly digest: string; readonly isRevoked: boolean }[];
    readonly partly: number;
  };
  readonly notSeen: readonly object[];
}

const fixture = useKubeFixture();
promoting();

beforeEach(() => {
  fixture().server.store.put("/api/v1/namespaces", {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "default", labels: { "mc-gate.dev/mode": "enforce" } },
  });
  folder().write("revocations.yaml", "revocations: []\n");
});

interface Container {
  readonly image: string;
  /** What its node says; the image where absent. */
  readonly id?: string;
  readonly state?: object;
  readonly list?: "containers" | "initContainers" | "ephemeralContainers";
}

interface PodOptions {
  readonly by?: string;
  readonly annotations?: object;
  readonly volumes?: readonly object[];
  readonly mounts?: readonly object[];
  readonly pullSecrets?: readonly string[];
}

/** Puts a pod of one container and others. */
function put(name: string, containers: readonly Container[], options: PodOptions = {}): void {
  const { by, annotations = {}, volumes = [], mounts = [], pullSecrets = [] } = options;
  const [kind, ownerName] = by?.split("/") ?? [];
  const ownerReferences = [{ apiVersion: "apps/v1", kind, name: ownerName, controller: true }];
  const listed = (which: string) =>
    containers
      .filter(({ list = "containers" }) => list === which)
      .map((each, at) => ({ ...each, name: `c${at}` }));
  const statuses = (which: string) =>
    listed(which).map(({ name: container, image, id = image, state = { running: {} } }) => ({
      name: container,
      imageID: id,
      state,
      volumeMounts: mounts,
    }));
  const spec = (which: string) => listed(which).map((each) => ({ name: each.name, image: each.image }));
  fixture().server.store.put("/api/v1/namespaces/default/pods", {
    kind: "Pod",
    metadata: { name, namespace: "default", annotations, ...(by !== undefined && { ownerReferences }) },
    spec: {
      containers: spec("containers"),
      initContainers: spec("initContainers"),
      ephemeralContainers: spec("ephemeralContainers"),
      volumes,
      imagePullSecrets: pullSecrets.map((each) => ({ name: each })),
    },
    status: {
      phase: "Running",
      containerStatuses: statuses("containers"),
      initContainerStatuses: statuses("initContainers"),
      ephemeralContainerStatuses: statuses("ephemeralContainers"),
    },
  });
}

function waiver(id: string, ttl: string, ageMs: number, digest: string): object {
  const created = new Date(Date.now() - ageMs).toISOString();
  const approvals = ["release-manager", "devsecops"].map((seat) => ({ by: `${seat}-1`, seat, at: created }));
  const reason = "It is rebuilt with provenance this week.";
  return { id, class: "provenance", digest, owners: ["team-shop"], created, approvals, reason, ttl };
}

async function audit(...args: readonly string[]) {
  const by = ["--policy", "policy.yaml", "--registries", "registries.yaml", "-o", "json"];
  const { kubeconfig } = fixture().server;
  const revocations = ["--revocations", "revocations.yaml"];
  const where = args.includes("--namespace") ? [] : ["--all"];
  const run = await folder().mc([
    "audit",
    "--kubeconfig",
    kubeconfig,
    ...by,
    ...revocations,
    ...where,
    ...args,
  ]);
  return { ...run, report: (run.stdout === "" ? undefined : JSON.parse(run.stdout)) as Report };
}

const image = (digest: string): string => `${registry().host}/team/app@${digest}`;
const tagged = (tag: string): string => `${registry().host}/team/app:${tag}`;
const kindsOf = ({ found }: Report): string[][] =>
  found.map(({ findings }) => findings.map(({ kind }) => kind));

describe("mc audit", { timeout: 60_000 }, () => {
  it("exits 0 where all that runs is good, by digest and by tag, replicas counted once", async () => {
    const good = await built("good");
    put("web-1", [{ image: image(good) }], { by: "ReplicaSet/web" });
    put("web-2", [{ image: image(good) }], { by: "ReplicaSet/web" });
    put("job", [{ image: tagged("good"), id: `docker-pullable://${image(good)}` }]);
    const { code, report } = await audit();
    expect([code, report.counts]).toEqual([0, { allowed: 2, refused: 0, unknown: 0, waiting: 0 }]);
    expect(report.countsByMode).toEqual({ enforce: report.counts });
    expect([report.found, report.notSeen]).toEqual([[], []]);
  });

  it("judges what init and ephemeral containers and image volumes run, and not what the object says", async () => {
    const good = await built("good");
    const bad = image(registry().pushImage("team/app", { tag: "bad" }));
    put("init", [{ image: image(good) }, { image: image(good), id: bad, list: "initContainers" }]);
    put("debug", [{ image: image(good) }, { image: image(good), id: bad, list: "ephemeralContainers" }]);
    const mounts = [{ name: "v", volumeStatus: { image: { imageRef: bad } } }];
    const volumes = [{ name: "v", image: { reference: image(good) } }];
    put("volume", [{ image: image(good) }], { volumes, mounts });
    const { code, report } = await audit();
    expect(code).toBe(10);
    expect(report.counts).toMatchObject({ allowed: 3, refused: 3 });
    expect(report.found.map(({ place }) => place).toSorted()).toEqual([
      'ephemeral container "c0"',
      'image volume "v"',
      'init container "c0"',
    ]);
    expect(report.found.map(({ judged }) => judged)).toEqual([bad, bad, bad]);
    expect(kindsOf(report)).toEqual(Array.from({ length: 3 }, () => ["differs", "refused"]));
  });

  it("judges the index where a node names its platform image", async () => {
    const child = registry().pushImage("team/app", { tag: "child" });
    const index = registry().pushIndex("team/app", { manifests: [child] });
    put("web", [{ image: image(index), id: image(child) }]);
    const { report } = await audit();
    expect(report.found).toMatchObject([{ judged: image(index), findings: [{ kind: "refused" }] }]);
  });

  it.each([
    ["names an image of its own, without a repository", "sha256:" + "a".repeat(64)],
    ["names none", ""],
  ])("a container whose node %s is unknown, and so is the answer", async (_, id) => {
    put("web", [{ image: image(await built("good")), id }]);
    const { code, report } = await audit();
    expect([code, report.counts["unknown"]]).toEqual([11, 1]);
    expect(report.found).toMatchObject([{ findings: [{ kind: "unknown", code: "audit/no-digest" }] }]);
  });

  it("what a node has not begun to run is counted, and not judged", async () => {
    put("good", [{ image: image(await built("good")) }]);
    put("waits", [{ image: "nowhere.test/app:1", id: "", state: { waiting: {} } }]);
    const { code, report } = await audit();
    expect([code, report.counts]).toEqual([0, { allowed: 1, refused: 0, unknown: 0, waiting: 1 }]);
  });

  it("a tag that names something else by now differs; where its registry cannot say, it is unknown", async () => {
    const good = await built("moved");
    put("web", [{ image: tagged("moved"), id: image(good) }]);
    expect((await audit()).code).toBe(0);
    registry().pushImage("team/app", { tag: "moved" });
    const moved = await audit();
    expect([moved.code, kindsOf(moved.report)]).toEqual([10, [["differs"]]]);
    registry().fault(/manifests\/moved/, { kind: "bytes", bytes: "<html>" });
    const unknown = await audit();
    expect([unknown.code, kindsOf(unknown.report)]).toEqual([11, [["unknown"]]]);
  });

  it("finds a static pod, and names it by itself though the node owns it", async () => {
    const annotations = { "kubernetes.io/config.mirror": "1" };
    put("kube-proxy-n1", [{ image: image(await built("good")) }], { annotations, by: "Node/n1" });
    const { code, report } = await audit();
    expect([code, kindsOf(report)]).toEqual([0, [["static"]]]);
    expect(report.found[0]!.owner).toEqual({ group: "", kind: "Pod", name: "kube-proxy-n1" });
  });

  it("finds a revoked signer, an ended waiver, and one that ends soon, each as what it is", async () => {
    const revoked = await built("good");
    put("revoked", [{ image: image(revoked) }]);
    folder().write("revocations.yaml", JSON.stringify({ revocations: [builderRevoked()] }));
    const [ended, ends] = ["ended", "ends"].map((tag) => registry().pushImage("team/app", { tag }));
    put("ended", [{ image: image(ended!) }]);
    put("ends", [{ image: image(ends!) }]);
    const waivers = [waiver("WA-1", "1h", 7_200_000, ended!), waiver("WA-2", "24h", 60_000, ends!)];
    folder().write("waivers.yaml", JSON.stringify({ waivers }));
    const { code, report } = await audit("--waivers", "waivers.yaml");
    expect(code).toBe(10);
    expect(
      Object.fromEntries(report.found.map(({ pods, findings }) => [pods.names[0], findings[0]!.kind])),
    ).toEqual({ revoked: "revoked", ended: "waiver-ended", ends: "ends-soon" });
    expect(report.counts).toMatchObject({ allowed: 1, refused: 2 });
    expect(report.kinds).toEqual({ revoked: 1, "waiver-ended": 1, "ends-soon": 1 });
  });

  it("names the Deployment of a ReplicaSet, once for all its ReplicaSets", async () => {
    const bad = image(registry().pushImage("team/app", { tag: "bad" }));
    for (const name of ["web-1", "web-2"]) {
      const owner = { apiVersion: "apps/v1", kind: "Deployment", name: "web", controller: true };
      const metadata = { name, namespace: "default", ownerReferences: [owner] };
      fixture().server.store.put("/apis/apps/v1/namespaces/default/replicasets", {
        kind: "ReplicaSet",
        metadata,
      });
      put(`${name}-x`, [{ image: bad }], { by: `ReplicaSet/${name}` });
    }
    const { report } = await audit("--namespace", "default");
    expect(report.found).toMatchObject([
      { owner: { group: "apps", kind: "Deployment", name: "web" }, pods: { count: 2 } },
    ]);
  });

  it("lists images of nodes that no pod accounts for, those revoked first, and says that it saw a part", async () => {
    const good = await built("good");
    put("web", [{ image: image(good) }]);
    const others = Array.from({ length: 49 }, (_, at) => ({
      names: [`old.test/app@${digestOf(String(at))}`],
    }));
    const images = [{ names: [image(good), tagged("good")] }, ...others, { names: [null] }];
    fixture().server.store.put("/api/v1/nodes", {
      metadata: { name: "n1" },
      status: { images: images.slice(0, 50) },
    });
    const now = new Date().toISOString();
    const entry = {
      id: "R-1",
      digest: digestOf("7"),
      reason: "It sends what it reads to strangers.",
      created: now,
    };
    folder().write("revocations.yaml", JSON.stringify({ revocations: [entry] }));
    const { code, report, stderr } = await audit();
    expect([code, stderr]).toEqual([10, expect.any(String)]);
    const { unaccounted, partly } = report.nodeImages;
    expect([unaccounted.length, partly]).toEqual([49, 1]);
    expect(unaccounted.map(({ isRevoked }) => isRevoked)).toEqual([
      true,
      ...Array.from({ length: 48 }, () => false),
    ]);
  });

  it.each(["/api/v1/pods", "/api/v1/nodes", "/apis/apps/v1/replicasets"])(
    "exits 11 where %s may not be read, and names it",
    async (path) => {
      put("web", [{ image: image(await built("good")) }]);
      fixture().server.onRequest = (request) =>
        request.path === path ? { kind: "status", status: 403 } : undefined;
      const { code, report } = await audit();
      expect([code, report.notSeen]).toEqual([11, [expect.objectContaining({ code: "cluster/forbidden" })]]);
    },
  );

  it("reads the pull secrets that a pod names where asked to, and none else", async () => {
    const closed = await startOciRegistry({ auth: { kind: "basic", users: { puller: "s3cret" } } });
    const digest = closed.pushImage("team/app");
    const bad = `${closed.host}/team/app@${digest}`;
    const policy = folder().read("policy.yaml").replaceAll(registry().host, closed.host);
    folder().write("policy.yaml", policy);
    const hosts = { [closed.host]: { plainHttpUnsafe: true, allowLoopbackUnsafe: true } };
    folder().write("registries.yaml", JSON.stringify({ hosts, limits: { retries: 0 } }));
    const auth = Buffer.from("puller:s3cret").toString("base64");
    const config = JSON.stringify({ auths: { [closed.host]: { auth } } });
    fixture().server.store.put("/api/v1/namespaces/default/secrets", {
      metadata: { name: "pull", namespace: "default" },
      data: { ".dockerconfigjson": Buffer.from(config).toString("base64") },
    });
    put("web", [{ image: bad }], { pullSecrets: ["pull"] });
    const secrets = () => fixture().server.requests.filter(({ path }) => path.includes("/secrets/"));
    const without = await audit();
    expect([without.code, without.report.counts["unknown"], secrets()]).toEqual([11, 1, []]);
    const withThem = await audit("--pull-secrets");
    await closed.close();
    expect([withThem.code, kindsOf(withThem.report)]).toEqual([10, [["refused"]]]);
    expect(secrets().map(({ path }) => path)).toContain("/api/v1/namespaces/default/secrets/pull");
  });

  it("exits 11 where nothing runs, and 12 where it is not said of which namespaces", async () => {
    expect((await audit()).code).toBe(11);
    expect((await audit("--namespace", "default", "--all")).code).toBe(12);
  });

  it("shows each image as text, with its pods, what is found and the fix", async () => {
    const bad = image(registry().pushImage("team/app", { tag: "bad" }));
    put("web", [{ image: image(await built("good")), id: bad }]);
    const by = [
      "--policy",
      "policy.yaml",
      "--registries",
      "registries.yaml",
      "--revocations",
      "revocations.yaml",
    ];
    const { kubeconfig } = fixture().server;
    const { stdout } = await folder().mc(["audit", "--all", "--kubeconfig", kubeconfig, ...by]);
    expect(stdout).toMatch(/^refused {2}default Pod web: container "c0"\n/);
    expect(stdout).toContain("in 1 pod(s): web");
    expect(stdout).toMatch(/differs: it runs sha256:.*, and its object names sha256:/);
    expect(stdout).toContain("provenance/missing");
    expect(stdout).toMatch(/1 image\(s\) run: 0 allowed, 1 refused, 0 unknown; 0 not begun/);
  });
});
