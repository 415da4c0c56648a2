import { type Deserving, type Outcome, outcomeOf, reasonIn, WRONG } from "../support/outcome.ts";
import type { ApiClient } from "./api-client.ts";
import type { ImageSource } from "./world.ts";

/** What came of the pods of one scenario. `away` is a pod about which the API server itself, or its store, could say nothing. */
export interface Tally {
  readonly counts: Readonly<Record<Outcome | "away", number>>;
  /** Why images were not known, by reason code. */
  readonly faults: Readonly<Record<string, number>>;
  /** What was wrong, each sentence once: how often, and when first and last, s from the start of the load. */
  readonly complaints: readonly string[];
}

/** A steady stream of new pods. */
export interface ApiLoad {
  readonly stop: () => Promise<Tally>;
}

/** What the stream asks for, and of whom. */
export interface ApiLoadOptions {
  readonly api: ApiClient;
  readonly namespace: string;
  readonly images: ImageSource;
  readonly perSecond: number;
}

const COMPLAINTS = 6;

/** Gathers what was wrong: each sentence once, and those that came first. */
function complaintsSince(began: number): {
  readonly add: (text: string) => void;
  readonly lines: () => string[];
} {
  const times = new Map<string, number[]>();
  return {
    add: (text) => {
      const known = times.get(text);
      if (known === undefined && times.size === COMPLAINTS) return;
      times.set(text, [...(known ?? []), (performance.now() - began) / 1000]);
    },
    lines: () =>
      [...times].map(([text, at]) => {
        const [first, last] = [at[0]!.toFixed(1), at.at(-1)!.toFixed(1)];
        return `${at.length} times, at ${first} to ${last} s, ${text}`;
      }),
  };
}

/** Of ten pods six have images that every replica knows, two a new one, two an unsigned one. */
export function startApiLoad(options: ApiLoadOptions): ApiLoad {
  const { api, namespace, images, perSecond } = options;
  const counts = Object.fromEntries(
    ["admitted", "refused", "fault", ...WRONG, "away"].map((each) => [each, 0]),
  ) as Record<Outcome | "away", number>;
  const faults: Record<string, number> = {};
  const complaints = complaintsSince(performance.now());
  const underWay = new Set<Promise<void>>();
  let sent = 0;

  function choose(): readonly [string, Deserving] {
    const at = sent++;
    if (at % 5 === 0) return [images.fresh(), "signed"];
    if (at % 5 === 1) return [images.unsigned[at % images.unsigned.length]!, "unsigned"];
    return [images.hot[at % images.hot.length]!, "seen"];
  }

  async function send(): Promise<void> {
    const [image, deserves] = choose();
    const { wasAsked, answer, message } = await api.create(namespace, image);
    const outcome = wasAsked ? outcomeOf(deserves, answer) : "away";
    counts[outcome] += 1;
    if (outcome === "fault") faults[reasonIn(message)] = (faults[reasonIn(message)] ?? 0) + 1;
    if ((WRONG as readonly string[]).includes(outcome))
      complaints.add(`${outcome}: ${message.slice(0, 500)}`);
  }

  const timer = setInterval(() => {
    const one = send();
    underWay.add(one);
    void one.finally(() => underWay.delete(one));
  }, 1000 / perSecond);
  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.all(underWay);
      return { counts, faults, complaints: complaints.lines() };
    },
  };
}
