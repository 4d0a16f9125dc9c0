# METADATA
# description: |
#   What a claim's data could be had from again: VolumeSnapshots of the claim that are ready, and completed Velero
#   backups of its namespace that copy what is in volumes. Whether they can be restored, and whether a snapshot lies
#   on the disk that it is of, is not seen here.
package lib.recovery

import data.lib.clock

# METADATA
# description: Some such copy is at most that many hours old.
recent(ns, claim_name, hours) if {
	some made in _snapshots(sprintf("%s/%s", [ns, claim_name]))
	made >= time.now_ns() - clock.hours(hours)
}

recent(ns, _, hours) if {
	some backup in _backups
	backup.made >= time.now_ns() - clock.hours(hours)
	_included(backup.spec, ns)
	not ns in object.get(backup.spec, "excludedNamespaces", [])
}

# METADATA
# custom: {index: snapshots_by_claim}
_snapshots(key) := {made |
	[ns, name] := split(key, "/")
	some snapshot in data.inventory.namespace[ns]["snapshot.storage.k8s.io/v1"].VolumeSnapshot
	snapshot.spec.source.persistentVolumeClaimName == name
	snapshot.status.readyToUse == true
	made := clock.instant(snapshot.status.creationTime)
}

# METADATA
# description: |
#   When the ready snapshots of a claim were made, in nanoseconds, by "namespace/name" of the claim.
snapshots_by_claim := {key: instants |
	some key in {key | some [key, _] in _ready}
	instants := {made |
		some [other, made] in _ready
		key == other
	}
}

_ready := {[key, made] |
	some ns, versions in data.inventory.namespace
	some snapshot in versions["snapshot.storage.k8s.io/v1"].VolumeSnapshot
	snapshot.status.readyToUse == true
	made := clock.instant(snapshot.status.creationTime)
	key := sprintf("%s/%s", [ns, snapshot.spec.source.persistentVolumeClaimName])
}

# A backup copies volumes when it is told to; else it depends on what the storage's driver can do, which is little for
# a node's disk (https://velero.io/docs/main/file-system-backup/, https://velero.io/docs/main/csi-snapshot-data-movement/).
_backups := {{"made": clock.instant(backup.status.completionTimestamp), "spec": backup.spec} |
	some versions in data.inventory.namespace
	some backup in versions["velero.io/v1"].Backup
	backup.status.phase == "Completed"
	true in {backup.spec[option] | some option in ["defaultVolumesToFsBackup", "snapshotMoveData"]}
}

_included(spec, ns) if {
	some name in [ns, "*"]
	name in spec.includedNamespaces
}

# Absent or empty means all.
_included(spec, _) if {
	count([name | some name in spec.includedNamespaces]) == 0
}
