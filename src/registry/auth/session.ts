import { asFault, type DockerAuth, Fault, withDeadline } from "../../core/index.ts";
import { deadlineFault } from "../http/failures.ts";
import type { Endpoint } from "../http/hosts.ts";
import type { Exchange } from "../http/http.ts";
import type { Actions, Authorization, Authorizer, Scheme } from "./authorizer.ts";
import { type CandidateQueue, createQueue } from "./candidates.ts";
import type { Standing } from "./standing.ts";
import { createTurns } from "./turns.ts";

/** The state of being signed in, for one repository on one endpoint during one collection. */
export interface Session {
  /** The `authorization` header to send now; undefined for none. */
  readonly current: (signal: AbortSignal) => Promise<string | undefined>;
  /**
   * Called with a 401 or 403: whether it is worth asking again, with another header. Every credential is tried once, in
   * its order, then no one's, and at last no header at all: a stale password must not hide what anyone may read. Calls
   * are taken one at a time, so that several requests that were refused at once share one new token. Where none is left,
   * the one that was accepted elsewhere is used again: a path that no one may read says nothing about the others. Throws
   * the fault of a token service, from then on at every call.
   */
  readonly refused: (refusal: Refusal) => Promise<boolean>;
  /**
   * Whether the registry wanted credentials for anything so far, or is known by now to want them of those who ask it for
   * something else: what it showed without any may be less than it has.
   */
  readonly wantedCredentials: () => boolean;
  /**
   * Called where a request was answered: whether it is worth asking again, since it was sent without credentials and the
   * registry asks for some, so that it may show more to who sends them.
   */
  readonly mayShowMore: (sent: string | undefined, signal: AbortSignal) => Promise<boolean>;
  /** Called with the header of a request that was neither refused with 401 nor with 403. */
  readonly accepted: (sent: string | undefined) => void;
  /** Whose the credentials were that there were for it. */
  readonly tried: () => readonly string[];
}

/** A 401 or 403. */
interface Refusal {
  /** The header that was sent. */
  readonly sent: string | undefined;
  /** The answer's `WWW-Authenticate`. */
  readonly challenge: string | undefined;
  readonly signal: AbortSignal;
}

export interface SessionDeps {
  readonly endpoint: Endpoint;
  readonly repository: string;
  /** `pull` where absent. */
  readonly actions?: Actions;
  readonly authorizer: Authorizer;
  /** Asks token services. */
  readonly exchange: Exchange;
  /** Credentials for this endpoint and repository, best first; asked for only when the registry wants some. */
  readonly credentials: () => AsyncIterable<DockerAuth>;
  /** Whether the registry asks for credentials; not asked beforehand where absent. */
  readonly standing?: (() => Promise<Standing>) | undefined;
}

/** A session that has not been refused yet. */
export function createSession(deps: SessionDeps): Session {
  const state: State = {
    queue: createQueue(deps.credentials),
    now: undefined,
    accepted: undefined,
    isExhausted: false,
    wasUsed: false,
    standing: undefined,
    known: deps.standing === undefined ? "open" : undefined,
    wasRefused: false,
    wasBare: false,
    failedAhead: undefined,
    ended: undefined,
  };
  const inTurn = createTurns();
  return {
    async current(signal) {
      state.wasUsed = true;
      if (deps.standing !== undefined && state.standing === undefined) void standingOf(deps.standing, state);
      await inTurn(() => begin(deps, state, signal));
      if (state.ended !== undefined) throw state.ended;
      return state.now?.header;
    },
    tried: () => state.queue.credentials(),
    refused: (refusal) => {
      state.wasRefused = true; // with a challenge or without one
      return inTurn(() => answer(deps, state, refusal));
    },
    async mayShowMore(sent, signal) {
      if (sent !== undefined || !(await asksAnyone(deps, state, signal))) return false;
      await inTurn(() => begin(deps, state, signal));
      return state.now !== undefined;
    },
    wantedCredentials: () => state.wasRefused || (state.wasUsed && !isOpen(deps, state)),
    accepted(sent) {
      if (sent !== undefined) state.accepted = { header: sent, remembered: false };
      if (state.isExhausted) state.now = state.accepted;
    },
  };
}

interface State {
  readonly queue: CandidateQueue;
  now: Authorization | undefined;
  /** The last one that a request was not refused with. */
  accepted: Authorization | undefined;
  /** Whether every credential was tried. */
  isExhausted: boolean;
  wasUsed: boolean;
  standing: Promise<Standing> | undefined;
  /** The result, once it is there. */
  known: Standing | undefined;
  wasRefused: boolean;
  /** Whether a request without a header was refused, or is the next one. */
  wasBare: boolean;
  /** The way of signing in that was known and failed before the first request. */
  failedAhead: { readonly scheme: Scheme; readonly fault: Fault } | undefined;
  /** Why signing in is given up for good. */
  ended: Fault | undefined;
}

/** Asked in parallel to the first request, which need not wait for it. */
async function standingOf(ask: () => Promise<Standing>, state: State): Promise<Standing> {
  state.standing ??= ask();
  state.known = await state.standing;
  return state.known;
}

async function asksAnyone(
  { standing, endpoint }: SessionDeps,
  state: State,
  signal: AbortSignal,
): Promise<boolean> {
  if (standing === undefined) return false;
  const late = (): Fault => deadlineFault(endpoint.registry);
  return (await withDeadline(signal, standingOf(standing, state), late)) === "asks";
}

function isOpen({ authorizer, endpoint }: SessionDeps, { known }: State): boolean {
  return authorizer.knownScheme(endpoint) === undefined && known === "open";
}

/** Signs in before the first request where the host is known to want it: that saves a refusal. */
async function begin(deps: SessionDeps, state: State, signal: AbortSignal): Promise<void> {
  if (state.failedAhead !== undefined || state.queue.started()) return;
  const scheme = deps.authorizer.knownScheme(deps.endpoint);
  if (scheme === undefined) return;
  try {
    await advance(deps, state, { scheme, refused: undefined, signal });
  } catch (error) {
    if (signal.aborted || !(error instanceof Fault)) throw error;
    state.failedAhead = { scheme, fault: error };
    state.queue.restart(); // what was known may be out of date; the next refusal says how it is now
  }
}

async function answer(deps: SessionDeps, state: State, refusal: Refusal): Promise<boolean> {
  const { sent, challenge, signal } = refusal;
  state.wasBare ||= sent === undefined;
  if (state.ended !== undefined) throw state.ended;
  if (state.now?.header !== sent) return true;
  const { authorizer, endpoint } = deps;
  const scheme =
    challenge === undefined ? authorizer.knownScheme(endpoint) : authorizer.learnScheme(endpoint, challenge);
  if (scheme === undefined) return false;
  try {
    // A token service that did not answer a moment ago is not waited for again.
    const { failedAhead } = state;
    if (failedAhead !== undefined && isSame(scheme, failedAhead.scheme)) throw failedAhead.fault;
    return await advance(deps, state, { scheme, refused: sent, signal });
  } catch (error) {
    state.ended = asFault(error); // each request would wait for the same token service again
    throw state.ended;
  }
}

function isSame(one: Scheme, other: Scheme): boolean {
  if (one.kind !== "bearer" || other.kind !== "bearer") return false;
  return one.realm.href === other.realm.href && one.service === other.service;
}

interface Step {
  readonly scheme: Scheme;
  readonly refused: string | undefined;
  readonly signal: AbortSignal;
}

/** Continues with the next credential that yields a header; false where none is left. */
async function advance(
  { authorizer, endpoint, exchange, repository, actions = "pull" }: SessionDeps,
  state: State,
  step: Step,
): Promise<boolean> {
  if (state.now?.remembered === true && state.now.header === step.refused) state.queue.again();
  for (;;) {
    const candidate = await state.queue.next();
    if (candidate === undefined) return withoutHeader(state, step.refused);
    state.now = await authorizer.header({ endpoint, exchange, repository, actions, ...candidate, ...step });
    if (state.now !== undefined && state.now.header !== step.refused) return true;
  }
}

/** After the last credential: whether a request without a header is still to be tried. */
function withoutHeader(state: State, refused: string | undefined): boolean {
  state.isExhausted = true;
  const isNew = !state.wasBare && refused !== undefined;
  state.wasBare ||= isNew;
  state.now = isNew ? undefined : (state.accepted ?? state.now);
  return isNew;
}
