import { lookup } from "node:dns";
import { readFileSync } from "node:fs";
import type { LookupFunction } from "node:net";

import { Agent, buildConnector, type Dispatcher } from "undici";

import { Fault } from "../core/index.ts";
import { classifyAddress, isAddress } from "./addresses.ts";
import { boundAnswers } from "./bounded-answers.ts";
import { registryOf } from "./hosts.ts";
import type { RegistryHost, RegistrySettings } from "./settings.ts";

const HEADER_BYTES = 32 * 1024;
const KEEP_ALIVE_MILLISECONDS = 30_000;
/** Of bytes on the wire over the bytes of the largest body: headers, and what cutting a body into small chunks adds. */
const MAX_OVERHEAD = 4;

/** Connection pools, one set for each way of connecting. */
export interface Transport {
  readonly dispatcherFor: (url: URL) => Dispatcher;
  /** Ends every connection; requests under way fail. */
  readonly close: () => Promise<void>;
}

/** Looks a name up as `dns.lookup` does. */
export type Lookup = typeof lookup;

/**
 * Pools that check each address at the moment of connecting, so that a name cannot be checked with one answer
 * and used with another. Reads the CA files; throws where one cannot be read.
 */
export function createTransport(settings: RegistrySettings, resolve: Lookup = lookup): Transport {
  const usual = createAgent(undefined, settings, resolve);
  const special = new Map<string, Agent>();
  for (const [name, host] of Object.entries(settings.hosts)) {
    if (host.allowLoopback || host.caFile !== undefined)
      special.set(keyOf(name, host), createAgent(host, settings, resolve));
  }
  return {
    dispatcherFor: (url) => special.get(registryOf(url)) ?? usual,
    async close() {
      await Promise.all([usual, ...special.values()].map((agent) => agent.destroy()));
    },
  };
}

/** As the URL parser writes it, which drops a scheme's own port. */
function keyOf(name: string, { plainHttp }: RegistryHost): string {
  const url = `${plainHttp ? "http" : "https"}://${name}`;
  return URL.canParse(url) ? new URL(url).host : name;
}

function createAgent(host: RegistryHost | undefined, settings: RegistrySettings, resolve: Lookup): Agent {
  const loopback = host?.allowLoopback === true;
  const { connectionsPerHost, requestMilliseconds, manifestBytes, blobBytes } = settings.limits;
  const mostBytes = MAX_OVERHEAD * Math.max(manifestBytes, blobBytes);
  const connect = buildConnector({
    allowH2: false,
    timeout: requestMilliseconds,
    lookup: guardedLookup(resolve, loopback),
    ...(host?.caFile !== undefined && { ca: readFileSync(host.caFile, "utf8") }),
  });
  return new Agent({
    allowH2: false, // one request a connection, so that `connections` is the number of requests at once
    connections: connectionsPerHost,
    pipelining: 1,
    maxHeaderSize: HEADER_BYTES,
    keepAliveTimeout: KEEP_ALIVE_MILLISECONDS,
    connect(options, callback) {
      // A literal address is connected to without a lookup.
      const fault = isAddress(options.hostname)
        ? refusal(options.hostname, options.hostname, loopback)
        : undefined;
      if (fault !== undefined) return callback(fault, null);
      connect(options, (...outcome) => {
        const [error, socket] = outcome;
        if (error === null) boundAnswers(socket, mostBytes, options.host ?? options.hostname);
        callback(...outcome);
      });
    },
  });
}

function guardedLookup(resolve: Lookup, loopback: boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
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
  return new Fault("registry/forbidden", `the host ${hostname} leads to ${what}, where no registry may be`);
}
