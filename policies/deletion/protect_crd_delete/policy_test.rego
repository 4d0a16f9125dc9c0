package protect_crd_delete_test

import data.protect_crd_delete

test_a_definition_without_anything_defines_no_data if {
	every crd in [{}, {"metadata": null, "spec": null}, {"spec": {"group": "example.com", "names": {"kind": "Thing"}, "versions": null}}] {
		not _deleted(crd)
	}
}

test_a_definition_without_versions_is_of_data_all_the_same if {
	some v in _deleted({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "spec": {"group": "postgresql.cnpg.io", "names": {"kind": "Cluster"}}})
	v.details.unknown == ["postgresql.cnpg.io/Cluster"]
}

test_at_most_twenty_resources_are_related if {
	crd := {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "spec": {"group": "postgresql.cnpg.io", "names": {"kind": "Cluster"}, "versions": [{"name": "v1"}]}}
	clusters := {name: {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "metadata": {"name": name, "namespace": "shop"}} |
		some i in numbers.range(1, 25)
		name := sprintf("db-%d", [i])
	}
	some v in _deleted(crd) with data.inventory as {"namespace": {"shop": {"postgresql.cnpg.io/v1": {"Cluster": clusters}}}}
	count(v.details.related) == 20
}

_deleted(crd) := result if {
	result := protect_crd_delete.violation with input as {
		"review": {"operation": "DELETE", "object": crd, "oldObject": crd},
		"parameters": {"severities": ["critical", "high", "medium"], "unknown": "deny", "maxExemptionDays": 366, "cascadeActors": []},
	}
	count(result) > 0
}
