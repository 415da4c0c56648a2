import { Agent, Client, type Dispatcher, request } from "undici";
import { z } from "zod";

import { boundedBytes, Fault, type PartPath, readJsonParts } from "../core/index.ts";
import {
  createForwarding,
  failureKind,
  type ForwardingOptions,
  NO_FORWARD_PROXY,
  type ProxyFor,
} from "../outbound/index.ts";
import type { ArgoCd, ArgoCdReplica, RevisionsOfSources } from "./ports.ts";

const MAX_BYTES = 48 * 1024 * 1024; // 32 MiB of manifests as JSON text within JSON
const CONNECT_MS = 10_000;
const MAX_MANIFESTS = 20_000;
const APPLICATIONS = "/api/v1/applications";
/** Characters of an answer above which it is read in another thread. */
const LARGE = 256 * 1024;
const NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** Where an Argo CD API server is, and who asks. */
export interface ArgoCdOptions {
  /** `https://argocd-server.argocd.svc`, with the root path where there is one. */
  readonly url: string;
  /** The account's token; asked again for each call, since it may be replaced. */
  readonly token: () => string;
  /**
   * PEM of the authority that its certificate is checked with, asked again for each call; the usual ones where absent.
   */
  readonly ca?: () => string;
  /** The forward proxy of a URL; none where absent. */
  readonly proxyFor?: ProxyFor;
  /** The parts of an Application that are asked for. */
  readonly parts: readonly PartPath[];
  /** Reads a long answer in another thread, as `readJsonParts` does; in this one where absent. Rejects with faults. */
  readonly readElsewhere?: (text: string, parts: readonly PartPath[]) => Promise<unknown>;
}

/** The part of Argo CD's API that says what a sync applies. Nothing here changes anything. */
export interface ArgoCdClient extends Pick<ArgoCd, "application" | "connected"> {
  readonly close: () => Promise<void>;
}

const Manifests = z.object({ manifests: z.array(z.string()).max(MAX_MANIFESTS).nullish() });
/** It is asked for one name in one namespace. */
const Applications = z.object({ items: z.array(z.unknown()).max(1).nullish() });

/** A client for one Argo CD. Opens nothing yet; follows no redirect. Rejects with Fault target/unavailable. */
export function createArgoCd(options: ArgoCdOptions): ArgoCdClient {
  /** One for each authority that there was, the newest last. */
  const opened: {
    readonly ca: string | undefined;
    readonly get: Get;
    readonly close: () => Promise<void>;
  }[] = [];
  const getNow = (): Get => {
    const now = withAuthority(options);
    const last = opened.at(-1);
    if (last !== undefined && last.ca === now.ca) return last.get;
    const { dispatcherFor, destroy } = createForwarding(new Agent(connectionOf(now)), forwardingOf(now));
    const get = getterBy({ ...now, dispatcher: dispatcherFor(new URL(now.url)) });
    opened.push({ ca: now.ca, get, close: destroy });
    return get;
  };
  return {
    application: async ({ namespace, name }, signal) => {
      const query = new URLSearchParams({ appNamespace: namespace });
      return getNow()({ path: pathOf(name), query, parts: options.parts }, signal);
    },
    connected: async (use) => connected(withAuthority(options), use),
    close: async () => void (await Promise.all(opened.map((each) => each.close()))),
  };
}

interface Authorized extends Omit<ArgoCdOptions, "ca"> {
  readonly ca: string | undefined;
}

function withAuthority({ ca, ...options }: ArgoCdOptions): Authorized {
  try {
    return { ...options, ca: ca?.() };
  } catch (error) {
    throw unavailable(`the authority of Argo CD's certificate cannot be read: ${failureKind(error)}`, error);
  }
}

function connectionOf({ ca }: Authorized): Pick<Client.Options, "connect" | "allowH2"> {
  return { connect: ca === undefined ? {} : { ca }, allowH2: false };
}

function forwardingOf({ ca, proxyFor = NO_FORWARD_PROXY }: Authorized): ForwardingOptions {
  return { proxyFor, ca, pool: { allowH2: false }, timeoutMs: CONNECT_MS };
}

async function connected<T>(options: Authorized, use: (replica: ArgoCdReplica) => Promise<T>): Promise<T> {
  const url = new URL(options.url);
  let opened = 0;
  const onConnected = (): void => {
    opened += 1;
  };
  const direct = new Client(url.origin, connectionOf(options)).on("connect", onConnected);
  const { dispatcherFor, destroy } = createForwarding(direct, {
    ...forwardingOf(options),
    pool: { allowH2: false, connections: 1 },
    onConnected,
  });
  const get = getterBy({ ...options, dispatcher: dispatcherFor(url) });
  const getFromOne: Get = async (...question) => {
    const answer = await get(...question);
    if (opened > 1) throw unavailable("the connection to Argo CD was lost between two requests");
    return answer;
  };
  try {
    return await use(replicaBy(getFromOne, options));
  } finally {
    await destroy();
  }
}

interface Query {
  readonly path: string;
  readonly query: URLSearchParams;
  /** What is read of the answer. */
  readonly parts: readonly PartPath[];
}

type Get = (question: Query, signal: AbortSignal) => Promise<unknown>;

function getterBy(options: Authorized & { readonly dispatcher: Dispatcher }): Get {
  return ({ path, query, parts }, signal) =>
    ask({ ...options, path: `${path}?${query.toString()}`, parts, signal });
}

function replicaBy(get: Get, { parts: ofOne }: Authorized): ArgoCdReplica {
  return {
    cached: async ({ namespace, name }, signal) => {
      const query = new URLSearchParams({ name, appNamespace: namespace });
      const parts = ofOne.map((path) => ["items", "*", ...path]);
      const parsed = Applications.safeParse(await get({ path: APPLICATIONS, query, parts }, signal));
      if (!parsed.success)
        throw unavailable(`Argo CD's answer about ${name} is not a list of one Application`);
      return parsed.data.items?.[0];
    },
    manifests: async ({ namespace, name }, at, signal) => {
      const query = new URLSearchParams([["appNamespace", namespace], ...revisionsIn(at)]);
      const question = { path: `${pathOf(name)}/manifests`, query, parts: [["manifests"]] };
      const parsed = Manifests.safeParse(await get(question, signal));
      if (!parsed.success) throw unavailable(`Argo CD's answer about ${name} holds no manifests`);
      return parsed.data.manifests ?? [];
    },
  };
}

function pathOf(name: string): string {
  if (!NAME.test(name)) throw unavailable("the Application's name is not one that Kubernetes allows");
  return `${APPLICATIONS}/${name}`;
}

/** Positions count from 1. Source: argo-cd, server/application/application.proto, ApplicationManifestQuery. */
function revisionsIn({ revisions, isMulti }: RevisionsOfSources): [string, string][] {
  if (!isMulti) return [["revision", revisions[0] ?? ""]];
  return revisions.flatMap((revision, at): [string, string][] => [
    ["sourcePositions", String(at + 1)],
    ["revisions", revision],
  ]);
}

interface Call extends Authorized {
  readonly dispatcher: Dispatcher;
  readonly path: string;
  readonly signal: AbortSignal;
}

async function ask({ url, token, dispatcher, path, parts, signal, readElsewhere }: Call): Promise<unknown> {
  try {
    const headers = { authorization: `Bearer ${token()}`, accept: "application/json" };
    const answer = await request(`${url.replace(/\/$/, "")}${path}`, { dispatcher, headers, signal });
    const text = await readText(answer);
    // It says "permission denied" of Applications that do not exist, too.
    if (answer.statusCode !== 200) throw unavailable(`Argo CD answered with HTTP ${answer.statusCode}`);
    const isLarge = readElsewhere !== undefined && text.length > LARGE;
    const value = isLarge ? await readElsewhere(text, parts) : readJsonParts(text, parts);
    if (value === undefined) throw unavailable("Argo CD's answer is not JSON");
    return value;
  } catch (error) {
    throw error instanceof Fault
      ? error
      : unavailable(`Argo CD could not be reached: ${failureKind(error)}`, error);
  }
}

async function readText({ body }: Dispatcher.ResponseData): Promise<string> {
  const bytes = await boundedBytes(body, MAX_BYTES);
  if (bytes === undefined)
    throw new Fault("limits/exceeded", `Argo CD's answer is larger than ${MAX_BYTES} bytes`);
  return bytes.toString("utf8");
}

function unavailable(message: string, cause?: unknown): Fault {
  return new Fault("target/unavailable", message, { cause });
}
