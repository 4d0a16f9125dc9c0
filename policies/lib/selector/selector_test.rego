package lib.selector_test

import data.lib.selector

_labels := {"env": "prod", "empty": ""}

_meets(key, operator, values) if {
	selector.matches({"matchExpressions": [{"key": key, "operator": operator, "values": values}]}, _labels)
}

test_a_selector_that_asks_for_nothing_leaves_nothing_out if {
	every nothing in [null, {}, {"matchLabels": {}, "matchExpressions": []}, {"matchLabels": null, "matchExpressions": null}] {
		selector.everything(nothing)
		selector.matches(nothing, _labels)
	}
}

test_labels_are_compared if {
	selector.matches({"matchLabels": {"env": "prod"}}, _labels)
	not selector.matches({"matchLabels": {"env": "prod", "tier": "db"}}, _labels)
	not selector.matches({"matchLabels": {"env": "dev"}}, _labels)
	not selector.everything({"matchLabels": {"env": "prod"}})
}

test_every_operator_is_known if {
	_meets("env", "In", ["dev", "prod"])
	not _meets("env", "In", ["dev"])
	not _meets("tier", "In", ["db"])
	_meets("env", "NotIn", ["dev"])
	_meets("tier", "NotIn", ["db"])
	not _meets("env", "NotIn", ["prod"])
	_meets("empty", "Exists", [])
	not _meets("tier", "Exists", [])
	_meets("tier", "DoesNotExist", [])
	not _meets("empty", "DoesNotExist", [])
}

test_an_operator_that_nobody_knows_is_met_by_nothing if {
	not _meets("env", "Near", ["prod"])
	not selector.everything({"matchExpressions": [{"key": "env", "operator": "Near"}]})
}

test_requirements_are_joined_by_and if {
	both := {"matchLabels": {"env": "prod"}, "matchExpressions": [{"key": "tier", "operator": "Exists"}]}
	not selector.matches(both, _labels)
	selector.matches(both, {"env": "prod", "tier": "db"})
}

test_an_asterisk_at_an_end_stands_for_anything if {
	every pattern in ["kube-system", "kube-*", "*-system", "*e-s*", "*", "**"] {
		selector.covers(pattern, "kube-system")
	}
	every pattern in ["kube", "system", "system*", "*kube", "*x*", "kube*system", ""] {
		not selector.covers(pattern, "kube-system")
	}
}
