# METADATA
# description: What guard's own templates and constraints enforce in a cluster, and what a change takes from it.
package lib.enforcement

import data.lib.meta

# METADATA
# description: A constraint of a policy of guard, by the label that the bundle gives it.
constraint(obj) if {
	startswith(obj.apiVersion, "constraints.gatekeeper.sh/")
	is_string(meta.label(obj, "policy"))
}

# METADATA
# description: A ConstraintTemplate of a policy of guard, by the label that the bundle gives it.
template(obj) if {
	obj.kind == "ConstraintTemplate"
	is_string(meta.label(obj, "policy"))
}

# METADATA
# description: |
#   The constraint refuses requests. Deny is what it does where nothing is said; the list of points counts for action
#   scoped alone (gatekeeper v3.23 pkg/util/enforcement_action.go).
denies(obj) if object.get(obj, ["spec", "enforcementAction"], "") in {"", "deny"}

denies(obj) if {
	obj.spec.enforcementAction == "scoped"
	some scoped in obj.spec.scopedEnforcementActions
	scoped.action == "deny"
	some point in scoped.enforcementPoints
	point.name in {"*", "validation.gatekeeper.sh"}
}

# METADATA
# description: |
#   What the new constraint is no longer asked about, or no longer asks for, in words; empty for one that is as wide.
lost(old, new) := union({_restricted(old, new), _excluded(old, new), _left_out(old, new), _unasked(old, new)})

_restricted(old, new) := {sprintf("match.%s is set", [part]) |
	some part in ["labelSelector", "name", "namespaceSelector", "namespaces", "scope", "source"]
	now := object.get(new, ["spec", "match", part], null)
	now != null
	now != object.get(old, ["spec", "match", part], null)
}

_excluded(old, new) := {sprintf("namespace %s is excluded", [name]) |
	some name in new.spec.match.excludedNamespaces
	not name in object.get(old, ["spec", "match", "excludedNamespaces"], [])
}

_left_out(old, new) := {sprintf("kind %s is left out", [kind]) | some kind in (_kinds(old) - _kinds(new))}

_kinds(obj) := {trim_prefix(concat("/", [group, kind]), "/") |
	some entry in obj.spec.match.kinds
	some group in entry.apiGroups
	some kind in entry.kinds
}

_unasked(old, new) := {sprintf("severity %s is left out", [severity]) |
	some severity in old.spec.parameters.severities
	not severity in object.get(new, ["spec", "parameters", "severities"], [severity])
}
