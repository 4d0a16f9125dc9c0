# METADATA
# description: |
#   Times as people write them. Every function is undefined for what it cannot read: the caller says "malformed".
package lib.clock

# METADATA
# description: Nanoseconds of an RFC 3339 time.
instant(text) := time.parse_rfc3339_ns(text)

# METADATA
# description: Nanoseconds of the last second of a date YYYY-MM-DD, UTC; the date is inclusive.
end_of_day(date) := time.parse_rfc3339_ns(sprintf("%sT23:59:59Z", [date])) if {
	regex.match(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`, date)
}

# METADATA
# description: That many days in nanoseconds.
days(count) := ((count * 24) * 3600) * 1000000000

# METADATA
# description: That many hours in nanoseconds.
hours(count) := (count * 3600) * 1000000000
