import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  type ExecResult,
  GenericContainer,
  getContainerRuntimeClient,
  type StartedTestContainer,
  Wait,
} from "testcontainers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { createTestCertificate, type TestCertificate } from "../support/oci-certificate.ts";
import { postReview } from "../support/post-review.ts";
import { aPod, aReview } from "../support/review.ts";
import { type SignedWorld, signedWorld } from "../support/signed-world.ts";
import { BASE, importBase } from "./base-image.ts";

const PROJECT = join(import.meta.dirname, "../..");
const NOBODY = "65532:65532";

const obstacle = await whyNot();

/** The container shares this machine's network and holds its Node.js, so the engine must run Linux here. */
async function whyNot(): Promise<string | undefined> {
  if (process.platform !== "linux") return "the image is tried on Linux only";
  return getContainerRuntimeClient().then(
    () => undefined,
    (error: Error) => `no Docker engine answers: ${error.message}`,
  );
}

/** testcontainers has no word for this setting of the engine. */
class ReadOnlyContainer extends GenericContainer {
  constructor(image: string) {
    super(image);
    this.hostConfig.ReadonlyRootfs = true;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  if (typeof address !== "object" || address === null) throw new Error("no port is free");
  return address.port;
}

/** Settings, documents and certificate in a folder that anybody may read, as a volume would be. */
function writeFolder(
  world: SignedWorld,
  certificate: TestCertificate,
  ports: readonly [number, number],
): string {
  const folder = mkdtempSync(join(tmpdir(), "mc-image-"));
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "tls"));
  const [port, probePort] = ports;
  const settings = {
    server: {
      address: "127.0.0.1",
      port,
      probePort,
      drain: "1s",
      certificate: { mode: "directory", directory: "/etc/mc-gate/tls" },
    },
    files: {
      policy: "/etc/mc-gate/policy.yaml",
      waivers: "/etc/mc-gate/waivers.yaml",
      revocations: "/etc/mc-gate/revocations.yaml",
    },
    registries: { hosts: { [world.registry.host]: { plainHttpUnsafe: true, allowLoopbackUnsafe: true } } },
    tuf: { enabled: false },
  };
  const files = {
    "settings.yaml": JSON.stringify(settings),
    "policy.yaml": world.policy,
    "waivers.yaml": "waivers: []",
    "revocations.yaml": "revocations: []",
    "tls/tls.crt": certificate.cert,
    "tls/tls.key": certificate.key,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o644 });
  return folder;
}

describe("the image", () => {
  let world: SignedWorld;
  let certificate: TestCertificate;
  let folder: string;
  let ports: readonly [number, number];
  let container: StartedTestContainer;

  beforeEach(({ skip }) => skip(obstacle !== undefined, obstacle));
  beforeAll(async () => {
    if (obstacle !== undefined) return;
    await importBase();
    await GenericContainer.fromDockerfile(PROJECT).withBuildArgs({ BASE }).build("localhost/mc-gate:test");
    [world, certificate] = await Promise.all([signedWorld({ provenance: true }), createTestCertificate()]);
    ports = [await freePort(), await freePort()];
    folder = writeFolder(world, certificate, ports);
    container = await new ReadOnlyContainer("localhost/mc-gate:test")
      .withNetworkMode("host")
      .withDroppedCapabilities("ALL")
      .withTmpFs({ "/tmp": "rw,noexec" })
      .withBindMounts([{ source: folder, target: "/etc/mc-gate", mode: "ro" }])
      .withCommand(["serve", "--settings", "/etc/mc-gate/settings.yaml"])
      .withWaitStrategy(Wait.forLogMessage(/"msg":"listening"/))
      .start();
  });
  afterAll(async () => {
    await container?.stop();
    await world?.registry.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  function admit(image: string): ReturnType<typeof postReview> {
    const url = `https://127.0.0.1:${ports[0]}/validate/enforce?timeout=10s`;
    return postReview(url, certificate.ca, aReview({ object: aPod(image) }));
  }

  /** Runs a script in the container, as the user that its own program has. */
  function inside(script: string, ...args: string[]): Promise<ExecResult> {
    return container.exec(["/nodejs/bin/node", "-e", script, ...args]);
  }

  it("is ready, and runs as nobody in particular", async () => {
    await expect
      .poll(async () => (await fetch(`http://127.0.0.1:${ports[1]}/readyz`)).status, { timeout: 10_000 })
      .toBe(200);
    const { container: client } = await getContainerRuntimeClient();
    const { Config, HostConfig } = await client.inspect(client.getById(container.getId()));
    expect(Config.User).toBe(NOBODY);
    expect(HostConfig).toMatchObject({ ReadonlyRootfs: true, CapDrop: ["ALL"], Privileged: false });
    const status = await inside(`process.stdout.write(require("fs").readFileSync("/proc/1/status"))`);
    expect(status.output).toMatch(/^Uid:(\t65532){4}$/m);
    expect(status.output).toMatch(/^CapEff:\t0{16}$/m);
  });

  it("cannot write to its own file system, whatever the rights", async () => {
    const write = `require("fs").writeFileSync(process.argv[1], "x")`;
    expect(await inside(write, "/tmp/x")).toMatchObject({ exitCode: 0, output: "" });
    for (const path of ["/x", "/app/x", "/app/mc.js"]) {
      const { exitCode, output } = await inside(write, path);
      expect([path, exitCode, output]).toEqual([path, 1, expect.stringContaining("EROFS")]);
    }
  });

  it("admits what is signed, and refuses what is not", async () => {
    const { registry, sign, attest } = world;
    const [signed, unsigned] = [registry.pushImage("acme/app"), registry.pushImage("acme/app")];
    await sign(signed);
    await attest(signed);
    expect((await admit(`${registry.host}/acme/app@${signed}`)).body.response).toMatchObject({
      allowed: true,
    });
    expect((await admit(`${registry.host}/acme/app@${unsigned}`)).body.response).toMatchObject({
      allowed: false,
      status: { message: expect.stringContaining("signature/missing") },
    });
  });

  it("ends by itself when it is told to", async () => {
    const { container: client } = await getContainerRuntimeClient();
    const handle = client.getById(container.getId());
    await handle.kill({ signal: "SIGTERM" });
    await handle.wait();
    expect((await client.inspect(handle)).State).toMatchObject({
      Running: false,
      ExitCode: 0,
      OOMKilled: false,
    });
  });
});
