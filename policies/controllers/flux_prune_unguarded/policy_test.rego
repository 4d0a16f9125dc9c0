package flux_prune_unguarded_test

import data.flux_prune_unguarded

test_entries_that_are_no_ids_are_passed_over if {
	every entries in [null, [{}], [{"id": null}], [{"id": "shop_data"}], "shop"] {
		count(_asked({"spec": {"prune": true}, "status": {"inventory": {"entries": entries}}})) == 0
	}
}

test_odd_shapes_are_no_errors if {
	every obj in [{}, {"spec": null}, {"spec": {"prune": "true"}}, {"spec": []}] {
		count(_asked(obj)) == 0
	}
}

_asked(obj) := result if {
	result := flux_prune_unguarded.violation with input as {
		"review": {"object": object.union({"kind": "Kustomization", "metadata": {"name": "apps", "namespace": "flux-system"}}, obj)},
		"parameters": {"severities": ["high", "medium"], "unknown": "deny", "maxExemptionDays": 90},
	}
		with data.inventory as {}
}
