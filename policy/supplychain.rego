# METADATA
# title: Gate for scanner findings
# description: |
#   conftest test findings.json --policy policy --namespace supplychain --data policy/waivers.yaml
#   Decides whether an image may pass with what a scanner found in it, by waivers that end by themselves. The input is
#   {findings: [{id, severity, component: {name, digest}}], image, namespace}. Every unknown blocks: a list that is
#   missing, a severity that is none, a waiver whose window cannot be computed.
package supplychain

import data.waiver_fields
import data.waiver_registry

harmless := {"MEDIUM", "LOW", "NEGLIGIBLE", "NONE"}

# ---- verdict ----------------------------------------------------------------------------------------------------------

default allow := false

# METADATA
# description: Whether nothing blocks.
allow if count(issues) == 0

# conftest takes deny and violation for failures, so the set that both modes share has another name.
deny contains issue if {
	not advisory
	some issue in issues
}

warn contains issue if {
	advisory
	some issue in issues
}

# METADATA
# description: |
#   What denies, by the name of this policy's first draft. conftest takes it for a failure as well, so it counts each twice
#   and has none in advisory.
violation contains issue if some issue in deny

# Only who runs the gate may soften it (--data, with {settings: {mode: advisory}}); what it judges says nothing here.
advisory if data.settings.mode == "advisory"

# ---- findings ---------------------------------------------------------------------------------------------------------

# Helpers of their own, since in `not is_array(input.findings)` a missing list would take the whole rule away.
has_findings if is_array(input.findings)

issues contains {"msg": "The input has no list of findings.", "code": "vulnerability/scan-missing"} if not has_findings

issues contains issue if {
	has_findings
	some i, finding in input.findings
	not is_harmless(finding)
	not waived(finding)
	issue := {"msg": sprintf("findings[%d] of %s blocks: %s", [i, named(finding), severity(finding)]), "code": "vulnerability/blocked"}
}

is_harmless(finding) if upper(finding.severity) in harmless

named(finding) := sprintf("%q", [name]) if name := finding.component.name

else := "an unnamed component"

severity(finding) := sprintf("severity %q", [text]) if text := finding.severity

else := "severity unknown"

# ---- waivers ----------------------------------------------------------------------------------------------------------

waived(finding) if waiver_for(finding)

# METADATA
# description: The waiver that sets a finding aside now.
waiver_for(finding) := covering if {
	asked := {"digest": full_digest(finding.component.digest), "class": "vulnerability", "ids": ids_of(finding)}
	where := object.filter(input, {"image", "namespace"})
	covering := waiver_registry.covering(asked, where) with input as document
}

# The version of the registry is held to what the gate reads.
document := {"apiVersion": version, "waivers": waivers} if version := data.apiVersion

else := {"waivers": waivers}

# METADATA
# description: |
#   The waivers that set nothing aside any more, or never did, by a name of the first draft: `expired`, and `unreadable`
#   where the window cannot be computed or a rule is broken. Those are in it so that `not expired_waiver` admits nothing by
#   them. It is the same in advisory.
expired_waiver contains {"waiver": i, "id": named_id(waiver), "state": state} if {
	some i, waiver in waivers
	state := object.get(standing, i, "unreadable")
	not state in {"pending", "ending", "active"}
}

named_id(waiver) := id if id := waiver.id

else := ""

standing := states if states := waiver_registry.standing with input as document

ids_of(finding) := [id] if id := finding.id

else := []

# The registry, where there is one: who hands over findings must not hand over what sets them aside.
waivers := registry if registry := data.waivers

else := [in_full(waiver) | some waiver in input.waivers]

# A case of its own may leave out what only the registry needs: an owner, and the whole of a digest.
in_full(waiver) := full if {
	full := object.union(object.union(owner_of(waiver), waiver), {"digest": full_digest(waiver.digest)})
}

# What is not a waiver keeps its place, so that it can be named.
else := waiver

owner_of(waiver) := {} if "owners" in object.keys(waiver)

else := {"owner": "the case"}

full_digest(text) := text if waiver_fields.ok("digest", text)

else := concat("", ["sha256:", crypto.sha256(text)])
