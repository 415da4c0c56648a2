/**
 * Waits for a turn. `giveUp` is called once where the signal aborts before that, also where it has aborted already; it takes the
 * wait out of its queue and rejects `turn`.
 */
export async function waitForTurn(
  turn: Promise<void>,
  signal: AbortSignal,
  giveUp: () => void,
): Promise<void> {
  signal.addEventListener("abort", giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    await turn;
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}
