import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { digestOf } from "../../src/core/index.ts";
import { type PresyncWorld, startPresyncWorld, TOKEN } from "../support/presync-world.ts";

const APP = `registry.example/team/app@${digestOf("app")}`;
const OTHER = `registry.example/team/other@${digestOf("other")}`;
const STATUS_QUERY = `namespace=shop&image=${encodeURIComponent(APP)}`;
const QUERY = `${STATUS_QUERY}&style=json`;
let world: PresyncWorld;

beforeEach(async () => {
  world = await startPresyncWorld();
});
afterEach(() => world.close());

interface Answer {
  readonly code: number;
  readonly body: string;
}

async function ask(query: string, body?: object, token = TOKEN): Promise<Answer> {
  const authorization = `Bearer ${token}`;
  const request =
    body === undefined
      ? ({ method: "GET", headers: { authorization } } as const)
      : ({
          method: "POST",
          headers: { authorization, "content-type": "application/json" },
          payload: JSON.stringify(body),
        } as const);
  const { statusCode, body: text } = await world.app.inject({ url: `/v1/verdict?${query}`, ...request });
  return { code: statusCode, body: text };
}

function verdictIn({ body }: Answer): string {
  return (JSON.parse(body) as { verdict: string }).verdict;
}

describe("/v1/verdict", () => {
  it.each([
    [undefined, "allowed", 200],
    ["finding", "refused", 403],
    ["fault", "pending", 409],
  ] as const)("against it: %s, is %s in the body, and %i as a status", async (what, verdict, code) => {
    if (what !== undefined) world.against.set(APP, what);
    const json = await ask(QUERY);
    expect([json.code, verdictIn(json)]).toEqual([200, verdict]);
    for (const query of [STATUS_QUERY, `${STATUS_QUERY}&style=status`]) {
      const line = await ask(query);
      expect(line.code).toBe(code);
      expect(line.body).toMatch(new RegExp(`^${verdict}: [^\n]+\n$`));
    }
  });

  it("is pending while a waiver is written and does not count yet", async () => {
    await world.close();
    world = await startPresyncWorld({
      waiverAhead: ({ code }, namespace) => `${namespace} ${code}` === "shop signature/missing",
    });
    world.against.set(APP, "finding");
    expect(verdictIn(await ask(QUERY))).toBe("pending");
  });

  it.each([
    ["a body", "", { namespace: "shop", images: [APP, OTHER] }],
    ["a list in one text", "", { namespace: "shop", image: `${APP}, ${OTHER}` }],
    [
      "what Flagger sends",
      "style=status",
      { name: "web", namespace: "shop", phase: "Progressing", metadata: { images: `${APP},${OTHER}` } },
    ],
  ])("reads images out of %s", async (_, query, body) => {
    expect((await ask(query, body)).code).toBe(200);
    expect(world.asked.map(({ namespace, mode }) => [namespace, mode()])).toEqual([["shop", "enforce"]]);
    expect(world.asked[0]?.subjects.map(({ image }) => image)).toEqual([APP, OTHER]);
  });

  it.each([
    ["without a namespace", `image=${APP}`, undefined],
    ["without an image", "namespace=shop", undefined],
    ["with a namespace that is none", `namespace=../x&image=${APP}`, undefined],
    ["with too many images", "", { namespace: "shop", images: Array(65).fill(APP) }],
    ["with a style that is none", `${STATUS_QUERY}&style=xml`, undefined],
    ["with two styles", `${STATUS_QUERY}&style=json&style=status`, undefined],
    ["with a service account that is none", `${STATUS_QUERY}&serviceAccount=../x`, undefined],
    ["with a pull secret that is none", "", { namespace: "shop", image: APP, pullSecrets: ["a/b"] }],
    ["with too many pull secrets", "", { namespace: "shop", image: APP, pullSecrets: Array(17).fill("a") }],
    ["with metadata that is none", "", { namespace: "shop", metadata: { image: APP, pullSecrets: [1] } }],
    ["with too many in one text", "", { namespace: "shop", images: Array(65).fill("a").join() }],
  ])("is a wrong question %s", async (_, query, body) => {
    expect((await ask(query, body)).code).toBe(400);
    expect(world.asked).toEqual([]);
  });

  it("is for tokens of the cluster only", async () => {
    expect((await ask(QUERY, undefined, "other")).code).toBe(401);
    expect(world.asked).toEqual([]);
  });

  it("tells a service account of its own namespace, and of others by a right of its own", async () => {
    const elsewhere = QUERY.replace("shop", "vault");
    expect((await ask(elsewhere)).code).toBe(403);
    expect(world.asked).toEqual([]);
    await world.close();
    world = await startPresyncWorld({ mayAsk: (_, namespace) => Promise.resolve(namespace === "vault") });
    expect((await ask(elsewhere)).code).toBe(200);
  });

  it("is pending, and no error, where the cluster cannot be asked about the token", async () => {
    world.api.onRequest = () => ({ kind: "status", status: 500 });
    const json = await ask(QUERY);
    expect([json.code, verdictIn(json)]).toEqual([200, "pending"]);
    const line = await ask(STATUS_QUERY);
    expect([line.code, line.body]).toEqual([409, expect.stringMatching(/^pending: .*\n$/)]);
    expect(world.asked).toEqual([]);
  });

  it.each([
    ["says nothing", "", {}, ["default"]],
    ["leaves them empty", "&serviceAccount=&pullSecrets=", {}, ["default"]],
    ["names them in the query", "&serviceAccount=web&pullSecrets=one,%20two", {}, ["web", "one", "two"]],
    ["names them in the body", "", { serviceAccount: "web", pullSecrets: ["one"] }, ["web", "one"]],
    [
      "names them where Flagger writes them",
      "",
      { metadata: { image: APP, serviceAccount: "web", pullSecrets: "one,two" } },
      ["web", "one", "two"],
    ],
  ])("pulls with the secrets of the workload, of which the question %s", async (_, query, body, names) => {
    await ask(`namespace=shop${query}`, { image: APP, ...body });
    const [serviceAccount, ...pullSecrets] = names;
    expect(world.asked.map((each) => each.access)).toEqual([
      { namespace: "shop", serviceAccount, pullSecrets },
    ]);
  });
});
