package rwo_deployment_rolling_test

import data.rwo_deployment_rolling

test_a_deployment_without_metadata_gets_a_name if {
	some v in _asked(_mysql({}))
	startswith(v.msg, "Deployment (unnamed) starts new pods")
}

test_an_empty_strategy_is_a_rolling_update if {
	every strategy in [{}, {"type": ""}, {"type": null}, {"rollingUpdate": null}, []] {
		some v in _asked(_mysql({"strategy": strategy}))
		v.details.severity == "high"
	}
}

test_no_surge_may_be_written_as_text if {
	every surge in [0, "0", "0%"] {
		some v in _asked(_mysql({"strategy": {"rollingUpdate": {"maxSurge": surge}}}))
		v.details.severity == "low"
	}
}

test_a_claim_without_access_modes_is_no_reason_alone if {
	deployment := {"kind": "Deployment", "metadata": {"namespace": "shop"}, "spec": {"template": {"spec": _pod("nginx")}}}
	claim := {"metadata": {"name": "data"}, "spec": {"accessModes": null}}
	result := rwo_deployment_rolling.violation with input as _input(deployment)
		with data.inventory.namespace.shop.v1.PersistentVolumeClaim.data as claim
	count(result) == 0
}

test_odd_shapes_are_no_errors if {
	pods := [null, [], {"containers": null, "volumes": null}, {"containers": {}, "volumes": {}}, {"volumes": [null, "data"]}]
	every pod in pods {
		count(_asked({"kind": "Deployment", "spec": {"template": {"spec": pod}}})) == 0
	}
	count(_asked({})) == 0
	count(_asked({"kind": "Deployment", "spec": null})) == 0
}

_mysql(spec) := {"kind": "Deployment", "spec": object.union(spec, {"template": {"spec": _pod("mysql:8.4")}})}

_pod(image) := {
	"containers": [{"name": "main", "image": image, "volumeMounts": [{"name": "data", "mountPath": "/var/lib/mysql"}]}],
	"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}],
}

_asked(deployment) := result if {
	result := rwo_deployment_rolling.violation with input as _input(deployment)
}

_input(deployment) := {
	"review": {"object": deployment},
	"parameters": {"severities": ["high", "low"], "unknown": "deny"},
}
