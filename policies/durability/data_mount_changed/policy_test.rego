package data_mount_changed_test

import data.data_mount_changed

test_a_workload_without_metadata_gets_a_name if {
	some v in _updated(_deployment("data"), _deployment("fresh"))
	startswith(v.msg, "Deployment (unnamed) has postgres (container main) look for its data in claim fresh instead of claim data")
}

test_odd_shapes_are_no_errors if {
	every odd in [{}, {"kind": "Deployment", "spec": null}, {"kind": "Pod", "spec": {"containers": [null, {}, "main"]}}] {
		count(_updated(odd, odd)) == 0
		count(_updated(_deployment("data"), odd)) == 0
		count(_updated(odd, _deployment("data"))) == 0
	}
	every volumes in [null, {}, "data", [null, {"name": "v", "persistentVolumeClaim": null}]] {
		pod := object.union(_pod("data"), {"volumes": volumes})
		count(_updated(_deployment("data"), {"kind": "Deployment", "spec": {"template": {"spec": pod}}})) == 1
	}
}

_deployment(claim) := {"kind": "Deployment", "spec": {"template": {"spec": _pod(claim)}}}

_pod(claim) := {
	"containers": [{"name": "main", "image": "postgres:17", "volumeMounts": [{"name": "v", "mountPath": "/var/lib/postgresql/data"}]}],
	"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": claim}}],
}

_updated(old, new) := result if {
	result := data_mount_changed.violation with input as {
		"review": {"operation": "UPDATE", "object": new, "oldObject": old},
		"parameters": {"severities": ["high"], "unknown": "deny", "maxExemptionDays": 90},
	}
}
