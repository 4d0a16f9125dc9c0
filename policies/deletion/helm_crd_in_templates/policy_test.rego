package helm_crd_in_templates_test

import data.helm_crd_in_templates

test_objects_of_two_served_versions_are_counted_once if {
	definition := object.union(_definition, {"spec": {
		"group": "example.com",
		"names": {"kind": "Shop"},
		"versions": [{"name": "v1"}, {"name": "v1beta1"}],
	}})
	shops := {"Shop": {"main": {}}}
	found := _asked(definition) with data.inventory as {"namespace": {"a": {"example.com/v1": shops, "example.com/v1beta1": shops}}}
	some v in found
	endswith(v.msg, "with all objects of its kind, among them a/main")
}

test_odd_shapes_are_no_errors if {
	count(_asked(_definition)) == 1 with data.inventory as {}
	count(_asked(object.union(_definition, {"spec": {"versions": [{}]}}))) == 1 with data.inventory as {}
	every obj in [{}, {"metadata": null}, {"metadata": {"annotations": [], "labels": []}}] {
		count(_asked(obj)) == 0 with data.inventory as {}
	}
}

_definition := {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {
	"name": "shops.example.com",
	"labels": {"app.kubernetes.io/managed-by": "Helm"},
	"annotations": {"meta.helm.sh/release-name": "shop"},
}}

_asked(obj) := result if {
	result := helm_crd_in_templates.violation with input as {
		"review": {"object": obj},
		"parameters": {"severities": ["medium", "critical"], "unknown": "deny", "maxExemptionDays": 90, "definitionReleases": []},
	}
}
