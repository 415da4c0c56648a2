import { type Answered, type Deserving, type Outcome, outcomeOf, WRONG } from "../../test/support/outcome.ts";
import type { BenchImage } from "../images.ts";
import { reviewOf } from "../reviews.ts";
import type { ReviewClient } from "./client.ts";

/** Images that are asked about all the time. */
const HOT = 50;
const COMPLAINTS = 10;
/** The kinds that the soak's policy admits. */
const SIGNED = ["key-legacy", "key-bundle", "keyless-legacy", "keyless-bundle"];

/** What the reviews came to. */
export interface Tally {
  readonly counts: Readonly<Record<string, number>>;
  /** The first wrong ones, in words. */
  readonly complaints: readonly string[];
}

/** A steady stream of reviews. */
export interface Traffic {
  /** Ends the stream and waits for the answers that are due. */
  readonly stop: () => Promise<Tally>;
}

/** What the stream is made of. */
export interface TrafficOptions {
  readonly client: ReviewClient;
  readonly host: string;
  readonly images: readonly BenchImage[];
  readonly perSecond: number;
  /** What is broken on purpose at the moment, for the complaints. */
  readonly trouble: () => string;
  /** Whether the machine has other work, so that a known image may be refused because time ran out. */
  readonly busy: boolean;
}

interface Choice {
  readonly image: BenchImage;
  readonly deserves: Deserving;
}

/** Of ten reviews six are about few images, two about any that were seen, one about a new one, one about an unsigned one. */
function* choices(images: readonly BenchImage[]): Generator<Choice, never> {
  const signed = images.filter(({ kind }) => SIGNED.includes(kind));
  const unsigned = images.filter(({ kind }) => kind === "unsigned");
  for (let at = 0, fresh = 0; ; at += 1) {
    const seen = signed.slice(0, Math.max(1, fresh));
    if (at % 10 === 0) yield { image: signed[fresh++ % signed.length]!, deserves: "signed" };
    else if (at % 10 === 1) yield { image: anyOf(unsigned), deserves: "unsigned" };
    else yield { image: anyOf(at % 10 < 4 ? seen : seen.slice(0, HOT)), deserves: "signed" };
  }
}

function anyOf<T>(list: readonly T[]): T {
  return list[Math.floor(Math.random() * list.length)]!;
}

/** Starts a stream; a slow answer does not hold up what comes after it. */
export function startTraffic({ client, host, images, perSecond, trouble, busy }: TrafficOptions): Traffic {
  const counts: Partial<Record<Outcome, number>> = {};
  const complaints: string[] = [];
  const underWay = new Set<Promise<void>>();
  const admitted = new Set<string>();
  const next = choices(images);
  let sent = 0;

  function count({ image, deserves }: Choice, answer: Answered): void {
    const outcome = outcomeOf(deserves, answer);
    counts[outcome] = (counts[outcome] ?? 0) + 1;
    if (outcome === "admitted") admitted.add(image.digest);
    if (complaints.length < COMPLAINTS && (WRONG as readonly string[]).includes(outcome))
      complaints.push(
        `${outcome} of ${image.kind} (${trouble()}): ${answer?.message.slice(0, 400) ?? "no answer"}`,
      );
  }

  function send(): void {
    const choice = next.next().value;
    const { image } = choice;
    const isSeen = choice.deserves === "signed" && admitted.has(image.digest) && !busy;
    const deserves = isSeen ? "seen" : choice.deserves;
    const body = reviewOf(sent++, [`${host}/${image.repository}@${image.digest}`]);
    const asked = client.ask(body).then((answer) => count({ image, deserves }, answer));
    underWay.add(asked);
    void asked.finally(() => underWay.delete(asked));
  }

  const timer = setInterval(send, 1000 / perSecond);
  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.all(underWay);
      return { counts, complaints };
    },
  };
}
