package helm_resource_policy_invalid_test

import data.helm_resource_policy_invalid

test_a_value_that_is_no_string_is_reported_and_not_mended if {
	some v in _asked({"helm.sh/resource-policy": true})
	contains(v.msg, "has resource policy true")
	not v.details.fix
}

test_what_only_looks_like_keep_is_mended if {
	some v in _asked({"helm.sh/resource-policy": " Keep"})
	v.details.fix[1].value == "keep"
}

test_what_was_meant_by_another_word_is_not_guessed if {
	some v in _asked({"helm.sh/resource-policy": "delete"})
	not v.details.fix
}

test_a_wrong_annotation_is_told_before_a_label if {
	obj := {"kind": "Deployment", "metadata": {
		"labels": {"app.kubernetes.io/managed-by": "Helm", "helm.sh/resource-policy": "keep"},
		"annotations": {"meta.helm.sh/release-name": "shop", "helm.sh/resource-policy": "Keep"},
	}}
	found := helm_resource_policy_invalid.violation with input as _input(obj)
	{v.details.field | some v in found} == {"/metadata/annotations/helm.sh~1resource-policy"}
}

test_odd_shapes_are_no_errors if {
	every obj in [{}, {"metadata": null}, {"metadata": {"annotations": [], "labels": []}}] {
		count(helm_resource_policy_invalid.violation) == 0 with input as _input(obj)
	}
}

_asked(annotations) := result if {
	result := helm_resource_policy_invalid.violation with input as _input({
		"kind": "Deployment",
		"metadata": {
			"name": "web",
			"labels": {"app.kubernetes.io/managed-by": "Helm"},
			"annotations": object.union({"meta.helm.sh/release-name": "shop"}, annotations),
		},
	})
}

_input(obj) := {
	"review": {"object": obj},
	"parameters": {"severities": ["medium", "high"], "unknown": "deny", "maxExemptionDays": 90},
}
