import { z } from "zod";

import { printable, readJson } from "../../core/index.ts";

const Status = z.object({ reason: z.string().optional(), message: z.string().optional() });

/** The API server said no, or did not answer. Its message holds no body of a request or an answer. */
export class KubeError extends Error {
  override readonly name = "KubeError";
  /** The HTTP status; undefined where no whole answer came. */
  readonly status: number | undefined;

  constructor(message: string, options?: ErrorOptions & { status?: number }) {
    super(message, options);
    this.status = options?.status;
  }
}

/**
 * What an answer with a status other than 2xx means. Only the reason and the message of a `Status` object are kept
 * (Kubernetes API conventions, "Response Status Kind"): anything else could be someone's secret.
 */
export function refusal(doing: string, status: number, body: string): KubeError {
  const { reason, message } = Status.safeParse(readJson(body)).data ?? {};
  const detail = [reason, message].filter((each) => each !== undefined).join(": ");
  return new KubeError(`${doing}: HTTP ${status}${detail && ` ${printable(detail, 300)}`}`, { status });
}

/** `error` as a KubeError: of anything else only the kind of failure is said. */
export function asKubeError(doing: string, error: unknown): KubeError {
  if (error instanceof KubeError) return error;
  const detail =
    error instanceof Error ? `${error.name}: ${error.message}` : "a value that is not an Error was thrown";
  return new KubeError(`${doing}: ${printable(detail, 300)}`, { cause: error });
}
