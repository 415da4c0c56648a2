import { describe, expect, it } from "vitest";

import { PROVIDERS } from "./keys.ts";

function cloudOf(registry: string): string | undefined {
  return Object.entries(PROVIDERS).find(([, { hosts }]) => hosts.test(registry))?.[0];
}

describe("a cloud's credentials go to its own registries", () => {
  it.each([
    ["123456789012.dkr.ecr.eu-central-1.amazonaws.com", "ecr"],
    ["123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "ecr"],
    ["123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "ecr"],
    ["123456789012.dkr-ecr.us-east-1.on.aws", "ecr"],
    ["myteam.azurecr.io", "acr"],
    ["myteam-a1b2c3.azurecr.io", "acr"],
    ["myteam.azurecr.cn", "acr"],
    ["europe-west1-docker.pkg.dev", "gar"],
    ["gcr.io", "gar"],
    ["eu.gcr.io", "gar"],
  ])("%s is %s", (registry, cloud) => {
    expect(cloudOf(registry)).toBe(cloud);
  });

  it.each([
    "123456789012.dkr.ecr.eu-central-1.amazonaws.com.evil.example",
    "evil.example.dkr.ecr.eu-central-1.amazonaws.com",
    "12345678901.dkr.ecr.eu-central-1.amazonaws.com",
    "123456789012.dkr.ecr.x.amazonaws.com",
    "123456789012.dkr.ecr.eu-central-1.amazonaws.com:8443",
    "amazonaws.com",
    "myteam.azurecr.io.evil.example",
    "evil.example/myteam.azurecr.io",
    "a.b.azurecr.io",
    "azurecr.io",
    "europe-west1-docker.pkg.dev.evil.example",
    "evil-docker.pkg.dev:444",
    "europe-west1-python.pkg.dev",
    "evil.gcr.io",
    "notgcr.io",
    "docker.io",
  ])("%s is nobody's", (registry) => {
    expect(cloudOf(registry)).toBeUndefined();
  });
});
