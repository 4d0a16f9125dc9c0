# METADATA
# title: Every PersistentVolume has a backend of its own
# description: |
#   Two volumes that point at one directory, at nested directories or at one disk share their fate: when the claim of
#   either goes, its reclaim policy deletes what both hold. Retain on one of them protects nothing, because the sibling
#   decides. And two databases on one directory overwrite each other's files while both look healthy.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming
#     description: what a reclaim policy does to the data
#   - ref: https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/volume/plugins.go
#     description: the scrubber pod deletes the whole directory (NewPersistentVolumeRecyclerPodTemplate)
#   - ref: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#node-affinity
#     description: on which nodes a volume's path is meant
# custom:
#   severities: [high, critical, medium]
#   incidents: [nfs-recycle-postgres]
#   remediation: |
#     Keep the data first, on every volume that is named; it works on bound volumes and restarts nothing:
#     kubectl patch pv NAME -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'
#     Then give each volume a directory or disk of its own. Where several volumes are meant to share one, let one of
#     them own it, the others be read-only, all of them Retain, and say so on each:
#     kubectl annotate pv NAME data-guard.dev/shared-backend=true
#   match:
#     kinds: [{apiGroups: [""], kinds: [PersistentVolume]}]
#   asks: [state]
#   admission: false
#   admissionReason: |
#     Each volume has to be compared with all others: among 10,000 objects that takes up to 0.4 s of a request, where
#     0.1 s is what a webhook may take.
#   reads:
#     - v1/Namespace
#     - v1/PersistentVolume
#     - v1/PersistentVolumeClaim
#     - v1/Pod
#     - apps/v1/DaemonSet
#     - apps/v1/Deployment
#     - apps/v1/ReplicaSet
#     - apps/v1/StatefulSet
#   parameters: {type: object, default: {}}
package pv_backend_overlap

import data.lib.affinity
import data.lib.asked
import data.lib.backend
import data.lib.classify
import data.lib.inuse
import data.lib.meta
import data.lib.storage
import data.lib.text
import data.lib.verdict

violation contains v if {
	some v in verdict.state("pv-backend-overlap", _problems(asked.object), {p | some p in _problems(asked.before)})
}

# One finding a volume: the sibling that does the worst harm is described, the others are counted.
_problems(volume) := {object.union(
	{
		"msg": sprintf("%s (%s) %s: %s%s", [
			meta.name(volume),
			storage.reclaim(volume),
			_relation(volume, harm.sibling, siblings),
			harm.text,
			_more(siblings.names - {harm.sibling}),
		]),
		"field": _field(volume),
		"severity": harm.severity,
		"related": [meta.key("v1", "PersistentVolume", "", harm.sibling)],
	},
	_unknown(volume, harm.sibling, siblings),
) |
	not classify.disposable_volume(volume)
	siblings := _siblings(volume)
	harm := _harm(volume, siblings.names)
}

# Volumes that surely overlap, else those that may.
_siblings(volume) := sure if {
	sure := _disagreeing(volume, backend.overlaps(volume), {"keep": "keep", "is": "is"})
	count(sure.names) > 0
} else := _disagreeing(volume, backend.maybe_overlaps(volume), {"keep": "may keep", "is": "may be"})

# Sharing is meant where both sides say so.
_disagreeing(volume, found, words) := object.union_n([found, words, {"names": all - backend.shared(all)}]) if {
	all := union({found.same, found.above, found.below})
	meta.annotation(volume, "shared-backend") == "true"
} else := object.union_n([found, words, {"names": union({found.same, found.above, found.below})}])

_relation(volume, sibling, siblings) := sprintf("and %s (%s) %s their data in the same place, %s", [
	sibling,
	storage.reclaim(storage.volume(sibling)),
	siblings.keep,
	backend.text(volume),
]) if {
	sibling in siblings.same
} else := sprintf("keeps its data at %s, which %s %s %s (%s), %s", [
	backend.text(volume),
	siblings.is,
	_side(sibling, siblings),
	sibling,
	storage.reclaim(storage.volume(sibling)),
	backend.text(storage.volume(sibling)),
])

_side(sibling, siblings) := "inside" if {
	sibling in siblings.above
} else := "around"

_unknown(volume, sibling, siblings) := {} if {
	siblings.is == "is"
} else := {"unknown": [sprintf("v1/Node of %s and %s", [
	affinity.text(volume),
	affinity.text(storage.volume(sibling)),
])]}

_harm(volume, others) := {"severity": "critical", "sibling": sibling, "text": text} if {
	sibling := min(backend.doomed(others))
	text := _loss(volume, sibling)
} else := {"severity": "critical", "sibling": sibling, "text": text} if {
	not storage.retained(volume)
	sibling := min(others)
	text := sprintf("when the claim of %s goes, data of %s goes with it", [meta.simple(volume), sibling])
} else := {"severity": "critical", "sibling": sibling, "text": text} if {
	[sibling, writer] := _writer(volume, others)
	text := sprintf("the pods of both can overwrite the files of %s", [writer])
} else := {"severity": "high", "sibling": sibling, "text": _overwrite} if {
	sibling := _unshareable(volume, others)
} else := {"severity": "medium", "sibling": sibling, "text": _overwrite} if {
	sibling := min(others)
}

_loss(volume, sibling) := "when the claim of either goes, data of the other goes with it" if {
	not storage.retained(volume)
} else := sprintf("when the claim of %s goes, data of %s goes with it", [sibling, meta.simple(volume)])

_overwrite := "the pods of each can overwrite and delete the files of the other"

# A data workload that writes to a sibling, else to the volume itself.
_writer(volume, others) := found if {
	found := sort([[other, min(inuse.writers(other))] | some other in others])[0]
} else := [min(others), min(inuse.writers(meta.simple(volume)))]

# A sibling with which sharing is not what the access modes say; undefined when there is none.
_unshareable(volume, others) := min(others) if {
	count(storage.modes(volume) & {"ReadWriteMany", "ReadOnlyMany"}) == 0
} else := min(others - backend.shareable(others))

_more(names) := "" if {
	count(names) == 0
} else := sprintf("; %s overlap it: %s", [text.counted(count(names), "more volume"), text.few(sort(names))])

_field(volume) := [meta.pointer(path) |
	some path in [
		["spec", "nfs", "path"], ["spec", "hostPath", "path"], ["spec", "local", "path"],
		["spec", "csi", "volumeHandle"], ["spec", "iscsi"], ["spec", "fc"],
	]
	object.get(volume, path, null) != null
][0]
