# METADATA
# title: A volume for one node is attached to one node
# description: |
#   A volume that is neither ReadWriteMany nor ReadOnlyMany carries a file system that one kernel owns. Attached to a
#   second node, usually because the first was unreachable and its volume was detached by force, two kernels write to
#   it, and neither knows of the other: the file system and the database on it are corrupt within seconds.
# related_resources:
#   - ref: https://github.com/kubernetes/kubernetes/issues/61832
#     description: why detaching by force needs fencing
#   - ref: https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/
#     description: force detach, and how to take a dead node out of service
#   - ref: https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume-attachment-v1/
#     description: VolumeAttachment
# custom:
#   severities: [critical]
#   incidents: [force-detach-double-write]
#   remediation: |
#     Stop the writers on every node that is named, before anything else:
#     kubectl scale statefulset NAME -n NAMESPACE --replicas=0
#     Power off or fence the node that should not have the volume; a node that is NotReady may still be writing.
#     Wait until one VolumeAttachment is left (kubectl get volumeattachments), check the file system (fsck) and the
#     database before you start it again, and compare with the last backup.
#   match:
#     kinds:
#       - {apiGroups: [storage.k8s.io], kinds: [VolumeAttachment]}
#       - {apiGroups: [""], kinds: [Node]}
#   asks: [state]
#   reads: [v1/Namespace, v1/Node, v1/PersistentVolume, v1/PersistentVolumeClaim, storage.k8s.io/v1/VolumeAttachment]
#   parameters: {type: object, default: {}}
package volume_multi_attached

import data.lib.asked
import data.lib.attachment
import data.lib.classify
import data.lib.meta
import data.lib.storage
import data.lib.text
import data.lib.verdict

violation contains v if {
	some v in verdict.state("volume-multi-attached", _problems(asked.object), {p | some p in _problems(asked.before)})
}

_problems(obj) := {_problem(obj, place) | some place in (_of_attachment(obj) | _of_node(obj))}

_problem(obj, place) := object.union(
	{
		"msg": sprintf("%s %s while %s %s: they %s write to it together, which corrupts the data on it", [
			meta.name(obj),
			place.text,
			text.joined(sort({other.node | some other in place.others})),
			_have(place.others),
			_can(place.unknown),
		]),
		"field": meta.pointer(place.path),
		"severity": "critical",
		"related": sort({other.key | some other in place.others}),
	},
	_named(sort(place.unknown)),
)

# Every VolumeAttachment of such a volume is reported: nobody knows which of them is wrong.
_of_attachment(obj) := {{
	"path": ["spec", "nodeName"],
	"text": sprintf("%s %s to %s", [_attaches(obj), volume.text, obj.spec.nodeName]),
	"others": others,
	"unknown": union({volume.unknown, _unsure({own}), _unsure(others)}),
} |
	not _detached(obj)
	volume := _volume(obj.spec.source)
	own := {"certain": _certain(obj), "key": _key(meta.simple(obj))}
	others := _surest({{"node": other.node, "certain": other.certain, "key": _key(other.name)} |
		some other in attachment.of_volume(attachment.volume(obj))
		other.node != obj.spec.nodeName
	})
}

# Who creates an attachment asks for it, whatever its status says: the API server gives every new one a status that is
# not attached (k8s.io/api v0.36 storage/v1, VolumeAttachmentStatus: attached is not omitted).
_detached(obj) if {
	not input.review.operation == "CREATE"
	obj.status.attached == false
}

_certain(obj) := attachment.certain(obj) if {
	not input.review.operation == "CREATE"
} else := true

# A Node speaks for volumes of which VolumeAttachments do not say the same already.
_of_node(obj) := {{
	"path": ["status", "volumesAttached", i, "name"],
	"text": sprintf("has %s attached", [volume.text]),
	"others": others,
	"unknown": volume.unknown,
} |
	some i, entry in obj.status.volumesAttached
	others := _surest({{"node": node, "certain": true, "key": meta.key("v1", "Node", "", node)} |
		some node in attachment.nodes_by_volume[entry.name]
		node != meta.simple(obj)
	})
	not _attachments_say_so(entry.name)
	volume := _volume_of_key(entry.name)
}

_attachments_say_so(key) if {
	count({other.node | some other in attachment.of_volume(key); other.certain}) > 1
}

# Those that surely have the volume, else those that may; undefined for nobody.
_surest(others) := sure if {
	sure := {other | some other in others; other.certain}
	count(sure) > 0
} else := others if {
	count(others) > 0
}

_unsure(places) := {place.key | some place in places; not place.certain}

_key(name) := meta.key("storage.k8s.io/v1", "VolumeAttachment", "", name)

# What is attached, as {text, unknown}; undefined for a volume that several nodes may have, or that may be lost.
_volume(source) := _described(volume) if {
	volume := storage.volume(source.persistentVolumeName)
} else := {
	"text": sprintf("volume %s, which nobody showed and which may be for one node only,", [source.persistentVolumeName]),
	"unknown": {meta.key("v1", "PersistentVolume", "", source.persistentVolumeName)},
} if {
	not storage.volume(source.persistentVolumeName)
} else := {"text": sprintf("the volume %s of a pod", [source.inlineVolumeSpec.csi.volumeHandle]), "unknown": set()} if {
	_one_node({"spec": source.inlineVolumeSpec})
}

_volume_of_key(key) := _described(storage.volume(sort(names)[0])) if {
	names := {name | some name in attachment.volumes_of_key(key); _described(storage.volume(name))}
} else := {
	"text": sprintf("volume %s, which nobody showed and which may be for one node only,", [key]),
	"unknown": {sprintf("v1/PersistentVolume of %s", [key])},
} if {
	count(attachment.volumes_of_key(key)) == 0
}

_described(volume) := {
	"text": sprintf("volume %s%s (%s)", [
		meta.simple(volume),
		_claim(volume),
		concat(" and ", storage.modes(volume)),
	]),
	"unknown": set(),
} if {
	count(storage.modes(volume)) > 0
	_one_node(volume)
} else := {
	"text": sprintf("volume %s%s, whose access modes nobody showed,", [meta.simple(volume), _claim(volume)]),
	"unknown": {meta.key("v1", "PersistentVolume", "", meta.simple(volume))},
} if {
	_one_node(volume)
}

_one_node(volume) if {
	count(storage.modes(volume) & {"ReadWriteMany", "ReadOnlyMany"}) == 0
	not classify.disposable_volume(volume)
}

_claim(volume) := sprintf(" of claim %s/%s", [ref.namespace, ref.name]) if {
	ref := volume.spec.claimRef
} else := ""

_attaches(obj) := "attaches" if {
	_certain(obj)
} else := "may attach"

_have(others) := "has it too" if {
	count(others) == 1
	_unsure(others) == set()
} else := "have it too" if {
	_unsure(others) == set()
} else := "may have it too"

_can(unknown) := "can" if {
	count(unknown) == 0
} else := "may"

_named(unknown) := {"unknown": unknown} if {
	count(unknown) > 0
} else := {}
