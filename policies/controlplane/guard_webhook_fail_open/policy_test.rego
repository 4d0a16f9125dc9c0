package guard_webhook_fail_open_test

import data.guard_webhook_fail_open

test_what_is_no_object_has_no_violation if {
	every object in [null, [], "webhook"] {
		count(_state(object)) == 0
	}
}

test_what_is_malformed_has_no_violation_and_no_error if {
	every object in [
		{"apiVersion": "v1", "kind": "Namespace", "metadata": {"labels": []}},
		{"apiVersion": "constraints.gatekeeper.sh/v1beta1", "kind": "GuardX", "metadata": {"labels": {"data-guard.dev/policy": 5}}},
		{"apiVersion": "config.gatekeeper.sh/v1alpha1", "kind": "Config", "metadata": {"name": "config"}, "spec": {"match": [{"processes": ["*"], "excludedNamespaces": [5, null]}]}},
		{"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration", "webhooks": "none"},
	] {
		count(_state(object)) == 0
	}
}

test_a_label_that_is_no_text_marks_no_template if {
	template := {"kind": "ConstraintTemplate", "metadata": {"labels": {"data-guard.dev/policy": 5}}}
	violations := guard_webhook_fail_open.violation with input as {"review": {"operation": "DELETE", "oldObject": template, "object": template}, "parameters": _parameters}
	count(violations) == 0
}

test_a_namespace_whose_labels_are_null_is_not_selected_by_label if {
	hook := {
		"name": "validation.gatekeeper.sh",
		"rules": [{"operations": ["*"], "apiGroups": ["*"], "resources": ["*"]}],
		"namespaceSelector": {"matchLabels": {"guarded": "true"}},
	}
	violations := _state({"kind": "ValidatingWebhookConfiguration", "webhooks": [hook]}) with data.inventory as {
		"cluster": {"v1": {"Namespace": {"shop": {"metadata": {"name": "shop", "labels": null}}}}},
		"namespace": {"shop": {"v1": {"PersistentVolumeClaim": {"data": {"metadata": {"name": "data", "namespace": "shop"}}}}}},
	}
	count(violations) == 1
}

_state(object) := violations if {
	violations := guard_webhook_fail_open.violation with input as {"review": {"operation": "", "object": object}, "parameters": _parameters}
}

_parameters := {
	"severities": ["high", "medium", "low"],
	"unknown": "deny",
	"maxExemptionDays": 366,
	"administrators": [],
	"exemptNamespaces": ["gatekeeper-system"],
	"matchConditions": [],
	"rollOutDays": 30,
}
