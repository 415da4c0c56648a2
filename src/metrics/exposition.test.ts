import { Counter, Histogram } from "prom-client";
import { describe, expect, it } from "vitest";

import { createExposition, createRegistry } from "./exposition.ts";

const PROMETHEUS =
  "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1";

function aRegistry() {
  const registry = createRegistry();
  const registers = [registry];
  new Counter({ name: "asked_total", help: "h", registers }).inc(2);
  const seconds = new Histogram({
    name: "seconds",
    help: "h",
    buckets: [1],
    enableExemplars: true,
    registers,
  });
  seconds.observe({ value: 0.5, exemplarLabels: { uid: "u-1" } });
  return registry;
}

describe("the exposition", () => {
  it("is OpenMetrics with exemplars for who asks for it", async () => {
    const { contentType, text } = await createExposition(aRegistry())(PROMETHEUS);
    expect(contentType).toBe("application/openmetrics-text; version=1.0.0; charset=utf-8");
    expect(text).toContain("# TYPE asked counter\nasked_total 2\n");
    expect(text).toMatch(/seconds_bucket\{le="1"\} 1 # \{uid="u-1"\} 0\.5 /);
    expect(text.endsWith("\n# EOF\n")).toBe(true);
  });

  it.each([undefined, "text/plain", "*/*"])("is Prometheus' older text for %j", async (accept) => {
    const { contentType, text } = await createExposition(aRegistry())(accept);
    expect(contentType).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(text).toContain("# TYPE asked_total counter\nasked_total 2\n");
    expect(text).not.toContain("uid");
    expect(text).not.toContain("EOF");
  });

  it("calls each counter by its name in either format, also where both are asked for at once", async () => {
    const write = createExposition(aRegistry());
    const texts = await Promise.all([PROMETHEUS, undefined, PROMETHEUS, undefined].map(write));
    const again = await write(undefined);
    for (const { text } of [...texts, again]) expect(text).toContain("\nasked_total 2\n");
    expect(again.text).toContain("# TYPE asked_total counter");
  });
});
