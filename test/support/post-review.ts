import { request } from "node:https";

/** What the gate answers to a review. */
export interface Answer {
  readonly code: number;
  readonly body: { readonly response?: AdmissionAnswer };
}

/** The response of an AdmissionReview. */
export interface AdmissionAnswer {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: { readonly code: number; readonly reason: string; readonly message: string };
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

/** Posts a review over HTTPS, as the API server does. Rejects where nobody answers. */
export function postReview(url: string, ca: string, review: unknown): Promise<Answer> {
  const body = JSON.stringify(review);
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  const outgoing = request(url, { method: "POST", ca, headers }, (incoming) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      resolve({ code: incoming.statusCode ?? 0, body: JSON.parse(text) as Answer["body"] });
    });
  });
  outgoing.on("error", reject);
  outgoing.end(body);
  return promise;
}
