# METADATA
# title: Answers for the corpus
# description: |
#   Says in one failure for each file of the corpus (conftest --combine) what the lint makes of it at the clock of its
#   case. The files are read by conftest, like policy/waivers.yaml in CI; clocks and questions come by --data.
package corpus

import data.supplychain
import data.waiver_registry

deny contains {"msg": case.name, "answer": result} if {
	some file in input
	case := data.cases[file.path]
	clock := case.now * 1000000
	result := answer with input as file.contents with data.asked as case.asked with time.now_ns as clock
}

answer := {
	"document": waiver_registry.document_faults,
	"refused": waiver_registry.codes_of,
	"accepted": accepted,
	"ended": ended,
	"covering": [waiver_for(asked) | some asked in data.asked],
	"reported": waiver_registry.deny,
}

# What `expired_waiver` says of a registry that can be read, in advisory as in enforce.
ended := sort([told(one) | some one in expired]) if {
	waiver_registry.document_faults == set()
	expired := supplychain.expired_waiver with data.waivers as input.waivers
	expired == supplychain.expired_waiver with data.waivers as input.waivers with data.settings.mode as "advisory"
}

ended := [] if waiver_registry.document_faults != set()

told(one) := sprintf("unreadable %d", [one.waiver]) if one.state == "unreadable"

told(one) := sprintf("%s %s", [one.state, waiver_registry.sound[one.waiver].id]) if one.state != "unreadable"

accepted := {one.id: object.union(object.filter(one, {"class", "from", "until"}), {"state": state}) |
	some i, one in waiver_registry.sound
	state := waiver_registry.standing[i]
}

waiver_for(asked) := waiver.id if {
	waiver := waiver_registry.covering(asked, object.filter(asked, {"image", "namespace"}))
} else := "none"
