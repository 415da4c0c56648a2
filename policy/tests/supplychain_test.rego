package supplychain_test

import data.supplychain

digest := sprintf("sha256:%s", [crypto.sha256("an image")])

other_digest := sprintf("sha256:%s", [crypto.sha256("another image")])

clock := time.parse_rfc3339_ns("2026-11-24T12:00:00Z")

finding := {"id": "CVE-2026-0001", "severity": "HIGH", "component": {"name": "demo", "digest": digest}}

waiver := {"digest": digest, "created": "2026-11-24T00:00:00Z", "ttl_ns": 86400000000000, "owner": "team-shop"}

full := {
	"id": "WA-1",
	"class": "vulnerability",
	"digest": digest,
	"findings": ["CVE-2026-0001"],
	"reason": "The fix is in review and due this week.",
	"owners": ["team-shop"],
	"created": "2026-11-24T00:00:00Z",
	"ttl": "7d",
}

# Whether an input passes. Functions of the decision that are undefined come out as false, not as a test that is skipped.
default passes(_) := false

passes(document) if supplychain.allow with input as document with time.now_ns as clock

held(findings, waivers) := {"findings": findings, "waivers": waivers}

test_nothing_found_passes if passes(held([], []))

test_no_list_of_findings_is_refused if {
	not passes({})
	not passes({"findings": null})
	not passes({"findings": "none"})
	not passes([])
}

test_high_and_critical_block_whatever_their_case if {
	every severity in ["HIGH", "CRITICAL", "high", "Critical"] {
		not passes(held([object.union(finding, {"severity": severity})], []))
	}
}

test_lower_severities_pass if {
	every severity in ["MEDIUM", "low", "NEGLIGIBLE", "NONE"] {
		passes(held([object.union(finding, {"severity": severity})], []))
	}
}

test_an_unknown_severity_blocks if {
	not passes(held([object.union(finding, {"severity": "IMPORTANT"})], []))
	not passes(held([object.union(finding, {"severity": 9.8})], []))
	not passes(held([object.remove(finding, ["severity"])], []))
	not passes(held(["HIGH"], []))
}

test_a_waiver_holds_from_its_first_instant_to_before_its_end if {
	document := held([finding], [waiver])
	every instant, allowed in {
		"2026-11-23T23:59:59.999Z": false,
		"2026-11-24T00:00:00Z": true,
		"2026-11-24T23:59:59.999999999Z": true,
		"2026-11-25T00:00:00Z": false,
	} {
		now := time.parse_rfc3339_ns(instant)
		got := supplychain.allow with input as document with time.now_ns as now
		got == allowed
	}
}

test_a_waiver_of_another_digest_does_not_help if not passes(held([finding], [object.union(waiver, {"digest": other_digest})]))

test_an_unreadable_waiver_does_not_help if {
	every fault in [
		{"created": "2026-11-24"}, {"created": 1764000000}, {"created": null}, {"ttl_ns": "86400000000000"},
		{"ttl_ns": -1}, {"ttl_ns": 0}, {"ttl_ns": 5184000000000000}, {"ttl_ns": null}, {"digest": null}, {"until": "never"},
		{"owner": ""}, {"owners": []},
	] {
		not passes(held([finding], [object.union(waiver, fault)]))
	}
	not passes(held([finding], [object.remove(waiver, ["created"])]))
	not passes(held([finding], [object.remove(waiver, ["ttl_ns"])]))
}

test_waivers_that_are_no_list_do_not_help if not passes(held([finding], "all"))

test_each_finding_needs_a_waiver if {
	second := object.union(finding, {"component": {"name": "other", "digest": other_digest}})
	not passes(held([finding, second], [waiver]))
	passes(held([finding, second], [waiver, object.union(waiver, {"digest": other_digest})]))
}

test_named_findings_and_no_others_are_set_aside if {
	passes(held([finding], [full]))
	not passes(held([object.union(finding, {"id": "CVE-2026-0002"})], [full]))
	not passes(held([object.remove(finding, ["id"])], [full]))
}

test_a_waiver_of_another_class_does_not_help if {
	sbom := object.remove(object.union(full, {"class": "sbom"}), ["findings"])
	not passes(held([finding], [sbom]))
}

test_image_and_namespace_are_compared if {
	narrow := object.union(full, {"image": "ghcr.io/acme/app", "namespaces": ["shop"]})
	document := held([finding], [narrow])
	not passes(document)
	not passes(object.union(document, {"image": "ghcr.io/acme/app"}))
	not passes(object.union(document, {"image": "ghcr.io/acme/app", "namespace": "bank"}))
	not passes(object.union(document, {"image": "ghcr.io/acme/web", "namespace": "shop"}))
	passes(object.union(document, {"image": "ghcr.io/acme/app", "namespace": "shop"}))
}

test_the_registry_takes_the_place_of_what_the_input_brings if {
	document := held([finding], [waiver])
	not passes(document) with data.waivers as []
	not passes(document) with data.waivers as null
	passes(document) with data.waivers as [waiver]
}

test_a_registry_of_another_version_waives_nothing if {
	document := held([finding], [])
	passes(document) with data.waivers as [waiver] with data.apiVersion as "mc-gate.dev/v1"
	not passes(document) with data.waivers as [waiver] with data.apiVersion as "mc-gate.dev/v2"
	not passes(document) with data.waivers as [waiver] with data.apiVersion as false
}

test_the_registry_is_held_to_every_rule if {
	document := held([finding], [])
	not passes(document) with data.waivers as [object.remove(waiver, ["owner"])]
	not passes(document) with data.waivers as [waiver, waiver]
}

test_enforce_fails_and_advisory_warns if {
	document := held([finding], [])
	count(supplychain.deny) == 1 with input as document with time.now_ns as clock
	count(supplychain.warn) == 0 with input as document with time.now_ns as clock
	count(supplychain.deny) == 0 with input as document with data.settings.mode as "advisory"
	count(supplychain.warn) == 1 with input as document with data.settings.mode as "advisory"
	not passes(document) with data.settings.mode as "advisory"
}

test_the_input_cannot_choose_the_mode if {
	document := object.union(held([finding], []), {"mode": "advisory", "settings": {"mode": "advisory"}})
	count(supplychain.deny) == 1 with input as document with time.now_ns as clock
}

test_what_blocks_is_named if {
	document := held([object.remove(finding, ["component", "severity"])], [])
	messages := {issue.msg | some issue in supplychain.deny} with input as document
	messages == {"findings[0] of an unnamed component blocks: severity unknown"}
}

test_violation_is_what_denies_and_none_in_advisory if {
	document := held([finding], [])
	issues := supplychain.deny with input as document
	count(issues) == 1
	issues == supplychain.violation with input as document
	count(supplychain.violation) == 0 with input as document with data.settings.mode as "advisory"
	count(supplychain.violation) == 0 with input as held([], [])
}

# Whether each of some waivers is in expired_waiver, in its state, in enforce and in advisory.
ended(waivers, at) := {[one.waiver, one.state] | some one in enforce} if {
	document := held([], waivers)
	enforce := supplychain.expired_waiver with input as document with time.now_ns as at
	enforce == supplychain.expired_waiver with input as document with time.now_ns as at with data.settings.mode as "advisory"
}

test_expired_waiver_has_what_ended_on_the_instant if {
	last := time.parse_rfc3339_ns("2026-11-25T00:00:00Z")
	ended([waiver], last - 1) == set()
	ended([waiver], last) == {[0, "expired"]}
	ended([waiver, full], last) == {[0, "expired"]}
	ended([waiver], time.parse_rfc3339_ns("2026-11-23T00:00:00Z")) == set()
}

test_expired_waiver_has_what_cannot_be_read if {
	every wrong in [{"created": "yesterday"}, {"ttl_ns": "86400000000000"}, {"ttl_ns": 0}, {"digest": 7}] {
		ended([object.union(waiver, wrong)], clock) == {[0, "unreadable"]}
	}
	ended(["none"], clock) == {[0, "unreadable"]}
}
