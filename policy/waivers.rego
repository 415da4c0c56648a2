# METADATA
# title: Lint of the waivers
# description: |
#   conftest test policy/waivers.yaml --policy policy --namespace waiver_registry
#   Holds policy/waivers.yaml to the rules of the gate, by the gate's codes. It sees what conftest's YAML reader made of
#   the text, and so tells nothing of aliases and of keys that stand twice, as `mc waivers lint` does; nor can it verify
#   signed approvals. The package is not called `waivers`, since `--data policy/waivers.yaml` puts the list under that name.
package waiver_registry

import data.instants
import data.waiver_fields

most_waivers := 20000

# A document without a version has this one.
api_version := "mc-gate.dev/v1"

most_renewals := 2

soon_ms := 172800000 # 48 hours

emergency := {"provenance", "promotable"}

# ---- the document -----------------------------------------------------------------------------------------------------

# METADATA
# description: The list of waivers; undefined where the document holds anything else than one.
entries := input.waivers if is_list

is_list if {
	has_list
	is_supported
	is_alone
	count(input.waivers) <= most_waivers
}

has_list if {
	is_object(input)
	is_array(input.waivers)
}

is_alone if object.keys(input) - {"apiVersion"} == {"waivers"}

is_supported if object.get(input, "apiVersion", api_version) == api_version

document_faults contains "wrong-type" if not has_list

# Another version may have other keys.
document_faults contains "api-version" if {
	has_list
	not is_supported
}

document_faults contains "wrong-type" if {
	has_list
	is_supported
	not is_alone
}

document_faults contains "too-many" if {
	has_list
	is_supported
	is_alone
	count(input.waivers) > most_waivers
}

# ---- one waiver -------------------------------------------------------------------------------------------------------

readable[i] := waiver if {
	some i, waiver in entries
	waiver_fields.readable(waiver)
}

# METADATA
# description: The waivers that count within their window, by their index; every rule has to say that it is kept.
sound[i] := {
	"id": id_of(waiver),
	"class": class_of(waiver),
	"from": instants.ms_of(waiver.created),
	"until": end_of(waiver),
	"waiver": waiver,
} if {
	some i, waiver in readable
	every rule in rules { keeps(rule, waiver) }
}

# METADATA
# description: The codes of the rules that a readable waiver breaks.
broken[i] := {rule | some rule in rules; not keeps(rule, waiver)} if some i, waiver in readable

id_of(waiver) := object.get(waiver, "id", concat("", ["short-", substring(waiver.digest, 7, 12)]))

class_of(waiver) := object.get(waiver, "class", "vulnerability")

ends(waiver) := ({end | end := instants.ms_of(waiver.created) + instants.duration_ms(waiver.ttl)} | {end | end := instants.ms_of(waiver.created) + floor(waiver.ttl_ns / 1000000)}) | {end | end := instants.ms_of(waiver.expires)}

# METADATA
# description: The earliest end that a readable waiver names, in milliseconds; undefined where it names none.
end_of(waiver) := min(ends(waiver))

has_end(waiver) if {
	some key in ["ttl", "ttl_ns", "expires"]
	key in object.keys(waiver)
}

approvals_of(waiver) := object.get(waiver, "approvals", [])

is_short(waiver) if {
	approvals_of(waiver) == []
	object.keys(waiver) - {"digest", "created", "ttl_ns", "owner", "approvals"} == set()
}

has(waiver, key) if key in object.keys(waiver)

# ---- the rules --------------------------------------------------------------------------------------------------------

rules := {
	"no-owner", "owner-twice", "no-end", "ends-before-it-starts", "too-long", "no-id", "no-class", "no-reason",
	"no-findings", "findings-of-another-class", "self-approved", "approved-twice", "not-approved", "renews-itself",
	"renewed-too-often", "duplicate-id", "ambiguous-name",
}

keeps("no-owner", waiver) if has(waiver, "owner")

keeps("no-owner", waiver) if has(waiver, "owners")

keeps("owner-twice", waiver) if not has(waiver, "owner")

keeps("owner-twice", waiver) if not has(waiver, "owners")

keeps("no-end", waiver) if has_end(waiver)

keeps("ends-before-it-starts", waiver) if not has_end(waiver)

keeps("ends-before-it-starts", waiver) if end_of(waiver) > instants.ms_of(waiver.created)

keeps("too-long", waiver) if not has_end(waiver)

keeps("too-long", waiver) if {
	life := end_of(waiver) - instants.ms_of(waiver.created)
	life <= waiver_fields.longest_ms[class_of(waiver)]
}

keeps("no-id", waiver) if has(waiver, "id")

keeps("no-class", waiver) if has(waiver, "class")

keeps("no-reason", waiver) if has(waiver, "reason")

keeps(rule, waiver) if {
	rule in {"no-id", "no-class", "no-reason", "no-findings"}
	is_short(waiver)
}

keeps("no-findings", waiver) if class_of(waiver) != "vulnerability"

keeps("no-findings", waiver) if has(waiver, "findings")

keeps("findings-of-another-class", waiver) if class_of(waiver) == "vulnerability"

keeps("findings-of-another-class", waiver) if not has(waiver, "findings")

keeps("self-approved", waiver) if not has(waiver, "requestedBy")

keeps("self-approved", waiver) if {
	every approval in approvals_of(waiver) { not same_person(approval.by, waiver.requestedBy) }
}

keeps("approved-twice", waiver) if {
	every i, approval in approvals_of(waiver) {
		every j, other in approvals_of(waiver) { apart(i, j, approval.by, other.by) }
	}
}

keeps("not-approved", waiver) if not class_of(waiver) in emergency

# Both seats, taken by two people of whom none owns the waiver or asked for it.
keeps("not-approved", waiver) if {
	some manager in approvals_of(waiver)
	some engineer in approvals_of(waiver)
	manager.seat == "release-manager"
	engineer.seat == "devsecops"
	not same_person(manager.by, engineer.by)
	every asker in askers(waiver) {
		not same_person(manager.by, asker)
		not same_person(engineer.by, asker)
	}
}

keeps("renews-itself", waiver) if not circular(waiver)

keeps("renewed-too-often", waiver) if circular(waiver)

keeps("renewed-too-often", waiver) if {
	renewed := [before | some before in chain(waiver); has(before, "renews")]
	count(renewed) <= most_renewals
}

keeps("duplicate-id", waiver) if count(indexes[id_of(waiver)]) == 1

# Of the letters of all scripts many look like others, so that one person could approve as two.
keeps("ambiguous-name", waiver) if approvals_of(waiver) == []

keeps("ambiguous-name", waiver) if {
	every name in names(waiver) { unambiguous(name) }
}

# ---- people -----------------------------------------------------------------------------------------------------------

askers(waiver) := ({name | name := waiver.requestedBy} | {name | name := waiver.owner}) | {name | some name in waiver.owners}

names(waiver) := askers(waiver) | {approval.by | some approval in approvals_of(waiver)}

unambiguous(name) if regex.match(`^[\x{20}-\x{7E}]+$`, name)

# `Ana@acme.test`, `ana+ops@acme.test`, `oidc:ana` and `@ana` may be one person. Errs towards yes: it says who counts as a
# second person. Of an ambiguous name nothing is said but that it is one.
same_person(a, b) if {
	unambiguous(a)
	unambiguous(b)
	account(a) == account(b)
}

apart(i, i, _, _)

apart(i, j, a, b) if {
	i != j
	not same_person(a, b)
}

# The last part of a name, which identifies the person, without the domain and the tag of an address. The gate normalizes
# names (NFKC) first. Rego cannot, and need not: unambiguous names are ASCII, which NFKC leaves as it is.
account(name) := trim_right(regex.split(`[@+]`, last)[0], " ") if {
	folded := lower(trim(name, " "))
	parts := [part |
		some raw in regex.split(`[:/\\#|<>]`, folded)
		part := trim_left(raw, "@+ ")
		part != ""
	]
	last := array.concat([folded], parts)[count(parts)]
}

# ---- renewals ---------------------------------------------------------------------------------------------------------

# Where each id stands; the last one is the one that a renewal means.
indexes[id] contains i if {
	some i, waiver in readable
	id := id_of(waiver)
}

after(waivers) := [earlier |
	some waiver in waivers
	earlier := readable[max(indexes[waiver.renews])]
]

# The waiver and the three that it follows, as far as they are in the document. Rego has no recursion, and needs none:
# a fourth step decides nothing that the third did not.
chain(waiver) := array.concat(array.concat([waiver], first), array.concat(second, third)) if {
	first := after([waiver])
	second := after(first)
	third := after(second)
}

circular(waiver) if {
	some earlier in chain(waiver)
	earlier.renews == waiver.id
}

# ---- at the clock -----------------------------------------------------------------------------------------------------

now := floor(time.now_ns() / 1000000)

# METADATA
# description: Where each sound waiver stands now; `ending` within 48 hours of its end.
standing[i] := state(one) if some i, one in sound

state(one) := "pending" if now < one.from

state(one) := "expired" if now >= one.until

state(one) := "ending" if {
	counts(one)
	one.until - now <= soon_ms
}

state(one) := "active" if {
	counts(one)
	one.until - now > soon_ms
}

# Positive: a window that cannot be computed is not one that has not ended.
counts(one) if {
	one.from <= now
	now < one.until
}

# METADATA
# description: |
#   The one waiver that sets a finding {digest, class, ids} aside now, in an image and a namespace: the one that ends
#   last, the first of these. Two waivers never add up.
covering(finding, at) := sound[i] if {
	fitting := {i: one.until | some i, one in sound; covers(one, finding, at)}
	last := max([until | some until in fitting])
	i := min([i | some i, until in fitting; until == last])
}

covers(one, finding, at) if {
	counts(one)
	one.waiver.digest == finding.digest
	one.class == finding.class
	fits_image(one.waiver, at)
	fits_namespace(one.waiver, at)
	fits_findings(one.waiver, finding)
}

fits_image(waiver, _) if not has(waiver, "image")

fits_image(waiver, at) if waiver.image == at.image

fits_namespace(waiver, _) if not has(waiver, "namespaces")

fits_namespace(waiver, at) if at.namespace in waiver.namespaces

fits_findings(waiver, _) if not has(waiver, "findings")

# A waiver of named findings covers nothing that does not say which ones it is about.
fits_findings(waiver, finding) if {
	count(finding.ids) > 0
	every id in finding.ids { id in waiver.findings }
}

# ---- what conftest reports --------------------------------------------------------------------------------------------

# METADATA
# description: The codes by which each entry is refused, by its index.
codes_of[i] := waiver_fields.faults(entry) if {
	some i, entry in entries
	not i in object.keys(readable)
}

codes_of[i] := codes if {
	some i, codes in broken
	count(codes) > 0
}

deny contains {"msg": sprintf("waivers: %s", [explained[code]]), "code": code} if some code in document_faults

deny contains {"msg": sprintf("%s: %s", [name(i), explained[code]]), "code": code, "waiver": i} if {
	some i, codes in codes_of
	some code in codes
}

warn contains {"msg": sprintf("%s: %s", [name(i), noted[state]]), "code": state, "waiver": i} if {
	some i, state in standing
	state in object.keys(noted)
}

noted := {
	"ending": "It ends within 48 hours.",
	"expired": "It has ended; take it out of the file.",
}

# An id that is none must not forge a line of the report.
name(i) := entries[i].id if waiver_fields.ok("id", entries[i].id)

else := sprintf("waivers[%d]", [i])

explained := {
	"too-many": sprintf("More than %d entries.", [most_waivers]),
	"api-version": sprintf("Only apiVersion %s is supported.", [api_version]),
	"wrong-type": "A value is of another type than it must be.",
	"unknown-key": "A key is unknown.",
	"missing-key": "digest or created is missing, or by, seat or at of an approval.",
	"bad-id": "An id is 1 to 64 letters, digits, dots, dashes and underscores.",
	"bad-renews": "renews is the id of the waiver that it follows.",
	"unknown-class": "No such class of findings can be waived.",
	"bad-digest": "digest is sha256 or sha512 in lower-case hex, in full.",
	"bad-image": "image is the full name of a repository, without tag and digest.",
	"bad-findings": "findings are 1 to 200 ids.",
	"bad-finding": "A finding is one line of at most 64 characters.",
	"bad-namespaces": "namespaces are 1 to 100 names.",
	"bad-namespace": "A namespace is named in full; there are no globs here.",
	"bad-reason": "The reason has 20 to 2,000 characters.",
	"bad-control": "compensatingControl has 1 to 2,000 characters.",
	"bad-ticket": "ticket is one line of at most 512 characters.",
	"bad-reference": "ref is one line of at most 512 characters.",
	"bad-person": "A person is one line of at most 128 characters.",
	"bad-owners": "owners are 1 to 16 people.",
	"bad-bundle": "bundle is the JSON text of a Sigstore bundle.",
	"bad-seat": "A seat is one line of at most 64 characters.",
	"too-many-approvals": "More than 16 approvals.",
	"bad-instant": "An instant is RFC 3339 with an offset, such as 2026-11-24T09:00:00Z.",
	"bad-duration": "A duration is numbers with w, d, h, m or s, such as 7d.",
	"bad-nanoseconds": "ttl_ns is more than nothing and below 2^53 (104 days); else write ttl.",
	"no-owner": "A waiver needs an owner.",
	"owner-twice": "Give owner or owners, not both.",
	"no-end": "A waiver needs an end: ttl or expires.",
	"ends-before-it-starts": "It ends before it begins.",
	"too-long": "It would live longer than its class allows.",
	"no-id": "Give it an id.",
	"no-class": "Say which class of findings it sets aside.",
	"no-reason": "Give a reason of at least 20 characters.",
	"no-findings": "Class vulnerability needs the ids that it sets aside, under findings.",
	"findings-of-another-class": "Only class vulnerability has findings.",
	"self-approved": "The requester of a waiver cannot approve it.",
	"approved-twice": "One person counts once among the approvals.",
	"not-approved": "Its class needs approvals in both seats by two people other than owner and requester.",
	"renews-itself": "It renews itself.",
	"renewed-too-often": sprintf("It was renewed more than %d times.", [most_renewals]),
	"duplicate-id": "Another waiver has the same id.",
	"ambiguous-name": "A name beside approvals is written in ASCII, such as a login or an address.",
}
