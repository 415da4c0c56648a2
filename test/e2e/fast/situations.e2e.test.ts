import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Digest } from "../../../src/core/index.ts";
import { cosignVuln, cycloneDx, openVex, spdx23, trivyReport } from "../../support/predicates.ts";
import { generateKeyPair, type KeyPair, slsaProvenance } from "../support/cosign.ts";
import { GITHUB_ISSUER, subjectOf, type WorkflowIdentity, workflowToken } from "../support/identities.ts";
import { pushIndex, pushImage, pushText, textImage } from "../support/images.ts";
import {
  type PrivateRegistry,
  type RegistryServer,
  startPrivateRegistry,
  startRegistry,
} from "../support/registries.ts";
import { type SigstoreServer, startSigstore } from "../support/sigstore.ts";
import { type GuideCommand, startTeam, type Team } from "../support/team.ts";

const IDENTITY: WorkflowIdentity = { repository: "acme/app" };
const SOURCE = "https://github.com/acme/app";
const BY_KEY = "--yes --key cosign.key --signing-config no-log.json";
const BY_COMPANY = "--yes --signing-config company-signing.json --trusted-root company-root.json";
const REGISTRIES = { "--policy policy.yaml": "--policy policy.yaml --registries registries.yaml" };

function inGuide(heading: string, part: string): GuideCommand {
  return { page: "application-team", heading, part };
}

function inPromotion(heading: string, part: string): GuideCommand {
  return { page: "promotion", heading, part };
}

function ruleOf(name: string, namespaces: readonly string[], require: object): object {
  return { name, images: ["**"], namespaces, require };
}

const SIGN_BY_KEY = inGuide("With a key", "cosign sign ");
const SIGN_BY_COMPANY = inGuide("With your company's Sigstore", "cosign sign ");
const ATTEST = inGuide("With a key", "cosign attest ");
const SBOM = inGuide("SBOM and scan", "--type spdxjson");
const SCAN = inGuide("SBOM and scan", "--type vuln");

/** The refusals that a team meets, each met, read, and fixed as its texts and the guides say, until the image is admitted. */
describe("a team that follows the texts alone", () => {
  let sigstore: SigstoreServer;
  let registry: RegistryServer;
  let elsewhere: RegistryServer;
  let locked: PrivateRegistry;
  let team: Team;
  let stranger: KeyPair;

  beforeAll(async () => {
    sigstore = await startSigstore();
    registry = await startRegistry({ referrers: false });
    elsewhere = await startRegistry({ referrers: true });
    locked = await startPrivateRegistry();
    stranger = await generateKeyPair();
    const hosts = [registry.host, elsewhere.host, locked.host, DOWN];
    team = startTeam(sigstore, IDENTITY, hosts);
    for (const part of ["cosign generate-key-pair", "cosign signing-config create"])
      await team.follow(inGuide("With a key", part), "host/x@y");
    for (const [name, predicate] of Object.entries(PREDICATES)) write(name, JSON.stringify(predicate));
  });
  afterAll(async () => {
    await Promise.all([sigstore, registry, elsewhere, locked, stranger].map((each) => each?.stop()));
    team?.folder.remove();
  });

  const write = (name: string, text: string): void => team.folder.write(name, text);
  const push = (text: string): Promise<string> => pushText(registry.host, text);

  /** The policy of a situation. */
  function policy(require: object, rest: object = {}): void {
    const root = readFileSync(sigstore.trustedRoot, "utf8");
    const pem = readFileSync(join(team.folder.path, "cosign.pub"), "utf8");
    const keyless = { trustRoot: "company", issuer: GITHUB_ISSUER, identity: subjectOf(IDENTITY) };
    write(
      "policy.yaml",
      JSON.stringify({
        trustRoots: { company: { source: "inline", trustedRoot: root } },
        authorities: {
          release: { keyless },
          "team-key": { key: { pem, transparencyLogNotRequiredUnsafe: true } },
          "logged-key": { key: { pem } },
        },
        rules: [{ name: "acme", images: ["*/acme/**", "*:*/acme/**"], require }],
        ...rest,
      }),
    );
  }

  async function refused(
    what: Parameters<Team["verify"]>[0],
    said: readonly (string | RegExp)[],
    flags: readonly string[] = [],
  ): Promise<string> {
    const { code, stdout, stderr } = await team.verify(what, ...flags);
    expect([code, stderr]).toEqual([10, ""]);
    for (const each of said) expect(stdout).toMatch(each);
    expect(stdout).toContain("Do: ");
    return stdout;
  }

  async function admitted(what: Parameters<Team["verify"]>[0], ...flags: string[]): Promise<string> {
    const { code, stdout, stderr } = await team.verify(what, ...flags);
    if (code !== 0) throw new Error(`not admitted (${code}): ${stdout}${stderr}`);
    return stdout;
  }

  const signedByKey = { signature: { anyOf: ["team-key"] } };
  const keyless = { replace: { "--yes": BY_COMPANY } };
  const byKey = { replace: { "--yes": BY_KEY } };

  it("1: an unsigned image", async () => {
    const image = await push("one");
    policy(signedByKey);
    await refused(image, [/no signature by team-key.*\[signature\/missing/, /team-key = key sha256:/]);
    await team.follow(SIGN_BY_KEY, image);
    expect(await admitted(image)).toMatch(/^allowed/);
  });

  it("2: another key", async () => {
    const image = await push("two");
    policy(signedByKey);
    await team.follow(SIGN_BY_KEY, image, { replace: { "cosign.key": stranger.privateKey } });
    const said = await refused(image, [
      /key sha256:[0-9a-f]{12}.*does not name\); it needs one by team-key \[signature\/invalid/,
    ]);
    // "Compare your key with the policy's"
    const { stdout } = await team.shell("openssl pkey -pubin -in cosign.pub -outform der | sha256sum");
    expect(said).toContain(`team-key = key sha256:${stdout.slice(0, 12)}`);
    await team.follow(SIGN_BY_KEY, image);
    expect(await admitted(image)).toMatch(/^allowed/);
  });

  it("2: another branch", async () => {
    const image = await push("branch");
    policy({ signature: { anyOf: ["release"] } });
    const feature = workflowToken({ ...IDENTITY, ref: "refs/heads/feature" });
    await team.follow(SIGN_BY_COMPANY, image, { env: { SIGSTORE_ID_TOKEN: feature } });
    await refused(image, [
      /signed by \S+@refs\/heads\/feature, but must be by release/,
      /release = \S+@refs\/heads\/main/,
    ]);
    await team.follow(SIGN_BY_COMPANY, image);
    expect(await admitted(image)).toMatch(/^allowed/);
  });

  it("2: a key, where a log is required", async () => {
    const image = await push("log");
    policy({ signature: { anyOf: ["logged-key"] } });
    await team.follow(SIGN_BY_KEY, image);
    await refused(image, [/log/]);
    const logged = "company-signing.json --trusted-root company-root.json";
    await team.follow(SIGN_BY_KEY, image, { replace: { "no-log.json": logged } });
    expect(await admitted(image)).toMatch(/^allowed/);
  });

  it("3: a tag", async () => {
    const image = await push("three");
    policy(signedByKey);
    await team.follow(SIGN_BY_KEY, image);
    const { name } = await pushImage(registry.host, "acme/app", textImage("three"), "1.4.2");
    expect(image.endsWith(name)).toBe(true);
    write("deploy/pod.yaml", podOf(`${registry.host}/acme/app:1.4.2`));
    const deployed = (): string => readFileSync(join(team.folder.path, "deploy/pod.yaml"), "utf8");
    await refused({ manifest: deployed() }, [/the tag 1\.4\.2.*\[reference\/unpinned/, /mc pin -f FILE/]);
    const pin = inGuide("Name images by digest", "mc pin -f deploy/");
    await team.follow(pin, image, { replace: { "mc pin": "mc pin --registries registries.yaml" } });
    expect(await admitted({ manifest: deployed() })).toMatch(/^allowed/);
  });

  it("4: no provenance", async () => {
    const image = await push("four");
    policy({ provenance: { anyOf: ["team-key"], sourceRepositories: [SOURCE] } });
    await refused(image, [/no SLSA provenance by team-key.*\[provenance\/missing/]);
    await team.follow(ATTEST, image);
    expect(await admitted(image)).toMatch(/^allowed/);
  });

  it("4: a signature and provenance are asked for, and only one is there", async () => {
    const image = await push("four, attested alone");
    policy({ ...signedByKey, provenance: { anyOf: ["team-key"], sourceRepositories: [SOURCE] } });
    await team.follow(ATTEST, image);
    await refused(image, [
      /there is an attestation by that signer, which is not a signature \[signature\/missing/,
    ]);
    await team.follow(SIGN_BY_KEY, image);
    expect(await admitted(image)).toMatch(/^allowed/);
  });

  it("5: provenance of another workflow", async () => {
    const image = await push("five");
    policy({ provenance: { anyOf: ["release"], sourceRepositories: [SOURCE] } });
    const attest = { replace: { [BY_KEY]: BY_COMPANY } };
    const test = workflowToken({ ...IDENTITY, workflow: "test.yml" });
    await team.follow(ATTEST, image, { ...attest, env: { SIGSTORE_ID_TOKEN: test } });
    await refused(image, [
      /test\.yml\S*, but must be by release \[provenance\/untrusted-builder/,
      /Do: Release through the workflow that the policy trusts/,
    ]);
    await team.follow(ATTEST, image, attest);
    expect(await admitted(image)).toMatch(/^allowed/);
  });

  it("6: an SBOM, first none, then by the wrong type", async () => {
    const image = await push("six");
    policy({ sbom: { anyOf: ["team-key"] } });
    await refused(image, [/no SBOM by team-key \[sbom\/missing/, /--type spdxjson/]);
    const wrong = { "--yes": BY_KEY, "--type spdxjson": "--type cyclonedx" };
    await team.follow(SBOM, image, { replace: wrong });
    await refused(image, [/declares CycloneDX, but its bomFormat is another \[sbom\/wrong-format/]);
    await team.follow(SBOM, image, byKey);
    expect(await admitted(image)).toMatch(/^allowed/);
  });

  const scanned = {
    vulnerability: { anyOf: ["release"], blocked: ["critical"], vex: { anyOf: ["team-key"] } },
  };

  it("7: a vulnerability, by VEX", async () => {
    const image = await push("seven");
    policy(scanned);
    await attestScan(image, ["CVE-2026-1111"]);
    await refused(image, [/CVE-2026-1111 \(critical\).*\[vulnerability\/blocked/, /--type openvex/]);
    // what the guide's vexctl writes
    const digest = image.split("@")[1] as Digest;
    const products = [{ "@id": `pkg:oci/app@${digest}` }];
    const vex = openVex(digest, [{ name: "CVE-2026-1111", products }], new Date().toISOString());
    write("vex.json", JSON.stringify(vex));
    await team.follow(inGuide("SBOM and scan", "--type openvex"), image, byKey);
    expect(await admitted(image)).toMatch(/^allowed/);
  });

  /** An OpenVEX statement on the image; OpenVEX asks for a justification. */
  async function attestVex(image: string, justified: boolean, signing: typeof keyless): Promise<void> {
    const digest = image.split("@")[1] as Digest;
    const claim = { name: "CVE-2026-1111", products: [{ "@id": `pkg:oci/app@${digest}` }] };
    const unjustified = justified ? {} : { justification: undefined };
    write(
      "vex.json",
      JSON.stringify(openVex(digest, [{ ...claim, ...unjustified }], new Date().toISOString())),
    );
    await team.follow(inGuide("SBOM and scan", "--type openvex"), image, signing);
  }

  it("7: an OpenVEX statement that is corrected, with a log and without", async () => {
    const image = await push("seven corrected");
    policy({ vulnerability: { ...scanned.vulnerability, vex: { anyOf: ["release", "team-key"] } } });
    await attestScan(image, ["CVE-2026-1111"]);
    await attestVex(image, false, keyless);
    await refused(image, [/its OpenVEX statement says not_affected without a justification/]);
    await pause(1100); // the log dates by the second, and equally new does not replace
    await attestVex(image, true, keyless);
    expect(await admitted(image)).toMatch(/^allowed/);
    await attestVex(image, false, byKey);
    await attestVex(image, true, byKey);
    await refused(image, [/one without a trusted time does not clear it, and no later one replaces it/]);
    // "build and deploy a new digest"
    const built = await push("seven, built again");
    await attestScan(built, ["CVE-2026-1111"]);
    await attestVex(built, true, byKey);
    expect(await admitted(built)).toMatch(/^allowed/);
  });

  it("7 and 8: a vulnerability, by a waiver that ends", async () => {
    const image = await push("eight");
    const digest = image.split("@")[1]!;
    policy({ vulnerability: { ...scanned.vulnerability, maxScanAge: "30d" } });
    await attestScan(image, ["CVE-2026-31337"]);
    await refused(image, [/ask for a waiver that names this vulnerability/]);
    write("policy/waivers.yaml", "waivers: []\n");
    await team.follow(inGuide("Ask for a waiver", "mc waivers add"), image);
    await team.follow(inGuide("Ask for a waiver", "mc waivers approve"), image);
    const lint = await team.follow(inGuide("Ask for a waiver", "mc waivers lint"), image);
    expect(lint.code).toBe(0);
    const flags = ["--waivers", "policy/waivers.yaml"];
    expect(await admitted(image, ...flags)).toContain("waived by WA-2026-014 until ");
    const listed = await team.follow(inGuide("Ask for a waiver", "mc waivers list"), image);
    expect(listed.stdout).toMatch(/WA-2026-014/);
    const later = ["--at", new Date(Date.now() + 8 * 86_400_000).toISOString()];
    const said = await team.verify(image, ...flags, ...later);
    expect([said.code, said.stdout]).toEqual([
      10,
      expect.stringMatching(
        /waiver WA-2026-014 \(owner team-shop\) ended at \S+: CVE-2026-31337 .*\n[^]*`mc waivers renew WA-2026-014`/,
      ),
    ]);
    expect(said.stdout).toContain(digest);
    const [renew = ""] = /mc waivers renew [\w-]+/.exec(said.stdout) ?? [];
    const renewed = await team.shell(`${renew} ${later.join(" ")}`);
    expect([renewed.code, renewed.stderr]).toEqual([0, expect.any(String)]);
    expect(await admitted(image, ...flags, ...later)).toContain("waived by WA-2026-014-r1 until ");
  });

  it("9: an old scan, and one that nothing dates", async () => {
    const image = await push("nine");
    policy({ vulnerability: { anyOf: ["release", "team-key"] } });
    const old = new Date(Date.now() - 19 * 86_400_000).toISOString();
    await attestScan(image, [], old);
    await refused(image, [
      /scanned 19d.*ago; the rule allows 7d \[vulnerability\/scan-stale/,
      /Do: Scan the image again/,
    ]);
    const undated = await push("nine undated");
    write("scan.json", JSON.stringify(cosignVuln(trivyReport([]), { finished: new Date().toISOString() })));
    await team.follow(SCAN, undated, byKey);
    await refused(undated, [
      /the time of its scan is unverified; the rule allows 7d \[vulnerability\/scan-stale/,
      /Do: .*(?:log|timestamp)/,
    ]);
    for (const each of [image, undated]) {
      await attestScan(each, []);
      expect(await admitted(each)).toMatch(/^allowed/);
    }
  });

  it("10: a registry that is down", async () => {
    const image = await push("ten");
    policy(signedByKey);
    await team.follow(SIGN_BY_KEY, image);
    const down = await team.verify(image.replace(registry.host, DOWN));
    expect([down.code, down.stdout]).toEqual([
      11,
      expect.stringMatching(/^unknown .*[^]*\[registry\/unavailable.*[^]*Do: Retry in a moment/),
    ]);
    expect(await admitted(image)).toMatch(/^allowed/);
  });

  it("11: a private registry", async () => {
    policy(signedByKey);
    const image = await locked.unlocked(async (open) => {
      const name = (await pushText(open, "eleven")).replace(open, locked.host);
      return name;
    });
    const before = await team.verify(image);
    expect([before.code, before.stdout]).toEqual([
      11,
      expect.stringMatching(/answered HTTP 401, and there are no credentials[^]*run `docker login`/),
    ]);
    await team.follow(inGuide("GitLab", "cosign login"), image, {
      env: {
        CI_REGISTRY_USER: locked.username,
        CI_REGISTRY_PASSWORD: locked.password,
        CI_REGISTRY: locked.host,
      },
    });
    await team.follow(SIGN_BY_KEY, image);
    expect(await admitted(image)).toMatch(/^allowed/);
  });

  it("12: an image for several platforms of which only one is signed", async () => {
    const child = await push("twelve");
    const index = await pushIndex(registry.host, "acme/app", [child.split("@")[1]!]);
    // by which the gate reads what the image is made of, and so knows that it is an index
    policy({ ...signedByKey, reference: { pinned: true, checkpoints: "refused" } });
    await team.follow(SIGN_BY_KEY, child);
    expect(await admitted(child)).toMatch(/^allowed/);
    await refused(index, [/\[signature\/missing/, /cosign sign --recursive/]);
    await team.follow(SIGN_BY_KEY, index, { replace: { "cosign sign": "cosign sign --recursive" } });
    expect(await admitted(index)).toMatch(/^allowed/);
  });

  it("13: kubectl debug with an image of the Internet", async () => {
    const image = await push("thirteen");
    policy(signedByKey, { unmatched: "deny" });
    await team.follow(SIGN_BY_KEY, image);
    const debugged = (debug: string): string =>
      `${podOf(image)}  ephemeralContainers:\n    - { name: debugger-x, image: "${debug}" }\n`;
    await refused({ manifest: debugged("busybox") }, [/busybox/, /reference\/unpinned/, /policy\/unmatched/]);
    expect(await admitted({ manifest: debugged(image) })).toMatch(/^allowed/);
  });

  it("14: a hook of a Helm chart", async () => {
    const [good, bad] = [await push("fourteen"), await push("fourteen, unsigned")];
    policy(signedByKey);
    await team.follow(SIGN_BY_KEY, good);
    await team.shell("mkdir -p chart/templates");
    for (const [name, text] of Object.entries(CHART)) write(`chart/${name}`, text);
    const ask = async (hook: string) => {
      const command = inGuide("Check before you deploy", "helm template");
      const replace = {
        "helm template .": `helm template chart --set image=${good},hook=${hook}`,
        ...REGISTRIES,
        " -o sarif > gate.sarif": " || test $? -eq 10",
      };
      return team.follow(command, good, { replace });
    };
    expect((await ask(bad)).stdout).toMatch(/refused .*[^]*\[signature\/missing/);
    await team.follow(SIGN_BY_KEY, bad);
    expect((await ask(bad)).stdout).toMatch(/^allowed .*\n.*\nallowed /);
  });

  it("15: a CronJob", async () => {
    const image = await push("fifteen");
    policy(signedByKey);
    const manifest = cronJobOf(image);
    await refused({ manifest }, [/container "web"/, /\[signature\/missing/]);
    await team.follow(SIGN_BY_KEY, image);
    expect(await admitted({ manifest })).toMatch(/^allowed/);
  });

  it("16: a revoked key", async () => {
    const image = await push("sixteen");
    policy({ signature: { anyOf: ["team-key", "release"] } });
    await team.follow(SIGN_BY_KEY, image);
    write("policy/revocations.yaml", "revocations: []\n");
    const revoked = await team.shell(
      'mc revocations add --id RV-1 --key cosign.pub --reason "The laptop was stolen last night."',
    );
    expect([revoked.code, revoked.stderr]).toEqual([0, expect.any(String)]);
    const flags = ["--revocations", "policy/revocations.yaml"];
    await refused(
      image,
      [/RV-1.*stolen.*\[revocation\/signer/, /signed again by a signer that is not revoked/],
      flags,
    );
    await team.follow(SIGN_BY_COMPANY, image);
    expect(await admitted(image, ...flags)).toMatch(/^allowed/);
  });

  it.each(["with", "without"] as const)(
    "17: a copy by cosign, into a registry %s referrers",
    async (kind) => {
      const image = await push(`seventeen ${kind}`);
      policy(signedByKey);
      await team.follow(SIGN_BY_KEY, image);
      expect(await admitted(image)).toMatch(/^allowed/);
      const host = kind === "with" ? elsewhere.host : registry.host;
      const copy = image.replace(/^[^/]+\/acme\/app/, `${host}/acme/copy`);
      const copied = await team.shell(`cosign copy "${image}" "${copy.split("@")[0]}:v1"`);
      expect([copied.code, copied.stderr]).toEqual([0, expect.any(String)]);
      const { code, stdout } = await team.verify(copy);
      expect([10, 11]).toContain(code);
      expect(stdout).toMatch(/Do: .*[Ss]ign/);
      await team.follow(SIGN_BY_KEY, copy, { replace: { "ghcr.io/acme/app": "ghcr.io/acme/copy" } });
      expect(await admitted(copy)).toMatch(/^allowed/);
    },
  );

  it("18: an image that was not promoted", async () => {
    const image = await push("eighteen");
    const verifiers = ["https://acme.example/promoter"];
    const all = [
      ruleOf("built", ["build"], { provenance: { anyOf: ["team-key"] } }),
      ruleOf("promoted", ["shop"], { promotable: { anyOf: ["team-key"], verifiers, judgedFor: ["build"] } }),
    ];
    policy({}, { rules: all });
    await team.follow(ATTEST, image);
    const said = await refused(image, [/no verification summary by team-key \[promotable\/unknown/]);
    expect(said).toContain("Run the promotion");
    write("images.txt", `${image}\n`);
    write("revocations.yaml", "revocations: []\n");
    await team.follow(inPromotion("Which images can be promoted", "mc backfill run --catalog"), image, {
      replace: {
        "--catalog registry.example.com --cluster --since 30d": "--images images.txt",
        ...REGISTRIES,
      },
    });
    await team.follow(inPromotion("Sign what can be promoted", "mc promote --journal"), image, {
      replace: {
        "--key promoter.key --tsa-url https://timestamp.acme.example": "--key cosign.key --yes",
        ...REGISTRIES,
      },
    });
    expect(await admitted(image)).toMatch(/^allowed/);
  });

  /** Attests a scan by the company's Sigstore, whose log dates it. */
  async function attestScan(image: string, ids: readonly string[], finished = new Date().toISOString()) {
    const report = trivyReport(ids.map((id) => ({ id })));
    write("scan.json", JSON.stringify(cosignVuln(report, { finished })));
    await team.follow(SCAN, image, keyless);
  }
});

/** A chart with a pod and, before its installation, a hook. */
const CHART = {
  "Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
  "templates/pod.yaml": podOf("{{ .Values.image }}"),
  "templates/hook.yaml": `---\n${podOf("{{ .Values.hook }}").replace(
    "{ name: web }",
    '{ name: hook, annotations: { "helm.sh/hook": pre-install } }',
  )}`,
};

/** A port of this machine at which nothing answers. */
const DOWN = "127.0.0.1:1";

const PREDICATES = {
  "provenance.json": slsaProvenance(IDENTITY).predicate,
  "sbom.spdx.json": spdx23(),
  "sbom.cdx.json": cycloneDx(),
};

function podOf(image: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:\n  containers:\n    - name: web\n      image: "${image}"\n`;
}

function cronJobOf(image: string): string {
  const pod = { restartPolicy: "Never", containers: [{ name: "web", image }] };
  const spec = { schedule: "0 0 * * *", jobTemplate: { spec: { template: { spec: pod } } } };
  return JSON.stringify({ apiVersion: "batch/v1", kind: "CronJob", metadata: { name: "web" }, spec });
}
