import { proxyOfProcess } from "../composition/index.ts";
import { EXIT, type ExitCode, UsageError } from "../core/index.ts";
import { createGitHub, createOutbound, type GitHub, OutboundError, postToSlack } from "../outbound/index.ts";
import { say } from "./terminal.ts";

/** The services that a command may use. */
export interface Channels {
  readonly github: GitHub;
  /** Posts a message; undefined where there is no webhook. */
  readonly slack: ((text: string) => Promise<void>) | undefined;
}

const PUBLIC = "https://api.github.com";

/** Runs what needs GitHub, with the token from the environment. A call that may succeed later exits 11. */
export async function withGitHub(
  { repo: repository }: { readonly repo: string },
  work: (channels: Channels) => Promise<ExitCode | void>,
): Promise<ExitCode> {
  const token = fromEnvironment("GITHUB_TOKEN");
  if (token === undefined) throw new UsageError("GITHUB_TOKEN is not set");
  const url = fromEnvironment("GITHUB_API_URL") ?? PUBLIC;
  const webhook = fromEnvironment("SLACK_WEBHOOK_URL");
  const outbound = createOutbound(proxyOfProcess());
  const slack = webhook === undefined ? undefined : (text: string) => postToSlack(outbound, webhook, text);
  try {
    return (
      (await work({ github: createGitHub({ outbound, url, token, repository }), slack })) ?? EXIT.allowed
    );
  } catch (error) {
    return explained(error);
  } finally {
    await outbound.close();
  }
}

function fromEnvironment(name: string): string | undefined {
  const value = process.env[name];
  return value === "" ? undefined : value;
}

function explained(error: unknown): ExitCode {
  if (!(error instanceof OutboundError)) throw error;
  if (!error.retryable) throw new UsageError(error.message);
  say(`Cannot tell: ${error.message}; retry in a while.`);
  return EXIT.unknown;
}
