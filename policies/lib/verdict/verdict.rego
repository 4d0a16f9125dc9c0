# METADATA
# description: |
#   From problems to violations, the same way in every policy. A problem is
#   {msg, field, severity} with optional fix (a JSON Patch), unknown (what nobody showed) and related (other objects).
package lib.verdict

import data.lib.asked
import data.lib.exemption

# METADATA
# description: |
#   A state policy's violations: the problems that the object has and, on an UPDATE, did not have before. A problem
#   is no news when the old object had one that says the same, wherever in a list the field moved to, or one at the
#   same field that was as bad or worse: who improves a bad object must not be refused.
state(id, now, was) := _violations(id, news, [asked.object]) if {
	news := {problem |
		some problem in now
		not _known(problem, was)
	}
}

_known(problem, was) if {
	some old in was
	old.msg == problem.msg
	old.severity == problem.severity
}

_known(problem, was) if {
	some old in was
	old.field == problem.field
	_rank[old.severity] <= _rank[problem.severity]
}

_rank := {"critical": 0, "high": 1, "medium": 2, "low": 3, "info": 4}

# METADATA
# description: |
#   A policy about an UPDATE: its problems, unless both sides carry the exemption. A request cannot exempt itself,
#   and removing an exemption ends it.
update(id, problems) := _violations(id, problems, [asked.update.old, asked.update.new])

# METADATA
# description: |
#   A policy about a CREATE. The new object's own exemption counts, as for a state: who minds that sets METADATA
#   exemptible: false.
create(id, problems) := _violations(id, problems, [asked.create])

# METADATA
# description: A policy about a DELETE; the exemption is read from the object that would be deleted.
delete(id, problems) := _violations(id, problems, [asked.delete])

# METADATA
# description: |
#   A policy about how an object goes, of asked.removal or asked.eviction; the exemption is read from stored, the object
#   as the cluster has it: an Eviction cannot exempt itself. Of {}, which nobody showed, there is none.
removal(id, problems, stored) := _violations(id, problems, [stored])

# METADATA
# description: A policy about objects that are being deleted (state questions only).
terminating(id, problems) := _violations(id, problems, [asked.terminating])

_violations(id, problems, carriers) := {violation |
	some problem in problems
	not exemption.holds(id, carriers)
	problem.severity in input.parameters.severities
	not _unknown_ignored(problem)
	violation := {"msg": problem.msg, "details": object.union(
		object.filter(problem, ["field", "severity", "fix", "unknown", "related"]),
		_refused(id, carriers),
	)}
}

_unknown_ignored(problem) if {
	count(problem.unknown) > 0
	input.parameters.unknown == "ignore"
}

_refused(id, carriers) := {"exemption": exemption.refused(id, carriers)} if {
	exemption.refused(id, carriers)
} else := {}
