package protective_finalizer_removed_test

import data.protective_finalizer_removed

_held := {"kind": "PersistentVolume", "metadata": {"name": "pv-1", "finalizers": ["kubernetes.io/pv-protection"]}}

test_however_the_list_is_emptied_the_finalizer_is_lost if {
	every new in [
		{}, {"metadata": null}, {"metadata": {}}, {"metadata": {"finalizers": null}}, {"metadata": {"finalizers": []}},
		{"metadata": {"finalizers": {"0": "kubernetes.io/pv"}}}, {"metadata": {"finalizers": "kubernetes.io/pv-protection"}},
	] {
		some v in _updated(_held, new, {})
		v.msg == "PersistentVolume pv-1 loses finalizer kubernetes.io/pv-protection: its deletion will not wait until its controller has made sure that no data is lost"
	}
}

test_where_there_was_nothing_nothing_is_lost if {
	every old in [{}, {"metadata": null}, {"metadata": {"finalizers": null}}, {"metadata": {"finalizers": [5, null]}}] {
		_updated(old, {}, {}) == set()
	}
}

test_a_user_without_a_name_is_nobody if {
	count(_updated(_held, {}, {"userInfo": {"username": ""}})) == 1
	count(_updated(_held, {}, {"userInfo": {"username": "system:kube-controller-manager"}})) == 0
}

test_groups_that_are_no_list_hold_nobody if {
	count(_updated(_held, {}, {"userInfo": {"groups": null}})) == 1
	count(_updated(_held, {}, {"userInfo": {"groups": "break-glass-not"}})) == 1
}

test_a_request_without_an_old_object_loses_nothing if {
	_updated(null, {}, {}) == set()
}

test_only_a_namespace_that_is_finalized_loses_what_its_spec_lists if {
	old := {"kind": "Namespace", "metadata": {"name": "shop"}, "spec": {"finalizers": ["kubernetes"]}}
	count(_updated(old, {}, {"subResource": "finalize"})) == 1
	count(_updated(old, {}, {"subResource": "status"})) == 0
}

# Two files: a time of its own would tell the live object that a manifest is laid over.
test_without_a_time_on_the_old_side_nothing_is_laid_over if {
	every time in [{}, {"creationTimestamp": null}] {
		old := {"kind": "PersistentVolume", "metadata": object.union(_held.metadata, object.union({"uid": "5c1d"}, time))}
		new := {"kind": "PersistentVolume", "metadata": {"name": "pv-1", "uid": "5c1d"}}
		count(_updated(old, new, {})) == 1
	}
}

test_the_status_of_a_backup_has_conditions_or_says_nothing if {
	every status in [null, [], {"conditions": null}, {"conditions": []}, {"conditions": [{}], "backupPath": null}] {
		old := {
			"kind": "Backup",
			"metadata": {"name": "full", "finalizers": ["tidb.pingcap.com/backup-protection"]},
			"status": status,
		}
		count(_updated(old, {}, {})) == 1
	}
}

_updated(old, new, request) := result if {
	result := protective_finalizer_removed.violation with input as {
		"review": object.union({"operation": "UPDATE", "object": new, "oldObject": old}, request),
		"parameters": {
			"severities": ["high"],
			"unknown": "deny",
			"maxExemptionDays": 366,
			"finalizers": ["kubernetes", "kubernetes.io/pv-protection", "tidb.pingcap.com/backup-protection"],
			"controllers": ["system:kube-controller-manager"],
			"breakGlassGroups": ["break-glass"],
		},
	}
}
