package argo_cascade_unguarded_test

import data.argo_cascade_unguarded

test_resources_that_name_nothing_are_passed_over if {
	every resources in [null, [{}], [{"kind": "PersistentVolumeClaim"}], [null], "shop"] {
		count(_asked({"status": {"reconciledAt": "2026-11-01T00:00:00Z", "resources": resources}})) == 0
	}
}

test_odd_shapes_are_no_errors if {
	every obj in [{"spec": null}, {"spec": []}, {"metadata": null}, {"metadata": {"finalizers": "x"}, "spec": {"syncPolicy": {"automated": []}}}] {
		count(argo_cascade_unguarded.violation) == 0 with input as _input(obj) with data.inventory as {}
	}
}

_asked(obj) := result if {
	result := argo_cascade_unguarded.violation with input as _input(object.union(_application, obj))
		with data.inventory as {}
}

_application := {
	"kind": "Application",
	"metadata": {"name": "shop", "namespace": "argocd", "finalizers": ["resources-finalizer.argocd.argoproj.io"]},
	"spec": {"syncPolicy": {"automated": {"prune": true}}},
}

_input(obj) := {
	"review": {"object": obj},
	"parameters": {"severities": ["high", "medium"], "unknown": "deny", "maxExemptionDays": 90},
}
