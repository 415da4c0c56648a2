import { parseDockerConfig } from "../../../src/core/index.ts";
import { jsonTexts } from "../generate/json-texts.ts";
import { mutatedValues } from "../generate/mutated-values.ts";
import { type AnyTarget, hold, target } from "../target.ts";

const AUTH = Buffer.from("robot:pass:word").toString("base64");
const VALID = [
  {
    auths: {
      "https://index.docker.io/v1/": { auth: AUTH },
      "registry.example:5000/team": { username: "robot", password: "secret" },
      "ghcr.io": { identitytoken: "token" },
    },
    credHelpers: { "gcr.io": "gcloud" },
  },
  { "ghcr.io": { auth: AUTH, email: "a@b" } },
];

/** Docker's config.json: at most 256 credentials, each for a host that the document names. */
export function open(): AnyTarget {
  return target({
    inputs: jsonTexts(mutatedValues(VALID, 6)),
    call: parseDockerConfig,
    check: (read) => {
      const auths = (read ?? []).filter((each) => each.kind !== "unread");
      hold(auths.length <= 256, "it contains more than 256");
      for (const auth of auths) {
        hold(/^[a-z0-9.:[\]-]+$/.test(auth.registry), "a credential is for something that is no host");
        const secrets = auth.kind === "password" ? [auth.username, auth.password] : [auth.identityToken];
        hold(
          secrets.every((each) => each !== ""),
          "a credential is empty",
        );
      }
    },
  });
}
