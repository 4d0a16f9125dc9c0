# METADATA
# description: |
#   From problems to violations, the same way in every policy. A problem is
#   {msg, field, severity} with optional fix (a JSON Patch), unknown (what nobody showed) and related (other objects).
package lib.verdict

import data.lib.asked
import data.lib.exemption

# METADATA
# description: |
#   A state policy's violations: the problems that the object has and, on an UPDATE, did not have before.
#   Two problems are the same when they say the same with the same severity, wherever in a list the field moved to.
state(id, now, was) := _violations(id, news, [asked.object]) if {
	said := {[problem.msg, problem.severity] | some problem in was}
	news := {problem |
		some problem in now
		not [problem.msg, problem.severity] in said
	}
}

# METADATA
# description: |
#   A policy about an UPDATE: its problems, unless both sides carry the exemption. A request cannot exempt itself,
#   and removing an exemption ends it.
update(id, problems) := _violations(id, problems, [asked.update.old, asked.update.new])

# METADATA
# description: A policy about a DELETE; the exemption is read from the object that would be deleted.
delete(id, problems) := _violations(id, problems, [asked.delete])

# METADATA
# description: A policy about objects that are being deleted (state questions only).
terminating(id, problems) := _violations(id, problems, [asked.terminating])

_violations(id, problems, carriers) := {violation |
	not exemption.holds(id, carriers)
	some problem in problems
	problem.severity in input.parameters.severities
	not _unknown_ignored(problem)
	violation := {"msg": problem.msg, "details": object.union(
		object.filter(problem, ["field", "severity", "fix", "unknown", "related"]),
		_refused(id, carriers),
	)}
}

_unknown_ignored(problem) if {
	problem.unknown
	input.parameters.unknown == "ignore"
}

_refused(id, carriers) := {"exemption": exemption.refused(id, carriers)} if {
	exemption.refused(id, carriers)
} else := {}
