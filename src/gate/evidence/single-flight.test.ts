import { describe, expect, it } from "vitest";

import { Patience } from "./patience.ts";
import { before, createSingleFlight } from "./single-flight.ts";

describe("single flight", () => {
  it("shares one run among all who ask for the same key", async () => {
    const flights = createSingleFlight<number>();
    const gate = Promise.withResolvers<number>();
    let runs = 0;
    const task = (): Promise<number> => {
      runs += 1;
      return gate.promise;
    };
    const answers = Promise.all(
      [flights.run("a", task), flights.run("a", task), flights.run("b", task)].map(({ result }) => result),
    );
    gate.resolve(7);
    expect(await answers).toEqual([7, 7, 7]);
    expect(runs).toBe(2);
  });

  it("starts anew once a run is over, also after a failure", async () => {
    const flights = createSingleFlight<string>();
    await expect(flights.run("a", () => Promise.reject(new Error("down"))).result).rejects.toThrow("down");
    expect(await flights.run("a", () => Promise.resolve("up")).result).toBe("up");
  });
});

describe("before", () => {
  it("answers with a fault when the signal aborts, while the work goes on", async () => {
    const due = new AbortController();
    const work = Promise.withResolvers<string>();
    const answer = before(due.signal, work.promise, "fetching");
    due.abort();
    await expect(answer).rejects.toMatchObject({
      code: "deadline/exceeded",
      message: expect.stringContaining("fetching"),
    });
    work.resolve("done");
    expect(await work.promise).toBe("done");
  });

  it("does not wait at all where the answer is already due, and takes care of a late failure", async () => {
    const failing = Promise.reject(new Error("late"));
    await expect(before(AbortSignal.abort(), failing, "fetching")).rejects.toMatchObject({
      code: "deadline/exceeded",
    });
  });

  it("passes results and failures through in time", async () => {
    const { signal } = new AbortController();
    expect(await before(signal, Promise.resolve(1), "x")).toBe(1);
    await expect(before(signal, Promise.reject(new Error("own")), "x")).rejects.toThrow("own");
  });

  it.each([
    ["the gate itself is waited for", "its turn (evidence.lookUps)", "limits/overloaded"],
    ["the registry is waited for", undefined, "deadline/exceeded"],
  ])("answers with the fault of what holds it up: %s", async (_, own, code) => {
    const due = new AbortController();
    const patience = new Patience();
    if (own !== undefined) patience.pause(own);
    const answer = before(due.signal, Promise.withResolvers<never>().promise, "fetching", patience);
    due.abort();
    await expect(answer).rejects.toMatchObject({ code, message: expect.stringContaining(own ?? "fetching") });
  });
});
