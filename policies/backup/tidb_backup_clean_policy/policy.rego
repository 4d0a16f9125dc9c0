# METADATA
# title: A TiDB backup outlives the object that made it
# description: |
#   With cleanPolicy Delete the operator answers the deletion of a Backup, by hand, with its namespace, by its schedule's
#   retention or with the schedule itself, with a job that deletes the backup's data. When the job cannot reach the
#   storage, the finalizer holds the Backup and its namespace in Terminating. A schedule's maxBackups counts failed
#   backups too: after as many failures no good backup is left. A log backup is kept by an explicit Retain only, which
#   CRDs since v1.5.5 and v1.6.1 fill in; OnFailure removes what failed and is fine.
# related_resources:
#   - ref: https://docs.pingcap.com/tidb-in-kubernetes/stable/backup-restore-cr/
#     description: cleanPolicy, maxBackups and maxReservedTime
#   - ref: https://github.com/pingcap/tidb-operator/blob/v1.6.5/pkg/backup/backup/backup_cleaner.go
#     description: the clean job
# custom:
#   severities: [high, medium]
#   incidents: [backup-finalizer-deadlock]
#   remediation: |
#     Keep the data, and let the bucket's lifecycle rules expire it:
#     kubectl patch backup NAME --type merge -p '{"spec":{"cleanPolicy":"Retain"}}'
#     kubectl patch backupschedule NAME --type merge -p '{"spec":{"backupTemplate":{"cleanPolicy":"Retain"}}}'
#     Backups that a schedule has made keep their own cleanPolicy: patch them too.
#     Where the schedule's retention is to delete, use maxReservedTime, switch on the bucket's versioning and say so:
#     kubectl annotate backupschedule NAME data-guard.dev/versioned-bucket=true
#   match:
#     kinds:
#       - {apiGroups: [pingcap.com, br.pingcap.com], kinds: [Backup, BackupSchedule]}
#       - {apiGroups: [federation.pingcap.com], kinds: [VolumeBackup, VolumeBackupSchedule]}
#   asks: [state]
#   reads:
#     - v1/Namespace
#     - br.pingcap.com/v1alpha1/BackupSchedule
#     - federation.pingcap.com/v1alpha1/VolumeBackupSchedule
#     - pingcap.com/v1alpha1/BackupSchedule
#   parameters: {type: object, default: {}}
package tidb_backup_clean_policy

import data.lib.asked
import data.lib.classify
import data.lib.meta
import data.lib.patch
import data.lib.verdict

violation contains v if {
	some v in verdict.state("tidb-backup-clean-policy", _problems(asked.object), {p | some p in _problems(asked.before)})
}

_problems(obj) := {{
	"msg": sprintf("%s %s", [meta.name(obj), harm.text]),
	"field": meta.pointer(field),
	"severity": harm.severity,
	"fix": patch.set(obj, field, "Retain"),
} |
	some path in _templates[obj.kind]
	template := object.get(obj, path, null)

	# Only sooner: most schedules have no log backup, and what is no object has no cleanPolicy either.
	is_object(template)
	not classify.disposable(obj)
	not _asked_of_its_schedule(obj, template)
	field := array.concat(path, ["cleanPolicy"])
	harm := _harm(obj, path, template)
}

# Where each kind keeps the specification of a backup (release-1.6 and release-2.1, types.go).
_templates := {
	"Backup": [["spec"]],
	"BackupSchedule": [["spec", "backupTemplate"], ["spec", "logBackupTemplate"]],
	"VolumeBackup": [["spec", "template"]],
	"VolumeBackupSchedule": [["spec", "backupTemplate", "template"]],
}

_harm(obj, path, template) := {"severity": "high", "text": sprintf("has cleanPolicy Delete%s: %s", [_where(path), _deletes(obj)])} if {
	template.cleanPolicy == "Delete"
	not _versioned(obj, template)
} else := {"severity": "medium", "text": sprintf("sets no cleanPolicy for its log backup%s: its data is deleted with the Backup unless the CRD in use fills in Retain", [_where(path)])} if {
	_log(path, template)
	object.get(template, "cleanPolicy", "") in {"", null}
}

_where(path) := "" if {
	path == ["spec"]
} else := sprintf(" in %s", [path[1]])

_deletes(obj) := "whoever deletes it or its namespace deletes the backup's data" if {
	not _schedules[obj.kind]
} else := "whoever deletes it, its namespace or one of its Backups deletes backup data, and so does its maxReservedTime" if {
	obj.spec.maxReservedTime
} else := "failed backups count among its maxBackups, so failures push out good backups, and the data of each is deleted" if {
	obj.spec.maxBackups > 0
} else := "whoever deletes it, its namespace or one of its Backups deletes backup data"

_schedules := {"BackupSchedule", "VolumeBackupSchedule"}

_log(_, template) if template.backupMode == "log"

_log(path, _) if path == ["spec", "logBackupTemplate"]

# Retention deletes on purpose, and a bucket with versions gives back what was deleted in error; snapshots of
# volumes are not in the bucket. A schedule's annotations are copied to the Backups that it makes.
_versioned(obj, template) if {
	obj.kind in {"Backup", "BackupSchedule"}
	meta.annotation(obj, "versioned-bucket") == "true"
	not template.backupMode == "volume-snapshot"
	_retention(obj)
}

_retention(obj) if _schedule(obj)

_retention(obj) if obj.spec.maxBackups > 0

_retention(obj) if obj.spec.maxReservedTime

# A schedule is reported in place of the Backups that it makes alike: refusing them would leave no backup at all.
_asked_of_its_schedule(obj, template) if {
	owner := _schedule(obj)
	schedule := data.inventory.namespace[meta.namespace(obj)][owner.apiVersion][owner.kind][owner.name]
	some path in _templates[owner.kind]
	object.get(schedule, array.concat(path, ["cleanPolicy"]), "") == object.get(template, "cleanPolicy", "")
}

_schedule(obj) := [owner |
	some owner in obj.metadata.ownerReferences
	owner.controller == true
	owner.kind in _schedules
][0]
