# METADATA
# title: Cases in YAML
# description: |
#   conftest verify --policy policy
#   Runs the YAML files of this folder. Read by parse_config_file, a builtin of conftest, and not by --data: files with the
#   same keys would be merged there, and a file that is missing would be a test that is not run.
package cases_test

import data.supplychain

files := ["waiver_expiry_test.yaml", "waiver_last_second_test.yaml"]

test_each_file_is_decided_as_it_expects if {
	every file in files {
		case := parse_config_file(file)
		clock := time.parse_rfc3339_ns(case.now)
		allowed := supplychain.allow with input as case.input with time.now_ns as clock
		allowed == case.expect.allow
	}
}

test_the_two_cases_differ_in_nothing_but_the_clock if {
	inputs := {parse_config_file(file).input | some file in files}
	count(inputs) == 1
}

test_the_expected_answers_differ if {
	{parse_config_file(file).expect.allow | some file in files} == {true, false}
}
