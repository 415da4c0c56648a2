# METADATA
# title: Answers for the corpus
# description: |
#   Says in one failure for each file of the corpus (conftest --combine) what the lint makes of it at the clock of its
#   case. The files are read by conftest, like policy/waivers.yaml in CI; clocks and questions come by --data.
package corpus

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
	"covering": [waiver_for(asked) | some asked in data.asked],
	"reported": waiver_registry.deny,
}

accepted := {one.id: object.union(object.filter(one, {"class", "from", "until"}), {"state": state}) |
	some i, one in waiver_registry.sound
	state := waiver_registry.standing[i]
}

waiver_for(asked) := waiver.id if {
	waiver := waiver_registry.covering(asked, object.filter(asked, {"image", "namespace"}))
} else := "none"
