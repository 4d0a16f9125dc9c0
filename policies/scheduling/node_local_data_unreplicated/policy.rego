# METADATA
# title: Data has a second copy beyond one node's disk
# description: |
#   A volume on a node's disk is as durable as that disk and that node: a broken disk, a reinstalled node, a wrong
#   move of a directory, and the data is gone. Replicas help only where the engine copies data between them.
#   High in a live inventory (volumes are shown with their status) that shows no copy of the last maxBackupAgeHours: a
#   VolumeSnapshot of the claim that is ready, or a completed Velero backup of the namespace that copies volumes.
#   Otherwise medium: such a copy softens the loss, and a snapshot may lie on the very same disk. Backups made by
#   other means are not seen; what an engine replicates by its configuration files alone is not seen either.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/storage/volumes/#local
#     description: potential data loss, depending on the durability of the underlying disk
# custom:
#   severities: [medium, high]
#   incidents: [kubelet-dir-move]
#   remediation: |
#     Make a backup that leaves the node first, then run more than one member of an engine that replicates, on
#     different nodes, or move the data to a class whose storage keeps copies:
#     kubectl get storageclass -o custom-columns=NAME:.metadata.name,PROVISIONER:.provisioner
#   match:
#     kinds:
#       - {apiGroups: [""], kinds: [Pod, ReplicationController]}
#       - {apiGroups: [apps], kinds: [DaemonSet, Deployment, ReplicaSet, StatefulSet]}
#       - {apiGroups: [apps.kruise.io], kinds: [CloneSet, DaemonSet, StatefulSet]}
#       - {apiGroups: [apps.pingcap.com], kinds: [StatefulSet]}
#       - {apiGroups: [argoproj.io], kinds: [Rollout]}
#   asks: [state]
#   reads:
#     - snapshot.storage.k8s.io/v1/VolumeSnapshot
#     - storage.k8s.io/v1/StorageClass
#     - v1/Namespace
#     - v1/PersistentVolume
#     - v1/PersistentVolumeClaim
#     - velero.io/v1/Backup
#   parameters:
#     type: object
#     default: {}
#     properties:
#       allowedNamespaces:
#         description: Namespaces in which one copy on one node is accepted, such as those of an edge site with one node.
#         type: array
#         items: {type: string}
#         default: []
#       maxBackupAgeHours:
#         description: How many hours old the newest copy may be.
#         type: integer
#         minimum: 1
#         default: 24
package node_local_data_unreplicated

import data.lib.asked
import data.lib.classify
import data.lib.engines
import data.lib.meta
import data.lib.recovery
import data.lib.storage
import data.lib.verdict
import data.lib.workload

violation contains v if {
	some v in verdict.state("node-local-data-unreplicated", _problems(asked.object), {p | some p in _problems(asked.before)})
}

# One harm, one finding: what is sure before what may be, then the worst.
_problems(obj) := {object.union(
	{"msg": sprintf("%s keeps one copy of %s", [meta.name(obj), worst.text]), "field": meta.pointer(worst.path), "severity": worst.severity},
	object.filter(worst, ["unknown"]),
) |
	worst := sort([[count(object.get(harm, "unknown", [])), harm.severity, harm] | some harm in _harms(obj)])[0][2]
	not meta.namespace(obj) in input.parameters.allowedNamespaces
	not classify.disposable(obj)
}

_harms(obj) := {object.union(_harm(obj, kept.what, place), object.filter(place, ["path", "unknown"])) |
	some kept in _kept(obj)
	some place in ((_host_paths(obj, kept) | _claims(obj, kept)) | _templates(obj, kept))
}

_harm(obj, what, place) := {"severity": "medium", "text": sprintf(
	"%s, and that may be on one node's disk: nobody showed %s",
	[what, place.text],
)} if {
	place.unknown
} else := {"severity": "high", "text": sprintf(
	"%s, on one node's disk (%s), and no snapshot or backup of the last %d hours is shown: when that node or disk is lost, so is the data",
	[what, place.text, input.parameters.maxBackupAgeHours],
)} if {
	place.live
	not recovery.recent(meta.namespace(obj), place.claim, input.parameters.maxBackupAgeHours)
} else := {"severity": "medium", "text": sprintf(
	"%s, on one node's disk (%s): when that node or disk is lost, so is the data",
	[what, place.text],
)}

# The pod's volumes with data of which there is no second copy; certain tells that they hold it.
_kept(obj) := {{"volume": used.mount.name, "certain": used.certain, "what": what} |
	some used in workload.data_mounts(obj)
	what := _single(obj, used.engine)
} | {{"volume": mount.name, "certain": false, "what": "its data"} |
	classify.data_workload(obj)
	count(workload.serves(obj)) == 0
	not _several(obj)
	some entry in workload.running(obj)
	some mount in entry.container.volumeMounts
	not mount.readOnly == true
}

_single(obj, engine) := sprintf("each pod's data (%s alone copies nothing between pods)", [engine]) if {
	_several(obj)
	not engines.table[engine].copies
	not workload.replicates(obj)
} else := "its data" if {
	not _several(obj)
}

_several(obj) if workload.replicas(obj) > 1

_several(obj) if obj.kind == "DaemonSet"

# Neither snapshots nor Velero take what is in a hostPath volume.
_host_paths(obj, kept) := {{
	"text": sprintf("host path %s", [entry.volume.hostPath.path]),
	"path": array.concat(entry.path, ["hostPath", "path"]),
	"live": storage.live,
	"claim": "",
} |
	kept.certain
	some entry in workload.volumes(obj)
	entry.volume.name == kept.volume
}

_claims(obj, kept) := {object.union(place, {"path": claim.path}) |
	some claim in workload.claims(obj)
	claim.volume == kept.volume
	place := _of_name(meta.namespace(obj), claim.name)
}

_of_name(ns, name) := _of_claim(storage.claim(ns, name))

_of_name(ns, name) := {"text": sprintf("claim %s", [name]), "unknown": [meta.key("v1", "PersistentVolumeClaim", ns, name)]} if {
	not storage.claim(ns, name)
}

# A volume that is shown decides, else the class that makes it.
_of_claim(claim) := _of_volume(claim, _volume(claim))

_of_claim(claim) := _of_class(claim, sprintf("claim %s", [meta.simple(claim)]), _volume_key(claim)) if {
	not _volume(claim)
}

_volume(claim) := storage.volume(storage.volume_name(claim))

_of_volume(claim, volume) := {
	"text": sprintf("claim %s, volume %s", [meta.simple(claim), volume.metadata.name]),
	"claim": meta.simple(claim),
	"live": object.get(volume, ["status", "phase"], "") != "",
} if {
	storage.node_local(volume)
}

_volume_key(claim) := meta.key("v1", "PersistentVolume", "", name) if {
	name := storage.volume_name(claim)
} else := sprintf("v1/PersistentVolume of %s", [meta.key("v1", "PersistentVolumeClaim", meta.namespace(claim), meta.simple(claim))])

# Claims of a StatefulSet's pods say more than the template that they were made from.
_templates(obj, kept) := {object.union(place, {"path": ["spec", "volumeClaimTemplates", i, "spec", "storageClassName"]}) |
	some i, template in workload.claim_templates(obj)
	template.metadata.name == kept.volume
	some place in _of_template(obj, template)
}

_of_template(obj, template) := {_of_claim(claim) | some claim in _made(obj, template)} if {
	count(_made(obj, template)) > 0
} else := {_of_class(
	template,
	sprintf("claim template %s", [template.metadata.name]),
	sprintf("v1/PersistentVolume of claim template %s of %s", [template.metadata.name, meta.qualified(obj)]),
)}

_made(obj, template) := {claim |
	some claim in workload.own_claims(obj)
	startswith(claim.metadata.name, sprintf("%s-%s-", [template.metadata.name, obj.metadata.name]))
}

_of_class(asked, label, volume_key) := {"text": sprintf("the volume of %s", [label]), "unknown": [volume_key]} if {
	storage.class_name(asked) == ""
} else := {"text": sprintf("%s, class %s", [label, name])} if {
	name := _class_name(asked)
	storage.node_local_class(storage.class(name))
} else := {"text": sprintf("class %s of %s", [name, label]), "unknown": [meta.key("storage.k8s.io/v1", "StorageClass", "", name)]} if {
	name := _class_name(asked)
	not storage.class(name)
} else := {"text": sprintf("the default class, which %s asks for", [label]), "unknown": ["storage.k8s.io/v1/StorageClass (default)"]} if {
	not _class_name(asked)
}

_class_name(asked) := storage.class_name(asked)

_class_name(asked) := storage.default_class if not storage.class_name(asked)
