package lib.enforcement_test

import data.lib.enforcement

_marked := {"labels": {"data-guard.dev/policy": "protect-pvc-delete"}}

test_a_constraint_of_guard_is_known_by_group_and_label if {
	enforcement.constraint({"apiVersion": "constraints.gatekeeper.sh/v1beta1", "metadata": _marked})
	not enforcement.constraint({"apiVersion": "v1", "metadata": _marked})
	not enforcement.constraint({"apiVersion": "constraints.gatekeeper.sh/v1beta1", "metadata": {"labels": {"team": "a"}}})
	not enforcement.constraint({"apiVersion": "constraints.gatekeeper.sh/v1beta1", "metadata": {"labels": {"data-guard.dev/policy": 5}}})
}

test_a_template_of_guard_is_known_by_kind_and_label if {
	enforcement.template({"kind": "ConstraintTemplate", "metadata": _marked})
	not enforcement.template({"kind": "Namespace", "metadata": _marked})
	not enforcement.template({"kind": "ConstraintTemplate", "metadata": null})
}

test_a_constraint_denies_unless_it_says_otherwise if {
	every spec in [null, {}, {"enforcementAction": ""}, {"enforcementAction": "deny"}] {
		enforcement.denies({"spec": spec})
	}
	every action in ["warn", "dryrun", "Deny", null] {
		not enforcement.denies({"spec": {"enforcementAction": action}})
	}
}

_scoped(action, scoped, point) := {"spec": {
	"enforcementAction": action,
	"scopedEnforcementActions": [{"action": scoped, "enforcementPoints": [{"name": "audit.gatekeeper.sh"}, {"name": point}]}],
}}

test_a_scoped_constraint_denies_where_the_webhook_does if {
	enforcement.denies(_scoped("scoped", "deny", "validation.gatekeeper.sh"))
	enforcement.denies(_scoped("scoped", "deny", "*"))
	not enforcement.denies(_scoped("scoped", "deny", "vap.k8s.io"))
	not enforcement.denies(_scoped("scoped", "warn", "*"))
	not enforcement.denies(_scoped("dryrun", "deny", "*"))
}

_with(match, parameters) := {"spec": {"match": match, "parameters": parameters}}

_kinds(groups, kinds) := {"kinds": [{"apiGroups": groups, "kinds": kinds}]}

test_a_constraint_that_is_as_wide_loses_nothing if {
	enforcement.lost(_with({"scope": "Cluster"}, {}), _with({}, {})) == set()
	enforcement.lost(_with({"scope": "Cluster"}, {}), _with({"scope": "Cluster"}, {})) == set()
	enforcement.lost(_with({"excludedNamespaces": ["a", "b"]}, {}), _with({"excludedNamespaces": ["b"]}, {})) == set()
	enforcement.lost(_with(_kinds([""], ["Pod"]), {}), _with(_kinds(["", "apps"], ["Pod", "Deployment"]), {})) == set()
	enforcement.lost(_with({}, {"severities": ["high"]}), _with({}, {"severities": ["low", "high"]})) == set()
	enforcement.lost(_with({}, {"severities": ["high"]}), {}) == set()
}

test_what_a_constraint_loses_is_named if {
	enforcement.lost(_with({}, {}), _with({"scope": "Cluster"}, {})) == {"match.scope is set"}
	enforcement.lost(_with({"name": "a*"}, {}), _with({"name": "ab*"}, {})) == {"match.name is set"}
	enforcement.lost(_with({}, {}), _with({"excludedNamespaces": ["shop"]}, {})) == {"namespace shop is excluded"}
	enforcement.lost(_with(_kinds(["", "apps"], ["Pod"]), {}), _with(_kinds([""], ["Pod"]), {})) == {"kind apps/Pod is left out"}
	enforcement.lost(_with(_kinds([""], ["Pod"]), {}), {}) == {"kind Pod is left out"}
	enforcement.lost(_with({}, {"severities": ["high", "low"]}), _with({}, {"severities": ["low"]})) == {"severity high is left out"}
}
