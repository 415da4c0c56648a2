import { type HelperProcess, startHelper } from "./helper-process.ts";
import type { SignedImages } from "./images.ts";

/** What the registry does wrong. */
export type RegistryFault = "none" | "down" | "busy" | "hang" | "cut" | "lie";

/** How it is to answer from now on. */
export interface RegistryOrder {
  readonly delayMs?: number;
  readonly fault?: RegistryFault;
}

/** Where it listens, what it holds. */
export interface RegistryReady extends SignedImages {
  readonly host: string;
  /** PEM of the authority of its certificate. */
  readonly ca: string;
  /** Other hosts that a gate takes images of, and that never answer. */
  readonly silent?: readonly string[];
  /** The same of hosts that speak plain HTTP. */
  readonly plain?: readonly string[];
}

/** The bench's registry: over TLS, in a process of its own. */
export interface BenchRegistry extends RegistryReady {
  readonly set: (order: RegistryOrder) => Promise<void>;
  /** Requests since the start, by class. */
  readonly counts: () => Promise<Readonly<Record<string, number>>>;
  readonly stop: () => void;
}

/** What the registry is started with. */
export interface RegistryOptions {
  /** Where its contents are kept between runs. */
  readonly file: string;
  readonly signed: number;
  readonly withSbom: number;
  readonly port: number;
  /** Where it listens, as an IPv4 address; loopback where absent. */
  readonly address?: string;
  /** What runs it elsewhere, such as in the name spaces of a node. */
  readonly via?: readonly string[];
}

/** Starts the registry; making the images takes about 5 ms each. */
export async function startRegistry(options: RegistryOptions): Promise<BenchRegistry> {
  const { file, signed, withSbom, port, address = "127.0.0.1", via } = options;
  const args = [file, signed, withSbom, port, address].map(String);
  const helper: HelperProcess = startHelper("registry-process.ts", args, via);
  const ready = await helper.call<RegistryReady>("ready");
  return {
    ...ready,
    set: (order) => helper.call("set", order),
    counts: () => helper.call("counts"),
    stop: helper.stop,
  };
}
