# METADATA
# description: |
#   The annotation data-guard.dev/exempt.<id> on the reported object:
#   "until=2027-03-31; by=team-db; reason=free text to the end". The date is UTC and inclusive and at most
#   parameter maxExemptionDays away. A policy without that parameter (METADATA exemptible: false) has no exemptions.
package lib.exemption

import data.lib.clock
import data.lib.meta

# METADATA
# description: |
#   The policy is switched off for every one of these objects (both sides of an update). An empty list exempts nothing.
holds(id, objects) if {
	count(objects) > 0
	every obj in objects {
		_refusal(id, obj) == ""
	}
}

# METADATA
# description: |
#   Why the exemption that someone wrote does not hold, for the report; undefined where none was written.
refused(id, objects) := concat("; ", reasons) if {
	reasons := {reason |
		some obj in objects
		reason := _refusal(id, obj)
		reason != ""
	}
	count(reasons) > 0
}

_refusal(id, obj) := "this policy cannot be exempted" if {
	_written(id, obj)
	not input.parameters.maxExemptionDays
} else := `malformed: want "until=YYYY-MM-DD; by=...; reason=..."` if {
	_written(id, obj)
	not _until(_written(id, obj))
} else := sprintf("expired on %s", [_date(_written(id, obj))]) if {
	_until(_written(id, obj)) < time.now_ns()
} else := sprintf("until %s is more than %d days away", [
	_date(_written(id, obj)),
	input.parameters.maxExemptionDays,
]) if {
	_until(_written(id, obj)) > time.now_ns() + clock.days(input.parameters.maxExemptionDays + 1)
} else := "" if {
	_written(id, obj)
}

_written(id, obj) := meta.annotation(obj, sprintf("exempt.%s", [id]))

_until(text) := clock.end_of_day(_date(text))

_date(text) := regex.find_all_string_submatch_n(
	`^\s*until=([0-9]{4}-[0-9]{2}-[0-9]{2})\s*;\s*by=\s*[^;\s][^;]*;\s*reason=\s*\S`,
	text, 1,
)[0][1]
