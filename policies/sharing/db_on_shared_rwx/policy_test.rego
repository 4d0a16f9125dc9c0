package db_on_shared_rwx_test

import data.db_on_shared_rwx

test_objects_without_pods_have_no_problem if {
	every obj in [
		{"kind": "Deployment"},
		{"kind": "Deployment", "metadata": {"name": "a"}, "spec": null},
		{"kind": "Deployment", "metadata": {"name": "a"}, "spec": {"template": {"spec": "${POD}"}}},
		{"kind": "Deployment", "metadata": {"name": "a"}, "spec": {"template": {"spec": {"containers": null, "volumes": null}}}},
	] {
		count(_asked(obj)) == 0
	}
}

test_a_claim_template_without_name_or_modes_is_no_shared_claim if {
	every template in [{}, {"metadata": {"name": "data"}}, {"metadata": {"name": "data"}, "spec": null}] {
		count(_asked({
			"kind": "StatefulSet",
			"spec": {"volumeClaimTemplates": [template], "template": {"spec": {"containers": [_mysql]}}},
		})) == 0
	}
}

test_an_object_without_metadata_is_reported if {
	some v in _asked({"kind": "Deployment", "spec": {"template": {"spec": {
		"containers": [_mysql],
		"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}],
	}}}})
	startswith(v.msg, "Deployment (unnamed) runs mysql on claim data, which nobody showed")
}

_mysql := {"name": "mysql", "image": "mysql:8.4", "volumeMounts": [{"name": "data", "mountPath": "/var/lib/mysql"}]}

_asked(obj) := result if {
	result := db_on_shared_rwx.violation with input as {
		"review": {"object": obj},
		"parameters": {"severities": ["critical", "high", "medium"], "unknown": "deny", "allowNfsEngines": []},
	}
}
