package namespace_owner_reference_test

import data.namespace_owner_reference

test_odd_shapes_are_no_owners if {
	every references in [null, [], {}, "x", [null], ["x"]] {
		count(_asked({"kind": "Namespace", "metadata": {"name": "shop", "ownerReferences": references}})) == 0
	}
	count(_asked({"kind": "Namespace"})) == 0
	count(_asked({"kind": "Namespace", "metadata": null})) == 0
}

test_an_empty_reference_is_still_an_owner if {
	messages := {v.msg | some v in _asked({"kind": "Namespace", "metadata": {"ownerReferences": [{}]}})}
	"Namespace (unnamed) is owned by object (unnamed): when no owner is left, the garbage collector deletes the namespace with all that is in it" in messages
	count(messages) == 2
}

test_the_fix_leaves_the_owners_that_are_accepted if {
	tenant := {"apiVersion": "capsule.clastix.io/v1beta2", "kind": "Tenant", "name": "shop", "uid": "1"}
	team := {"apiVersion": "example.com/v1", "kind": "Team", "name": "db", "uid": "1"}
	some v in _asked({"kind": "Namespace", "metadata": {"name": "shop", "ownerReferences": [tenant, team]}})
	v.details.fix == [
		{"op": "test", "path": "/metadata/ownerReferences", "value": [tenant, team]},
		{"op": "replace", "path": "/metadata/ownerReferences", "value": [tenant]},
	]
}

test_the_fix_removes_the_list_when_no_owner_is_accepted if {
	team := {"apiVersion": "example.com/v1", "kind": "Team", "name": "db", "uid": "1"}
	some v in _asked({"kind": "Namespace", "metadata": {"name": "shop", "ownerReferences": [team]}})
	v.details.fix == [
		{"op": "test", "path": "/metadata/ownerReferences", "value": [team]},
		{"op": "remove", "path": "/metadata/ownerReferences"},
	]
}

_asked(namespace) := result if {
	result := namespace_owner_reference.violation with input as {
		"review": {"object": namespace},
		"parameters": {
			"severities": ["high", "critical", "low"], "unknown": "deny", "maxExemptionDays": 90,
			"allowedOwners": ["capsule.clastix.io/Tenant"], "minOwnerAgeMinutes": 10,
		},
	}
		with data.inventory as {}
}
