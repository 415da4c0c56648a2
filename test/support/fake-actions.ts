import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** The token that it takes. */
export const ACTIONS_TOKEN = "token-of-the-test";

/** GitHub's Actions of one repository, acme/app, on loopback. */
export interface FakeActions {
  readonly url: string;
  /** Answers by path, with its query. One that is a function is called for each request. */
  readonly answers: Map<string, object | (() => Reply)>;
  /** `METHOD path` of each request. */
  readonly requests: string[];
  readonly close: () => Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly body: object;
}

/** Starts one that knows nothing. Every call must bring the test's token. */
export async function startFakeActions(): Promise<FakeActions> {
  const answers: FakeActions["answers"] = new Map();
  const requests: string[] = [];
  const server = createServer(({ method, url, headers }, response) => {
    requests.push(`${method} ${url}`);
    const path = url!.replace("/repos/acme/app", "");
    const answer = answers.get(path);
    const known = typeof answer === "function" ? answer() : { status: 200, body: answer };
    const isKnown = headers.authorization === `Bearer ${ACTIONS_TOKEN}` && answer !== undefined;
    const { status, body } = isKnown ? known : { status: answer === undefined ? 404 : 401, body: {} };
    response.writeHead(status).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers,
    requests,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}
