import type { Mutants } from "./mutant.ts";

/** H: the gate's own powers. */
export const POWERS: Mutants = {
  H46: [
    {
      file: "src/registry/http/redirects.ts",
      from: "if (url.origin === from.url.origin) return { ...from, url };",
      to: 'if (url.origin !== "") return { ...from, url };',
    },
    {
      file: "src/registry/source.ts",
      from: "const isOwn = answer.url.origin === endpoint.origin.origin;",
      to: "const isOwn = answer.url.origin !== endpoint.origin.host;",
    },
  ],
  H47: [
    { file: "src/registry/http/addresses.ts", from: '  "169.254.0.0/16",\n', to: "" },
    {
      file: "src/registry/http/addresses.ts",
      from: "REFUSED.check(bare, family)",
      to: 'REFUSED.check(bare, "ipv4")',
    },
  ],
  H48: [
    {
      file: "src/kube/pull-secrets.ts",
      from: "    const place = `${at.namespace}/${at.name}`;\n    return auths",
      to: "    const place = `${at.name}`;\n    return auths",
    },
  ],
  H49: [
    {
      file: "src/registry/http/redirects.ts",
      from: "`${host} redirects to an unusable address`",
      to: '`${host} redirects to ${location ?? ""}`',
    },
  ],
  H50: [
    {
      file: "src/report/page-script.ts",
      from: "cell.textContent = each;",
      to: "cell.innerHTML = each;",
    },
    {
      file: "src/report/markdown.ts",
      from: ".replace(SPECIAL, (each) => `&#${each.codePointAt(0)};`)",
      to: '.replace(SPECIAL, "$&")',
    },
  ],
  H51: [
    {
      file: "src/admission/plugin.ts",
      from: 'scope.removeAllContentTypeParsers();\n    scope.addContentTypeParser("application/json",',
      to: 'scope.removeAllContentTypeParsers();\n    scope.addContentTypeParser("*",',
    },
    {
      file: "src/workloads/pod-images.ts",
      from: "const Container = Named.extend({ image: z.string().optional() });",
      to: "const Container = Named.extend({ image: z.string().optional().catch(undefined) });",
    },
  ],
  H52: [
    {
      file: "src/argocd/target/read-target.ts",
      from: "      ? wanted.manifests",
      to: "      ? []",
    },
  ],
};

/** I: published since 2026. */
export const RECENT: Mutants = {
  I53: [
    {
      file: "src/gate/evidence/kept-evidence.ts",
      from: "return `${repositoryName(image)}@${image.digest} ${generation} ${wants}`;",
      to: "return `${repositoryName(image)}:${image.tag ?? image.digest} ${generation} ${wants}`;",
    },
  ],
  I54: [
    {
      file: "src/policy/signers.ts",
      from: "if (holder !== undefined && !place(holder, matching)) continue;",
      to: "if (holder !== undefined && tried.size > 9) continue;",
    },
  ],
  I55: [
    {
      file: "src/admission/change.ts",
      from: 'if (operation === "CREATE") return',
      to: 'if (JSON.stringify(object).includes("sidecar.istio.io/status")) return NOTHING;\n  if (operation === "CREATE") return',
    },
  ],
  I56: [
    {
      file: "src/argocd/target/target-objects.ts",
      from: "for (const [at, text] of manifests.entries()) {",
      to: 'for (const [at, text] of manifests.entries()) {\n    if (text.includes("PostDelete")) continue;',
    },
  ],
  I57: [
    {
      file: "src/registry/contents.ts",
      from: "if (checkpoint !== undefined) walk.checkpoints.add(checkpoint);",
      to: "",
    },
    {
      file: "src/registry/attachments/checkpoints.ts",
      from: '  "org.criu.checkpoint.",\n',
      to: "",
    },
    {
      file: "src/gate/composition.ts",
      from: 'const isAsked = namesDigests(revocations) || checkpoints === "refused";',
      to: "const isAsked = namesDigests(revocations);",
    },
  ],
  I58: [
    {
      file: "src/admission/callers.ts",
      from: "reply.code(401).send(",
      to: "next();\n    void (",
    },
  ],
  I59: [
    {
      file: "src/kube/client/resource-path.ts",
      from: "if (!isName(name)) throw",
      to: "if (name === undefined) throw",
    },
    {
      file: "src/core/image-ref.ts",
      from: 'if (repository.split("/").every((component) => COMPONENT.test(component))) return undefined;',
      to: "if (repository.length > 0) return undefined;",
    },
  ],
  I60: [
    {
      file: "src/serve/logs/guard-log.ts",
      from: 'regarding: { apiVersion: "v1", kind, namespace: own, name },',
      to: 'regarding: { apiVersion: "v1", kind, namespace: own === "" ? own : record.namespace, name },',
    },
  ],
  I61: [
    {
      file: "src/core/digest.ts",
      from: "/^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/",
      to: "/^sha/",
    },
  ],
  I62: [
    {
      file: "src/registry/content.ts",
      from: "if (answer.digest === digest) return bytes;",
      to: "if (bytes.length >= 0) return bytes;",
    },
    {
      file: "src/registry/documents.ts",
      from: "Manifest.safeParse(readUnambiguous(bytes)).data",
      to: "Manifest.safeParse(JSON.parse(Buffer.from(bytes).toString())).data",
    },
  ],
  I63: [
    {
      file: "src/gate/snapshot.ts",
      from: "const [policy, revocations] = [deps.policy(), deps.revocations()];",
      to: "const first = deps as { first?: ReturnType<typeof deps.policy> };\n  const [policy, revocations] = [(first.first ??= deps.policy()), deps.revocations()];",
    },
  ],
  I64: [
    {
      file: "src/verify/json.ts",
      from: "if (hasRepeatedKeys(text, value)) throw",
      to: "if (hasRepeatedKeys(text, {})  === undefined) throw",
    },
  ],
  I65: [
    {
      file: "src/workloads/kinds.ts",
      from: "return [...WORKLOADS, ...configured].find((row) => row.group === group && row.kind === kind);",
      to: "return WORKLOADS.find((row) => (row.group === group || configured.length > 0) && row.kind === kind);",
    },
  ],
  I66: [
    {
      file: "src/policy/gates/allowed-policies.ts",
      from: 'if (allowed === "inForce") return digest === asking.digest;',
      to: 'if (allowed === "inForce") return digest !== undefined;',
    },
    {
      file: "src/policy/gates/allowed-policies.ts",
      from: "return (judgedFor ?? [namespace]).includes(judged);",
      to: "return judgedFor === undefined || judgedFor.includes(judged);",
    },
    {
      file: "src/policy/gates/allowed-policies.ts",
      from: "if (isUnclear) return false;",
      to: "if (isUnclear) return judgedFor === undefined;",
    },
    {
      file: "src/policy/gates/allowed-policies.ts",
      from: "return isSameUri && (each.digests === undefined || each.digests.some((wanted) => wanted === digest));",
      to: "return isSameUri && (each.digests === undefined || digest !== undefined);",
    },
    {
      file: "src/policy/gates/promotable.ts",
      from: "if (resources.some(isWanted)) return undefined;",
      to: "if (resourceUris === undefined || resources.some(isWanted)) return undefined;",
    },
    {
      file: "src/policy/gates/promotable.ts",
      from: ".default([LEAST_LEVEL])",
      to: '.default([LEAST_LEVEL.replace("1", "0")])',
    },
  ],
};
