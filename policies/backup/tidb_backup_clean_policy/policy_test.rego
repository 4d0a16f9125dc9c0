package tidb_backup_clean_policy_test

import data.tidb_backup_clean_policy

test_a_backup_without_metadata_gets_a_name if {
	some v in _asked({"kind": "Backup", "spec": {"cleanPolicy": "Delete"}})
	startswith(v.msg, "Backup (unnamed) has cleanPolicy Delete")
}

test_a_name_that_is_generated_is_shown_with_a_star if {
	some v in _asked({"kind": "Backup", "metadata": {"generateName": "full-"}, "spec": {"cleanPolicy": "Delete"}})
	startswith(v.msg, "Backup full-* has cleanPolicy Delete")
}

test_a_policy_that_is_null_is_not_set if {
	some v in _asked({"kind": "Backup", "spec": {"backupMode": "log", "cleanPolicy": null}})
	v.details.severity == "medium"
}

test_a_mark_that_is_not_true_is_no_mark if {
	schedule := {
		"kind": "BackupSchedule",
		"metadata": {"annotations": {"data-guard.dev/versioned-bucket": "yes"}},
		"spec": {"maxReservedTime": "72h", "backupTemplate": {"cleanPolicy": "Delete"}},
	}
	count(_asked(schedule)) == 1
}

test_two_owners_that_control_are_no_error if {
	owner := {"apiVersion": "pingcap.com/v1alpha1", "kind": "BackupSchedule", "name": "nightly", "controller": true}
	owners := [owner, object.union(owner, {"name": "weekly"})]
	backup := {"kind": "Backup", "metadata": {"namespace": "tidb", "ownerReferences": owners}, "spec": {"cleanPolicy": "Delete"}}
	count(_asked(backup)) == 1
}

test_odd_shapes_are_no_errors if {
	every spec in [null, [], "Delete", {}, {"cleanPolicy": ["Delete"]}, {"backupTemplate": null, "logBackupTemplate": []}] {
		count(_asked({"kind": "Backup", "spec": spec})) == 0
		count(_asked({"kind": "BackupSchedule", "spec": spec})) == 0
		count(_asked({"kind": "VolumeBackupSchedule", "spec": spec})) == 0
	}
	count(_asked({})) == 0
}

_asked(obj) := result if {
	result := tidb_backup_clean_policy.violation with input as {
		"review": {"object": obj},
		"parameters": {"severities": ["high", "medium"], "unknown": "deny"},
	}
}
