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
#   Why the exemption that someone wrote does not hold, for the report; undefined where none was written or it holds.
refused(id, objects) := concat("; ", reasons) if {
	reasons := {reason |
		some obj in objects
		reason := _refusal(id, obj)
		reason != ""
	}
	count(reasons) > 0
} else := "it does not stand on both sides of the change" if {
	some obj in objects
	_refusal(id, obj) == ""
	not holds(id, objects)
}

# METADATA
# description: |
#   What an exemption says, {until, by, reason}, each white space in it made one; undefined for one that is malformed.
terms(text) := {"until": until, "by": _spaced(by), "reason": _spaced(reason)} if {
	[[_, until, by, reason]] := regex.find_all_string_submatch_n(_grammar, text, 1)
	clock.day(until)
}

_spaced(words) := concat(" ", [word | some word in regex.split(`\s+`, words); word != ""])

# Undefined where nothing is written; "" for an exemption that holds.
_refusal(id, obj) := "this policy cannot be exempted" if {
	_written(id, obj)
	not input.parameters.maxExemptionDays
} else := reason if {
	[text] := _written(id, obj)
	reason := _judged(text)
}

# In a list, since false is a value that someone may have written.
_written(id, obj) := [meta.annotation(obj, sprintf("exempt.%s", [id]))] if obj.metadata.annotations

# Dates are compared as text: they are of one length, and each is a whole day in UTC.
_judged(text) := sprintf("until %s is more than %d days away", [_date(text), input.parameters.maxExemptionDays]) if {
	_date(text) > clock.date(time.now_ns() + clock.days(input.parameters.maxExemptionDays))
} else := `malformed: want "until=YYYY-MM-DD; by=...; reason=..."` if {
	not terms(text)
} else := sprintf("expired on %s", [_date(text)]) if {
	_date(text) < clock.date(time.now_ns())
} else := ""

_date(text) := terms(text).until

_grammar := `(?s)^\s*until=([0-9]{4}-[0-9]{2}-[0-9]{2})\s*;\s*by=\s*([^;\s][^;]*);\s*reason=\s*(\S.*)$`
