import { postJson } from "./post-json.ts";

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
export async function postReview(url: string, ca: string, review: unknown): Promise<Answer> {
  const { status, text } = await postJson({ url, ca, body: JSON.stringify(review) });
  return { code: status, body: JSON.parse(text) as Answer["body"] };
}
