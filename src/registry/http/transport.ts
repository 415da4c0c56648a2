import * as dns from "node:dns";
import type { LookupFunction, Socket } from "node:net";

import { Agent, buildConnector, type Dispatcher } from "undici";

import { Fault } from "../../core/index.ts";
import {
  createForwarding,
  followCaFile,
  type Forwarding,
  type ForwardingOptions,
  NO_FORWARD_PROXY,
  type ProxyFor,
} from "../../outbound/index.ts";
import { ADVICE } from "../advice.ts";
import type { RegistryHost, RegistrySettings } from "../settings.ts";
import { classifyAddress, isAddress } from "./addresses.ts";
import { boundAnswers } from "./bounded-answers.ts";
import { registryOf } from "./hosts.ts";

const HEADER_BYTES = 32 * 1024;
const KEEP_ALIVE_MILLISECONDS = 30_000;
/** Of bytes on the wire over the bytes of the largest body: headers, and what cutting a body into small chunks adds. */
const MAX_OVERHEAD = 4;

/** Connection pools, one set for each way of connecting. */
export interface Transport {
  /** Throws Fault `registry/forbidden` where a URL may not be asked for. */
  readonly dispatcherFor: (url: URL) => Dispatcher;
  /** Ends every connection; requests under way fail. */
  readonly close: () => Promise<void>;
}

/** Looks a name up as `dns.lookup` does. */
export type Lookup = typeof dns.lookup;

/** What connections are made with, in addition to the settings. */
export interface TransportDeps {
  readonly lookup: Lookup;
  readonly proxyFor: ProxyFor;
  /** Called with one clause where a new CA file cannot be used; the one before stays. */
  readonly onProblem: (message: string) => void;
}

/**
 * Pools that check each address at the moment of connecting, so that a name cannot be checked with one answer
 * and used with another. A forward proxy looks names up by itself: behind one only addresses in URLs are checked.
 * Reads the CA files, again when they change; throws where one cannot be used now.
 */
export function createTransport(settings: RegistrySettings, deps: Partial<TransportDeps> = {}): Transport {
  const poolDeps = { lookup: dns.lookup, proxyFor: NO_FORWARD_PROXY, onProblem: () => undefined, ...deps };
  const usual = createPools(undefined, settings, poolDeps);
  const special = new Map<string, Pools>();
  for (const [name, host] of Object.entries(settings.hosts)) {
    if (host.allowLoopbackUnsafe || host.caFile !== undefined)
      special.set(keyOf(name, host), createPools(host, settings, poolDeps));
  }
  return {
    dispatcherFor: (url) => (special.get(registryOf(url)) ?? usual).dispatcherFor(url),
    async close() {
      await Promise.all([usual, ...special.values()].map((pools) => pools.close()));
    },
  };
}

/** As the URL parser writes it, which drops a scheme's own port. */
function keyOf(name: string, { plainHttpUnsafe }: RegistryHost): string {
  const url = `${plainHttpUnsafe ? "http" : "https"}://${name}`;
  return URL.canParse(url) ? new URL(url).host : name;
}

type Pools = Transport;

/** The pools of hosts that are reached in one way; new ones where the authorities in the host's file have changed. */
function createPools(host: RegistryHost | undefined, settings: RegistrySettings, deps: TransportDeps): Pools {
  const { caFile, allowLoopbackUnsafe: loopback = false } = host ?? {};
  const read = caFile === undefined ? undefined : followCaFile({ file: caFile, onProblem: deps.onProblem });
  const wire = wireOf(settings);
  const open = (): { readonly ca: readonly string[] | undefined; readonly ways: Forwarding } => {
    const ca = read?.();
    return { ca, ways: createWays(wire, { ...deps, ca: ca?.join("\n"), loopback }) };
  };
  let pools = open();
  return {
    dispatcherFor(url) {
      if (read?.() !== pools.ca) {
        pools.ways.close().catch(() => undefined); // what runs over them may end first
        pools = open();
      }
      return pools.ways.dispatcherFor(url);
    },
    close: () => pools.ways.destroy(),
  };
}

/** Directly, and through each proxy. */
function createWays(wire: Wire, way: DirectWay & Pick<TransportDeps, "proxyFor">): Forwarding {
  const { ca, loopback, proxyFor } = way;
  const direct = createAgent(wire, way);
  const forwarding = createForwarding(direct, { ...wire, proxyFor, ca });
  return {
    ...forwarding,
    dispatcherFor(url) {
      const dispatcher = forwarding.dispatcherFor(url);
      const fault = dispatcher === direct ? undefined : literalFault(url.hostname, loopback);
      if (fault !== undefined) throw fault;
      return dispatcher;
    },
  };
}

type Wire = Pick<ForwardingOptions, "pool" | "timeoutMs"> & {
  readonly onConnected: (socket: Socket, host: string) => void;
};

function wireOf({ limits }: RegistrySettings): Wire {
  const { connectionsPerHost, requestMilliseconds, manifestBytes, blobBytes } = limits;
  const mostBytes = MAX_OVERHEAD * Math.max(manifestBytes, blobBytes);
  return {
    timeoutMs: requestMilliseconds,
    pool: {
      allowH2: false, // one request a connection, so that `connections` is the number of requests at once
      connections: connectionsPerHost,
      pipelining: 1,
      maxHeaderSize: HEADER_BYTES,
      keepAliveTimeout: KEEP_ALIVE_MILLISECONDS,
    },
    onConnected: (socket, host) => boundAnswers(socket, mostBytes, host),
  };
}

interface DirectWay {
  readonly ca: string | undefined;
  readonly loopback: boolean;
  readonly lookup: Lookup;
}

function createAgent({ pool, timeoutMs, onConnected }: Wire, { ca, loopback, lookup }: DirectWay): Agent {
  const connect = buildConnector({
    allowH2: false,
    timeout: timeoutMs,
    lookup: guardedLookup(lookup, loopback),
    ...(ca !== undefined && { ca }),
  });
  return new Agent({
    ...pool,
    connect(options, callback) {
      const fault = literalFault(options.hostname, loopback);
      if (fault !== undefined) return callback(fault, null);
      connect(options, (...outcome) => {
        const [error, socket] = outcome;
        if (error === null) onConnected(socket, options.host ?? options.hostname);
        callback(...outcome);
      });
    },
  });
}

/** Why a literal address may not be asked, which is connected to without a lookup. */
function literalFault(hostname: string, loopback: boolean): Fault | undefined {
  return isAddress(hostname) ? refusal(hostname, hostname, loopback) : undefined;
}

type OnAddresses = (error: NodeJS.ErrnoException | null, addresses: dns.LookupAddress[]) => void;

/**
 * Looks a name up once at a time, however many connections to it are opened. The system looks names up in a few threads, and
 * each look-up of a name whose servers do not answer holds one for seconds.
 */
function sharedLookup(
  resolve: Lookup,
): (name: string, options: dns.LookupOptions, then: OnAddresses) => void {
  const underWay = new Map<string, OnAddresses[]>();
  return (name, options, then) => {
    const key = JSON.stringify([name, options.family, options.hints]);
    const joined = underWay.get(key);
    if (joined !== undefined) return void joined.push(then);
    const waiting = [then];
    underWay.set(key, waiting);
    resolve(name, { ...options, all: true }, (error, addresses) => {
      underWay.delete(key);
      for (const each of waiting) each(error, addresses);
    });
  };
}

function guardedLookup(lookup: Lookup, loopback: boolean): LookupFunction {
  const resolve = sharedLookup(lookup);
  return (hostname, options, callback) => {
    resolve(hostname, options, (error, addresses) => {
      if (error !== null) return callback(error, []);
      for (const { address } of addresses) {
        const fault = refusal(hostname, address, loopback);
        if (fault !== undefined) return callback(fault, []);
      }
      const [first] = addresses;
      if (options.all === true || first === undefined) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function refusal(hostname: string, address: string, loopback: boolean): Fault | undefined {
  const kind = classifyAddress(address);
  if (kind === "ordinary" || (kind === "loopback" && loopback)) return undefined;
  const what = kind === "loopback" ? "a loopback address" : "a link-local, metadata or multicast address";
  return new Fault(
    "registry/forbidden",
    `the host ${hostname} resolves to ${what}, which is not allowed for a registry`,
    { advice: kind === "loopback" ? ADVICE.loopback : ADVICE.address },
  );
}
