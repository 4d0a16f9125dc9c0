# METADATA
# title: A StorageClass that keeps data goes on doing so
# description: |
#   A volume takes its reclaim policy from its class once, when it is made. A class of that name which deletes, because
#   it says Delete or nothing at all, makes volumes whose data goes with their claims, while everybody still counts on
#   the class. reclaimPolicy and parameters are immutable: such a change is a deletion and a creation in the cluster, and
#   shows as a change only where manifests are compared. The same holds for what a provisioner does with the
#   directory of a deleted volume (onDelete, archiveOnDelete), and for claims that name no class when another class
#   becomes the default.
#   nfs-subdir-external-provisioner reads the class when a volume is deleted, so that volumes that exist are hit as well.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/storage/storage-classes/#reclaim-policy
#     description: Delete is the default
#   - ref: https://kubernetes.io/docs/concepts/storage/storage-classes/#default-storageclass
#     description: of several default classes the newest counts
#   - ref: https://github.com/kubernetes-sigs/nfs-subdir-external-provisioner/blob/master/cmd/nfs-subdir-external-provisioner/provisioner.go
#     description: Delete, which looks onDelete and archiveOnDelete up in the class
#   - ref: https://github.com/kubernetes-csi/csi-driver-nfs/blob/master/docs/driver-parameters.md
#     description: onDelete of csi-driver-nfs, delete by default
# custom:
#   severities: [high]
#   incidents: [nfs-recycle-postgres]
#   weakens: true
#   remediation: |
#     Give the class that deletes a name of its own, and leave the one that keeps data as it is.
#     Volumes that were made meanwhile: kubectl patch pv VOLUME -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'
#   match:
#     kinds: [{apiGroups: [storage.k8s.io], kinds: [StorageClass]}]
#   asks: [create, update]
#   reads: [storage.k8s.io/v1/StorageClass, v1/Namespace]
#   parameters: {type: object, default: {}}
package sc_reclaim_downgrade

import data.lib.asked
import data.lib.classify
import data.lib.clock
import data.lib.meta
import data.lib.storage
import data.lib.verdict

violation contains v if {
	problems := _downgraded(asked.update.old, asked.update.new) | _promoted(asked.update.old, asked.update.new)
	some v in verdict.update("sc-reclaim-downgrade", problems)
}

violation contains v if {
	some v in verdict.create("sc-reclaim-downgrade", _promoted({}, asked.create))
}

_downgraded(old, new) := {{
	"msg": sprintf("%s %s: the data in %s", [meta.name(new), cause.text, cause.hit]),
	"field": cause.field,
	"severity": "high",
} |
	_keeps(old)
	not _keeps(new)
	not _disposable(old, new)
	cause := _cause(old, new)
}

_cause(old, new) := {"text": _policy_text(new), "field": "/reclaimPolicy", "hit": _new_volumes} if {
	old.reclaimPolicy == "Retain"
} else := {
	"text": sprintf("has provisioner %s instead of %s", [new.provisioner, old.provisioner]),
	"field": "/provisioner",
	"hit": _new_volumes,
} if {
	new.provisioner != old.provisioner
} else := {
	"text": sprintf("has parameter %s %s instead of %s", [name, _shown(new, name), _shown(old, name)]),
	"field": meta.pointer(["parameters", name]),
	"hit": _hit(new),
} if {
	name := min({name |
		some class in [old, new]
		some name, _ in class.parameters
		lower(name) in {"archiveondelete", "ondelete"}
		_shown(old, name) != _shown(new, name)
	})
}

_policy_text(new) := "has reclaimPolicy Delete instead of Retain" if {
	new.reclaimPolicy == "Delete"
} else := "no longer has reclaimPolicy Retain, and the default is Delete"

_shown(class, name) := value if {
	value := json.marshal(class.parameters[name])
} else := "none"

_new_volumes := "volumes that it makes from now on goes with their claims"

_hit(new) := "all its volumes, those that exist included, goes with their claims" if {
	_subdir(new)
} else := _new_volumes

# A class that deletes becomes the default where one that keeps data was it.
_promoted(old, new) := {{
	"msg": sprintf("%s becomes the default class in place of %s, which keeps data: for claims that name no class, the data goes with the claim", [
		meta.name(new),
		current,
	]),
	"field": meta.pointer(["metadata", "annotations", key]),
	"severity": "high",
	"related": [meta.key("storage.k8s.io/v1", "StorageClass", "", current)],
} |
	key := min(_marks(new))
	count(_marks(old)) == 0
	not _keeps(new)
	current := storage.default_class
	_keeps(storage.class(current))
	not _newer(storage.class(current), new)
	not _disposable(old, new)
}

_marks(class) := {key |
	some key in ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"]
	class.metadata.annotations[key] == "true"
}

# Of several default classes the newest counts (pkg/volume/util/storageclass.go, GetDefaultClass).
_newer(class, other) if clock.instant(class.metadata.creationTimestamp) > clock.instant(other.metadata.creationTimestamp)

_keeps(class) if class.reclaimPolicy == "Retain"

_keeps(class) if {
	class.provisioner == "nfs.csi.k8s.io"
	some name, value in class.parameters
	lower(name) == "ondelete"
	lower(value) in {"archive", "retain"}
}

_keeps(class) if {
	_subdir(class)
	class.parameters.onDelete == "retain"
}

# It archives where nobody said anything, and fails to delete where what they said is no truth value.
_keeps(class) if {
	_subdir(class)
	not object.get(class, ["parameters", "onDelete"], "") == "delete"
	not object.get(class, ["parameters", "archiveOnDelete"], "") in {"0", "F", "FALSE", "False", "f", "false"}
}

# nfs-subdir-external-provisioner and nfs-client-provisioner, which it was before. Each release may have a name of its
# own; the parameter is theirs alone.
_subdir(class) if class.provisioner == "fuseim.pri/ifs"

_subdir(class) if regex.match(`nfs-(client|subdir-external)-provisioner$`, class.provisioner)

_subdir(class) if class.parameters.archiveOnDelete

_disposable(old, new) if {
	classify.disposable(new)
	every side in [old | old != {}] {
		classify.disposable(side)
	}
}
