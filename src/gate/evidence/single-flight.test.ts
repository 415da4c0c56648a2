import { describe, expect, it } from "vitest";

import { Patience } from "./patience.ts";
import { createSingleFlight, lateFault } from "./single-flight.ts";

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

describe("what comes too late", () => {
  it.each([
    ["the gate itself is waited for", "its turn (evidence.lookUps)", "limits/overloaded"],
    ["the registry is waited for", undefined, "deadline/exceeded"],
  ])("a late answer is the fault of what holds it up: %s", (_, own, code) => {
    const patience = new Patience();
    if (own !== undefined) patience.pause(own);
    const message = expect.stringContaining(own ?? "fetching") as string;
    expect(lateFault("fetching", patience)).toMatchObject({ code, message });
  });
});
