# METADATA
# title: Instants and durations
# description: |
#   Reads both from text by arithmetic of its own, in milliseconds, as the gate does: time.parse_rfc3339_ns ends in
#   2262 and time.parse_duration_ns takes negative and fractional lifetimes. Text that is not exactly an instant or a
#   duration has no value here, and whoever needs one has to treat that as "no".
package instants

# RFC 3339, section 5.6, narrower: from 1970 on, upper-case T and Z, no leap second, at most nine digits of fraction.
instant := concat("", [
	`^(19[7-9][0-9]|[2-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])`,
	`T([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?:\.([0-9]{1,9}))?`,
	`(?:Z|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))$`,
])

# METADATA
# description: Milliseconds since 1970 of an instant; a fraction below a millisecond is cut.
ms_of(text) := (((days * 86400) + seconds) * 1000) + milliseconds if {
	is_string(text)
	[[_, y, mo, d, h, mi, s, fraction, sign, zone_h, zone_m]] := regex.find_all_string_submatch_n(instant, text, 1)
	whole(d) <= days_in(whole(y), whole(mo))
	days := day_number(whole(y), whole(mo), whole(d))
	offset := (whole(zone_h) * 3600) + (whole(zone_m) * 60)
	seconds := (((whole(h) * 3600) + (whole(mi) * 60)) + whole(s)) - (direction[sign] * offset)
	milliseconds := whole(substring(concat("", [fraction, "000"]), 0, 3))
}

direction := {"": 0, "+": 1, "-": -1}

default leap(_) := false

leap(year) if {
	year % 4 == 0
	year % 100 != 0
}

leap(year) if year % 400 == 0

days_in(year, 2) := 29 if leap(year)

days_in(year, 2) := 28 if not leap(year)

days_in(_, month) := 30 if month in {4, 6, 9, 11}

days_in(_, month) := 31 if month in {1, 3, 5, 7, 8, 10, 12}

# Days since 1970-01-01 of the proleptic Gregorian calendar. A year is counted from March, so that the leap day is its
# last and the months before it have one length formula.
day_number(year, month, day) := ((((365 * y) + floor(y / 4)) - floor(y / 100)) + floor(y / 400)) + (in_year - 719469) if {
	from_march := (month + 9) % 12
	y := year - floor(from_march / 10)
	in_year := floor(((153 * from_march) + 2) / 5) + day
}

unit_ms := [604800000, 86400000, 3600000, 60000, 1000]

longest_duration_ms := 315360000000 # ten years of 365 days

# METADATA
# description: |
#   Milliseconds of a duration such as 7d or 1h30m: w, d, h, m, s, each at most once and in this order, more than
#   nothing and at most ten years.
duration_ms(text) := ms if {
	is_string(text)
	count(text) <= 32
	[[_, w, d, h, m, s]] := regex.find_all_string_submatch_n(
		`^(?:([0-9]+)w)?(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?$`,
		text,
		1,
	)
	ms := sum([part |
		some i, digits in [w, d, h, m, s]
		part := whole(digits) * unit_ms[i]
	])
	ms > 0
	ms <= longest_duration_ms
}

# Digits as a number; none are 0. to_number would keep leading zeros in a number that is none.
whole(digits) := 0 if trim_left(digits, "0") == ""

whole(digits) := to_number(trim_left(digits, "0")) if trim_left(digits, "0") != ""
