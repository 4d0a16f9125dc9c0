# METADATA
# description: |
#   Label selectors, as the API server reads them (apimachinery pkg/apis/meta/v1 LabelSelector), and Gatekeeper's patterns.
package lib.selector

# METADATA
# description: |
#   The selector leaves nothing out: it is absent, null, or has no requirement.
everything(selector) if count(requirements(selector)) == 0

# METADATA
# description: |
#   The labels meet every requirement. An operator that the API server does not know is met by nothing.
matches(selector, labels) if {
	every requirement in requirements(selector) {
		_met(requirement, labels)
	}
}

# METADATA
# description: All that the selector asks for, matchLabels as the expressions that they stand for.
requirements(selector) := {{"key": key, "operator": "In", "values": [value]} | some key, value in selector.matchLabels} | {requirement | some requirement in selector.matchExpressions}

_met(requirement, labels) if {
	requirement.operator == "In"
	labels[requirement.key] in requirement.values
}

_met(requirement, labels) if {
	requirement.operator == "NotIn"
	not object.get(labels, requirement.key, null) in requirement.values
}

_met(requirement, labels) if {
	requirement.operator == "Exists"
	requirement.key in object.keys(labels)
}

_met(requirement, labels) if {
	requirement.operator == "DoesNotExist"
	not requirement.key in object.keys(labels)
}

# METADATA
# description: |
#   Gatekeeper's pattern stands for the name: an asterisk at an end stands for anything (gatekeeper v3.23 pkg/wildcard).
covers(pattern, name) if {
	# No name has the marks of its ends in it.
	contains(sprintf("^%s$", [name]), concat("", [_start(pattern), trim(pattern, "*"), _end(pattern)]))
}

_start(pattern) := "" if {
	startswith(pattern, "*")
} else := "^"

_end(pattern) := "" if {
	endswith(pattern, "*")
} else := "$"
