import fastify from "fastify";

import { registerAdmission } from "../../src/admission/index.ts";
import type { Mode, Verdict } from "../../src/core/index.ts";
import { NOTHING_BESIDES } from "./admission-deps.ts";

/** What a review came to, seen from both ends. */
export interface Asked {
  /** Images that the gate was asked about; empty where it was not asked. */
  readonly images: readonly string[];
  /** In which mode it was asked. */
  readonly mode: Mode | undefined;
  readonly allowed: boolean;
  readonly message: string;
}

/** How the review is sent. */
export interface AskOptions {
  readonly path?: "enforce" | "advisory";
  readonly modeOf?: (namespace: string) => Mode | undefined;
}

/** Posts a review to the admission endpoints with a gate that refuses every image, and says what it was asked. */
export async function askedImages(
  review: unknown,
  { path = "enforce", modeOf = () => undefined }: AskOptions = {},
): Promise<Asked> {
  let images: readonly string[] = [];
  let mode: Mode | undefined;
  const app = fastify();
  registerAdmission(app, {
    ...NOTHING_BESIDES,
    gate: {
      admit: (request) => {
        images = request.subjects.map(({ image }) => image);
        mode = request.mode();
        return Promise.resolve(refusal(mode, images[0] ?? ""));
      },
    },
    modeOf,
  });
  const headers = { "content-type": "application/json" };
  const { body } = await app.inject({
    method: "POST",
    url: `/validate/${path}`,
    headers,
    payload: JSON.stringify(review),
  });
  await app.close();
  const { response } = JSON.parse(body) as { response: { allowed: boolean; status?: { message: string } } };
  return { images, mode, allowed: response.allowed, message: response.status?.message ?? "" };
}

function refusal(mode: Mode, image: string): Verdict {
  const decision = mode === "enforce" ? "deny" : "warn";
  const finding = {
    kind: "finding",
    code: "signature/missing",
    subject: { image, place: "test" },
    message: "refused",
  } as const;
  return { decision, mode, objections: [finding], waived: [], judged: [] };
}
