package lib.recovery_test

import data.lib.recovery

test_a_ready_snapshot_of_the_claim_counts if {
	recovery.recent("shop", "data", 24) with data.inventory as _snapshot({}, 1)
}

test_an_old_snapshot_does_not if {
	not recovery.recent("shop", "data", 24) with data.inventory as _snapshot({}, 25)
}

test_a_snapshot_that_is_not_ready_does_not if {
	not recovery.recent("shop", "data", 24) with data.inventory as _snapshot({"readyToUse": false}, 1)
}

test_a_snapshot_without_a_readable_time_does_not if {
	not recovery.recent("shop", "data", 24) with data.inventory as _snapshot({"creationTime": "today"}, 1)
}

test_a_snapshot_of_another_claim_does_not if {
	not recovery.recent("shop", "log", 24) with data.inventory as _snapshot({}, 1)
	not recovery.recent("test", "data", 24) with data.inventory as _snapshot({}, 1)
}

test_a_backup_of_the_namespace_counts if {
	every spec in [
		{},
		{"includedNamespaces": []},
		{"includedNamespaces": null},
		{"includedNamespaces": ["*"]},
		{"includedNamespaces": ["shop"], "excludedNamespaces": ["test"]},
	] {
		recovery.recent("shop", "data", 24) with data.inventory as _backup("Completed", object.union({"snapshotMoveData": true}, spec), 1)
	}
}

test_a_backup_without_the_namespace_does_not if {
	every spec in [{"includedNamespaces": ["test"]}, {"excludedNamespaces": ["shop"]}] {
		not recovery.recent("shop", "data", 24) with data.inventory as _backup(
			"Completed",
			object.union({"defaultVolumesToFsBackup": true}, spec), 1,
		)
	}
}

test_a_backup_of_objects_alone_does_not if {
	not recovery.recent("shop", "data", 24) with data.inventory as _backup("Completed", {}, 1)
	not recovery.recent("shop", "data", 24) with data.inventory as _backup("Completed", {"snapshotMoveData": false}, 1)
}

test_a_backup_that_failed_or_is_old_does_not if {
	not recovery.recent("shop", "data", 24) with data.inventory as _backup("PartiallyFailed", {"snapshotMoveData": true}, 1)
	not recovery.recent("shop", "data", 24) with data.inventory as _backup("Completed", {"snapshotMoveData": true}, 25)
}

test_nothing_shown_is_no_copy if {
	not recovery.recent("shop", "data", 24)
}

_snapshot(status, hours) := {"namespace": {"shop": {"snapshot.storage.k8s.io/v1": {"VolumeSnapshot": {"a": {
	"spec": {"source": {"persistentVolumeClaimName": "data"}},
	"status": object.union({"readyToUse": true, "creationTime": _ago(hours)}, status),
}}}}}}

_backup(phase, spec, hours) := {"namespace": {"velero": {"velero.io/v1": {"Backup": {"a": {
	"spec": spec,
	"status": {"phase": phase, "completionTimestamp": _ago(hours)},
}}}}}}

_ago(hours) := time.format([time.now_ns() - (((hours * 3600) * 1000) * 1000000), "UTC", "2006-01-02T15:04:05Z07:00"])
