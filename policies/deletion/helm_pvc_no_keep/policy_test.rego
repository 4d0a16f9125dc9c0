package helm_pvc_no_keep_test

import data.helm_pvc_no_keep

test_the_fix_makes_helm_keep_it if {
	some v in _asked(_claim)
	v.details.fix == [{"op": "add", "path": "/metadata/annotations/helm.sh~1resource-policy", "value": "keep"}]
}

test_odd_shapes_are_no_errors if {
	every obj in [{}, {"metadata": null}, {"metadata": {"annotations": [], "labels": []}}, object.union(_claim, {"kind": "Other"})] {
		count(_asked(obj)) == 0
	}
}

_claim := {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {
	"name": "data",
	"labels": {"app.kubernetes.io/managed-by": "Helm"},
	"annotations": {"meta.helm.sh/release-name": "shop"},
}}

_asked(obj) := result if {
	result := helm_pvc_no_keep.violation with input as {
		"review": {"object": obj},
		"parameters": {"severities": ["high", "medium"], "unknown": "deny", "maxExemptionDays": 90},
	}
		with data.inventory as {}
}
