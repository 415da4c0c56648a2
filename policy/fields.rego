# METADATA
# title: The fields of a waiver
# description: |
#   What each key of policy/waivers.yaml may hold, and by which of the gate's codes it is refused. `ok` is positive: a
#   value passes because a rule says that it does, so a value that a rule cannot be computed for is refused.
package waiver_fields

import data.instants

keys := {
	"id": "id",
	"class": "class",
	"digest": "digest",
	"image": "image",
	"findings": "findings",
	"namespaces": "namespaces",
	"reason": "reason",
	"compensatingControl": "control",
	"ticket": "ticket",
	"owner": "person",
	"owners": "owners",
	"requestedBy": "person",
	"approvals": "approvals",
	"created": "instant",
	"ttl": "duration",
	"ttl_ns": "nanoseconds",
	"expires": "instant",
	"renews": "renews",
}

approval_keys := {"by": "person", "seat": "seat", "at": "instant", "ref": "reference", "bundle": "bundle"}

lists := {
	"findings": {"of": "finding", "least": 1, "most": 200},
	"namespaces": {"of": "namespace", "least": 1, "most": 100},
	"owners": {"of": "person", "least": 1, "most": 16},
	"approvals": {"of": "approval", "least": 0, "most": 16},
}

lines := {"finding": 64, "seat": 64, "person": 128, "reference": 512, "ticket": 512}

patterns := {
	"id": `^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`,
	"renews": `^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`,
	"digest": `^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$`,
	"namespace": `^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$`,
}

# The longest life of each class, in milliseconds. What is no class cannot be waived.
longest_ms := {
	"vulnerability": 2592000000,
	"sbom": 2592000000,
	"signature": 604800000,
	"provenance": 259200000,
	"promotable": 259200000,
}

# The last integer before which every other is exact in a JSON number.
largest_exact := 9007199254740991

# METADATA
# description: Whether an entry of the list can be read.
readable(entry) if {
	shape(entry, keys, {"digest", "created"}) == set()
	every key, value in entry { of_kind(keys[key], value) == set() }
}

# METADATA
# description: The codes by which an entry of the list is refused; an empty set for one that can be read.
faults(entry) := shape(entry, keys, {"digest", "created"}) | {code |
	some key, kind in keys
	some code in of_kind(kind, entry[key])
}

# What is wrong with a map, whatever its values.
shape(value, _, _) := {"wrong-type"} if not is_object(value)

shape(value, known, required) := unknown | missing if {
	is_object(value)
	unknown := {"unknown-key" | some key in (object.keys(value) - object.keys(known))}
	missing := {"missing-key" | some key in (required - object.keys(value))}
}

of_kind(kind, value) := of_list(kind, value) if kind in object.keys(lists)

of_kind(kind, value) := of_scalar(kind, value) if not kind in object.keys(lists)

of_list(_, value) := {"wrong-type"} if not is_array(value)

# Of a list that is too long its elements are not looked at, so that nobody has to read what is wrong with each.
of_list(kind, value) := {code_of(kind)} if {
	is_array(value)
	count(value) > lists[kind].most
}

of_list(kind, value) := codes | few if {
	is_array(value)
	count(value) <= lists[kind].most
	codes := {code |
		some element in value
		some code in of_element(lists[kind].of, element)
	}
	few := {code_of(kind) | count(value) < lists[kind].least}
}

of_element("approval", value) := shape(value, approval_keys, {"by", "seat", "at"}) | {code |
	some key, kind in approval_keys
	some code in of_scalar(kind, value[key])
}

of_element(kind, value) := of_scalar(kind, value) if kind != "approval"

of_scalar(kind, value) := set() if ok(kind, value)

else := {"wrong-type"} if {
	not kind in {"nanoseconds", "class"}
	not is_string(value)
}

else := {"wrong-type"} if {
	kind == "nanoseconds"
	not is_whole(value)
}

else := {code_of(kind)}

code_of("class") := "unknown-class"

code_of("approvals") := "too-many-approvals"

code_of(kind) := concat("-", ["bad", kind]) if not kind in {"class", "approvals"}

ok(kind, value) if {
	is_string(value)
	regex.match(patterns[kind], value)
}

ok(kind, value) if {
	kind != "finding"
	is_line(value, lines[kind])
}

# What a scanner never reports would set nothing aside, and look as if it did.
ok("finding", value) if {
	is_line(value, lines.finding)
	not unlike_finding(value)
}

unlike_finding(value) if regex.match(`[\p{Zs}*?]`, value)

unlike_finding(value) if {
	regex.match(`^[Cc][Vv][Ee]\b`, value)
	not regex.match(`^CVE-[0-9-]+$`, value)
}

unlike_finding(value) if {
	regex.match(`^[Gg][Hh][Ss][Aa]\b`, value)
	not regex.match(`^GHSA-[0-9a-z-]+$`, value)
}

ok("class", value) if longest_ms[value]

ok("instant", value) if is_number(instants.ms_of(value))

ok("duration", value) if is_number(instants.duration_ms(value))

ok("image", value) if is_repository(value)

ok("reason", value) if {
	is_string(value)
	count(value) >= 20
	count(value) <= 2000
}

ok("control", value) if {
	is_string(value)
	count(value) >= 1
	count(value) <= 2000
}

# Whether it is a bundle, and by whom, only the gate can say.
ok("bundle", value) if {
	is_string(value)
	count(value) >= 2
	count(value) <= 32768
}

ok("nanoseconds", value) if {
	is_whole(value)
	value > 0
	value <= largest_exact
}

is_whole(value) if {
	is_number(value)
	floor(value) == value
}

# What is larger has no digits left for a fraction, and may be too large for floor.
is_whole(value) if {
	is_number(value)
	abs(value) > largest_exact
}

# One line that says something. Controls, formats and separators of lines and paragraphs could forge another line.
is_line(value, most) if {
	is_string(value)
	count(value) <= most
	regex.match(`^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*[\p{L}\p{N}][^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$`, value)
}

host := concat("", [
	`^(?:\[[0-9a-f:]+\]|[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*)`,
	`(?::([0-9]{1,5}))?$`,
])

path := `^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*)*$`

# A repository by its full name, without tag and digest, as the gate writes it.
is_repository(text) if {
	is_string(text)
	slash := indexof(text, "/")
	slash > 0
	registry := substring(text, 0, slash)
	is_host(registry)
	repository := substring(text, slash + 1, -1)
	count(repository) <= 255
	regex.match(path, repository)
	is_full(registry, repository)
}

is_host(text) if {
	names_host(text)
	count(text) <= 259
	[[_, port]] := regex.find_all_string_submatch_n(host, text, 1)
	instants.whole(port) <= 65535
}

names_host("localhost")

names_host(text) if regex.match(`[.:\[]`, text)

# Docker Hub has one name, and writes its official images out.
is_full(registry, _) if not registry in {"docker.io", "index.docker.io", "registry-1.docker.io"}

is_full("docker.io", repository) if contains(repository, "/")
