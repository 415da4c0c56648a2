import { describe, expect, it } from "vitest";

import { activityOf, type StepText } from "./activity.ts";

function step(part: Partial<StepText>): StepText {
  return { action: "", inputs: {}, command: "", mayFail: false, ...part };
}

function build(inputs: Record<string, unknown>): string[] {
  return [...activityOf([step({ action: "docker/build-push-action", inputs })]).releases];
}

function trivy(inputs: Record<string, unknown>): string | undefined {
  return activityOf([step({ action: "aquasecurity/trivy-action", inputs })]).checks.get("vulnerability");
}

describe("what a step does", () => {
  it.each([
    ["npm test", { tests: "enforce" }],
    ["npm ci\nnpm run -s test", { tests: "enforce" }],
    ["CI=1 go test ./...", { tests: "enforce" }],
    ["trivy image \\\n  app", { vulnerability: "enforce" }],
    ["trivy image app || true", { vulnerability: "advisory" }],
    ["mc verify --mode advisory app", { policy: "advisory" }],
    ["cd app && mc verify -f deploy/", { policy: "enforce" }],
    ["# trivy image app", {}],
    ["echo run trivy image", {}],
  ])("checks, by the command %j", (command, checks) => {
    expect(Object.fromEntries(activityOf([step({ command })]).checks)).toEqual(checks);
  });

  it.each([
    ["docker build -t app .", []],
    ["docker build -t app . && docker push app", ["image"]],
    ["docker buildx build --push .", ["image"]],
    ["crane digest app", []],
    ["cosign sign --yes app", ["signature"]],
    ["cosign sign-blob file", []],
    ["kubectl apply -f deploy/", ["deployment"]],
    ["kubectl get pods", []],
    ["npm publish", ["package"]],
  ])("releases, by the command %j", (command, releases) => {
    expect([...activityOf([step({ command })]).releases]).toEqual(releases);
  });

  it("pushes with build-push-action only where it is told to", () => {
    expect(build({})).toEqual([]);
    expect(build({ push: false })).toEqual([]);
    expect(build({ push: true })).toEqual(["image"]);
    expect(build({ outputs: "type=image,push=true" })).toEqual(["image"]);
  });

  it("reports only, with Trivy's action without exit-code", () => {
    expect(trivy({})).toBe("advisory");
    expect(trivy({ "exit-code": "1" })).toBe("enforce");
  });

  it("enforces a check where one of its steps does", () => {
    const steps = [step({ command: "trivy image a || true" }), step({ command: "trivy image b" })];
    expect(activityOf(steps).checks.get("vulnerability")).toBe("enforce");
    expect(activityOf(steps.toReversed()).checks.get("vulnerability")).toBe("enforce");
  });

  it("signs as the workflow unless a key is given", () => {
    expect(activityOf([step({ command: "cosign sign --yes app" })]).signsKeyless).toBe(true);
    expect(activityOf([step({ command: "cosign sign --key env://KEY app" })]).signsKeyless).toBe(false);
    expect(activityOf([step({ action: "cosign-sign", inputs: { key: "k" } })]).signsKeyless).toBe(false);
  });
});
