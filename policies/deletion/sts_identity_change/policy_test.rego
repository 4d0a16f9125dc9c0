package sts_identity_change_test

import data.sts_identity_change

test_a_set_without_metadata_gets_a_name if {
	some v in _updated(_set("data"), _set("storage"))
	startswith(v.msg, "StatefulSet (unnamed) has claim template storage in place of data")
}

test_odd_shapes_are_no_errors if {
	every odd in [{}, {"kind": "StatefulSet", "spec": null}, {"kind": "StatefulSet", "spec": {"volumeClaimTemplates": [null, {}, "data"], "ordinals": []}}] {
		count(_updated(odd, _set("data"))) == 0
		count(_updated(odd, odd)) == 0
		count(_created(odd)) == 0
	}
	every odd in [{}, {"kind": "StatefulSet", "spec": null}] {
		count(_updated(_set("data"), odd)) == 1
	}
}

test_a_set_is_not_its_own_successor if {
	set := object.union(_set("data"), {"apiVersion": "apps/v1", "metadata": {"name": "db", "namespace": "shop"}})
	count(_created(set)) == 0 with data.inventory.namespace.shop["apps/v1"].StatefulSet.db as set
}

_set(template) := {
	"kind": "StatefulSet",
	"spec": {
		"selector": {"matchLabels": {"app": "db"}},
		"volumeClaimTemplates": [{"metadata": {"name": template}}],
		"template": {"spec": {"containers": [{"volumeMounts": [{"name": template, "mountPath": "/data"}]}]}},
	},
}

_updated(old, new) := result if {
	result := sts_identity_change.violation with input as _input({"operation": "UPDATE", "object": new, "oldObject": old})
}

_created(new) := result if {
	result := sts_identity_change.violation with input as _input({"operation": "CREATE", "object": new})
}

_input(review) := {"review": review, "parameters": {"severities": ["high", "critical"], "unknown": "deny", "maxExemptionDays": 90}}
