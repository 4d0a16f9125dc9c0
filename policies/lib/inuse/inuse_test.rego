package lib.inuse_test

import data.lib.inuse

test_a_volume_that_is_reserved_for_a_databases_claim_is_in_use if {
	inuse.by_volume == {"pv-1": {"Deployment shop/pg"}} with data.inventory as _world(
		{"pv-1": {"claimRef": {"namespace": "shop", "name": "pg"}}, "pv-2": {"claimRef": {"namespace": "shop", "name": "other"}}},
		{"apps/v1": {"Deployment": {"pg": _workload("Deployment", "pg", {})}}},
	)
}

test_a_volume_that_the_claim_names_is_in_use if {
	inuse.by_volume == {"pv-1": {"Deployment shop/pg"}} with data.inventory as _world({"pv-1": {}}, {
		"apps/v1": {"Deployment": {"pg": _workload("Deployment", "pg", {})}},
		"v1": {"PersistentVolumeClaim": {"pg": {"spec": {"volumeName": "pv-1"}}}},
	})
}

test_a_pod_counts_although_a_workload_made_it if {
	pod := {
		"kind": "Pod",
		"metadata": {"namespace": "shop", "name": "pg-1", "ownerReferences": [{"kind": "ReplicaSet", "name": "pg", "controller": true}]},
		"spec": _pod({}),
	}
	inuse.by_volume == {"pv-1": {"Pod shop/pg-1"}} with data.inventory as _world(
		{"pv-1": {"claimRef": {"namespace": "shop", "name": "pg"}}},
		{"v1": {"Pod": {"pg-1": pod}}},
	)
}

test_claims_that_a_template_made_are_found_by_their_stem if {
	set_ := object.union(_workload("StatefulSet", "pg", {}), {"spec": {"volumeClaimTemplates": [{"metadata": {"name": "data"}}]}})
	inuse.by_volume == {"pv-1": {"StatefulSet shop/pg"}, "pv-2": {"StatefulSet shop/pg"}} with data.inventory as _world(
		{"pv-1": {"claimRef": {"namespace": "shop", "name": "data-pg-0"}}, "pv-2": {}, "pv-3": {"claimRef": {"namespace": "shop", "name": "data-pg2-0"}}},
		{"apps/v1": {"StatefulSet": {"pg": set_}}, "v1": {"PersistentVolumeClaim": {"data-pg-1": {"spec": {"volumeName": "pv-2"}}}}},
	)
}

test_readers_and_programs_without_data_use_no_volume if {
	volumes := {"pv-1": {"claimRef": {"namespace": "shop", "name": "pg"}}}
	every workload in [
		_workload("Deployment", "pg", {"readOnly": true}),
		object.union(_workload("Deployment", "pg", {}), {"metadata": {"annotations": {"data-guard.dev/data": "false"}}}),
	] {
		inuse.by_volume == {} with data.inventory as _world(volumes, {"apps/v1": {"Deployment": {"pg": workload}}})
	}
}

test_nothing_shown_is_nothing_known if {
	inuse.by_volume == {} with data.inventory as {}
}

_workload(kind, name, mount) := {
	"kind": kind,
	"metadata": {"namespace": "shop", "name": name},
	"spec": {"template": {"spec": _pod(mount)}},
}

_pod(mount) := {
	"containers": [{
		"name": "postgres", "image": "postgres:17",
		"volumeMounts": [object.union({"name": "data", "mountPath": "/var/lib/postgresql/data"}, mount)],
	}],
	"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "pg"}}],
}

_world(volumes, objects) := {
	"cluster": {"v1": {"PersistentVolume": {name: {"metadata": {"name": name}, "spec": spec} | some name, spec in volumes}}},
	"namespace": {"shop": objects},
}
