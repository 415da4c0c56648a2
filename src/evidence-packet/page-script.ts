/** What the page of a packet does: checks its files by WebCrypto, and answers an auditor's questions from them. */
export const PACKET_SCRIPT = String.raw`(async () => {
  const { el, table, bars } = page;
  const held = new Map();
  const wrong = [];
  for (const node of document.querySelectorAll("script[data-path]")) {
    const path = node.getAttribute("data-path"), base64 = node.textContent;
    if (held.has(path)) wrong.push("the file " + path + " is in this page twice");
    let bytes;
    try {
      const binary = atob(base64);
      if (btoa(binary) !== base64) throw new Error();
      bytes = Uint8Array.from(binary, (each) => each.charCodeAt(0));
    } catch { wrong.push("the file " + path + " cannot be read"); continue; }
    held.set(path, bytes);
  }
  const sha256 = async (bytes) => [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))].map((each) => each.toString(16).padStart(2, "0")).join("");
  const utf8 = (path) => held.has(path) ? new TextDecoder().decode(held.get(path)) : undefined;
  const json = (path) => { try { return JSON.parse(utf8(path)); } catch { return undefined; } };
  const lines = (path) => (utf8(path) ?? "").split("\n").filter(Boolean).map((each) => { try { return JSON.parse(each); } catch { return { unreadable: each }; } });
  const integrity = document.getElementById("integrity"), main = document.getElementById("main");
  const manifest = json("manifest.json");
  if (!manifest || !Array.isArray(manifest.files)) {
    integrity.className = "box bad";
    integrity.textContent = "This page holds no manifest that can be read. Nothing in it can be relied on.";
    integrity.dataset.result = "wrong";
    return;
  }
  const named = new Map(manifest.files.map((each) => [each.path, each]));
  const absent = [];
  for (const [path, { sha256: expected, bytes }] of named) {
    if (!held.has(path)) { absent.push(path); continue; }
    const found = held.get(path);
    if (found.length !== bytes || await sha256(found) !== expected) wrong.push("the file " + path + " is not the one that the manifest names");
  }
  for (const path of held.keys()) if (path !== "manifest.json" && !named.has(path)) wrong.push("the file " + path + " is not in the manifest");
  for (const path of absent) if (named.get(path).inPage) wrong.push("the file " + path + " is missing");
  const gaps = () => {
    const ends = new Map();
    let count = 0;
    for (const { record } of lines("record.jsonl")) {
      if (!record) { count += 1; continue; }
      const before = ends.get(record.chain);
      if (before !== undefined && record.number !== before + 1) count += 1;
      ends.set(record.chain, record.number);
    }
    return count;
  };
  const window_ = manifest.window ?? {};
  const population = json("population.json") ?? {};
  const breaks = window_.namespace || !held.has("record.jsonl") ? undefined : gaps();
  if (breaks > (population.breaks ?? 0)) wrong.push("lines of record.jsonl are missing");
  const digest = await sha256(held.get("manifest.json"));
  const signer = manifest.signer;
  const how = signer === undefined ? undefined : /^sha256:/.test(signer)
    ? "cosign verify-blob-attestation --insecure-ignore-tlog --key KEY.pub --type https://mc-gate.dev/evidence-packet/v1 --bundle manifest.json.sigstore.json manifest.json"
    : "cosign verify-blob-attestation --certificate-identity " + JSON.stringify(signer) + " --certificate-oidc-issuer ISSUER --type https://mc-gate.dev/evidence-packet/v1 --bundle manifest.json.sigstore.json manifest.json";
  integrity.className = "box " + (wrong.length > 0 ? "bad" : absent.length > 0 ? "doubt" : "good");
  integrity.dataset.result = wrong.length > 0 ? "wrong" : "same";
  integrity.replaceChildren(
    el("strong", {}, wrong.length > 0 ? "This packet was changed: " + wrong[0] + "." : (named.size - absent.length) + " files have the hashes that the manifest names."),
    ...wrong.slice(1, 20).map((each) => el("p", {}, each)),
    el("p", {}, "SHA-256 of manifest.json: ", el("code", { id: "manifest-hash" }, digest)),
    ...(absent.length > 0 ? [el("p", {}, "Not in this page, since they are large: " + absent.join(", ") + ". Check them with mc evidence verify.")] : []),
    el("p", {}, "A page that vouches for itself proves nothing. " + (signer === undefined
      ? "This packet is not signed: compare the hash with one that you were given by another way."
      : "It says that it is signed by " + signer + ". Prove that from elsewhere, in the packet's folder, with a key or an identity that you know:")),
    ...(how === undefined ? [] : [el("pre", {}, how)]),
  );
  document.getElementById("what").textContent = "Decisions from " + page.text(window_.since) + " to " + page.text(window_.until) + " (UTC)" + (window_.namespace ? ", namespace " + page.text(window_.namespace) : "");
  const contents = el("ol");
  document.getElementById("contents").append(contents);
  const section = (id, title, ...parts) => {
    contents.append(el("li", {}, el("a", { href: "#" + id }, title)));
    main.append(el("section", { id }, el("h2", {}, title), ...parts));
  };
  const list = (value) => Array.isArray(value) ? value : [];
  const counts = (each) => { const c = each ?? {}; return [c.allow ?? 0, c.warn ?? 0, c.deny ?? 0]; };
  const decided = population.in?.decisions ?? {};
  const note = (name) => population.notListed?.[name] ? population.notListed[name] + " not listed one by one" : "";
  section("deployed", "What was deployed, and is it what was judged?",
    table(["callers", "allowed", "with warnings", "refused"], [["proved to be the API server", ...counts(decided.verified)], ["others, counted apart", ...counts(decided.unverified)]]),
    el("p", {}, "Out of this packet: " + (population.out?.otherTimes ?? "?") + " decisions of other times, " + (population.out?.otherNamespaces ?? "?") + " of other namespaces. What runs now is not in the record: it says what was admitted, by digest."),
    bars(Object.entries(population.days ?? {}).slice(-31).map(([day, each]) => { const [a, w, d] = counts(each.verified); return [day, [["good", a], ["doubt", w], ["bad", d]]]; })),
    table(["image", "namespaces", "allowed", "with warnings", "refused", "by other callers", "first", "last"],
      list(json("images.json")).filter((each) => [each.verified, each.unverified].some((c) => counts(c)[0] + counts(c)[1] > 0)).map((each) => [each.image || each.digest, list(each.namespaces).join(", "), ...counts(each.verified), counts(each.unverified).join(" / "), each.first, each.last]), note("images")),
    el("h3", {}, "Signatures and attestations"),
    table(["digest", "kind", "type", "signer", "run", "attachment", "time"], lines("attestations.jsonl").flatMap((each) =>
      list(each.verified).map((v) => [each.subject, v.is, v.predicateType, v.identity ?? v.key, v.run, v.attachment, v.trustedTime]))));
  const exceptions = list(json("exceptions.json"));
  const rows = (kinds) => exceptions.filter(({ kind }) => kinds.includes(kind)).map((each) => [each.kind, each.id, each.what, list(each.by).join(", "), each.from, each.until, list(each.approvedBy).join(", ") || "no one", each.used, each.reason, each.ticket]);
  const columns = ["kind", "id", "what", "whose", "from", "until", "approved by", "decisions", "reason", "ticket"];
  section("exceptions", "Which exceptions, whose, until when, who approved?", table(columns, rows(["waiver", "switch"])));
  const history = json("history.json");
  section("policy", "Which policy, since when, who changed it?",
    table(["document", "digest", "accepted", "last seen", "text"], list(json("documents.json")).map((each) => [each.document, each.digest, each.acceptedAt, each.lastSeen, each.text ?? "not known"])),
    el("h3", {}, "Changes that the guard decided on"),
    table(["at", "what", "detail"], list(json("timeline.json")).filter(({ what }) => what === "guard decision").map((each) => [each.at, each.what, each.detail])),
    el("h3", {}, "Commits"),
    history ? table(["at", "commit", "author", "subject", "files"], list(history.commits).map((each) => [each.at, each.id, each.author, each.subject, list(each.files).join(", ")])) : el("p", {}, "Not known: no git folder was named."),
    el("h3", {}, "Revocations"), table(columns, rows(["revocation"])));
  const refused = json("refused.json") ?? {};
  section("refused", "What was refused?",
    table(["reason", "decisions"], Object.entries(refused.codes ?? {})),
    table(["at", "namespace", "object", "images", "reasons", "caller", "message"], list(refused.refused).map((each) => [each.at, each.namespace, page.text(each.kind) + " " + page.text(each.name), list(each.images).join(", "), list(each.codes).join(", "), each.caller, each.message]), note("refusals")));
  section("unknown", "What could not be known?",
    el("ul", {}, ...list(json("unknown.json")).map((each) => el("li", {}, page.text(each)))),
    el("p", {}, breaks === undefined ? "Whether lines of the record are missing was not checked here." : breaks === 0 ? "The lines of the record are numbered without a gap." : "The lines of the record have " + breaks + (breaks === 1 ? " gap." : " gaps.")));
  section("timeline", "What happened when (UTC)?", table(["at", "what", "detail"], list(json("timeline.json")).map((each) => [each.at, each.what, each.detail]), note("events")));
  section("files", "The files of this packet",
    table(["file", "bytes", "SHA-256", "what"], [...named.values()].map((each) => [each.path, each.bytes, each.sha256, each.about])),
    el("h3", {}, "Taken out"), table(["rule", "what", "removed"], list(manifest.redaction).map((each) => [each.rule, each.what, each.removed])),
    el("h3", {}, "SSDF and SLSA"), table(["practice", "files", "why"], list(json("controls.json")).map((each) => [each.practice, each.files, each.why])),
    el("h3", {}, "Made by"), table(["tool", "version"], Object.entries(manifest.tools ?? {})));
  integrity.dataset.shown = "all";
})();`;
