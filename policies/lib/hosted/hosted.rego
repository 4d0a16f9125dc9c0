# METADATA
# description: |
#   The data that a node has its hands on: volumes that are attached to it, pods that hold data, volumes on its own
#   disk. What may be lost, and what several nodes may write to anyway, is not among it.
package lib.hosted

import data.lib.affinity
import data.lib.attachment
import data.lib.classify
import data.lib.meta
import data.lib.storage
import data.lib.workload

# METADATA
# description: |
#   Volumes that are attached to the node, by VolumeAttachments and by its status, as {text, names, mounted, unknown}:
#   mounted says that the node reports it in use (status.volumesInUse, which the kubelet writes before it mounts);
#   unknown holds the keys of what nobody showed, and is empty where all is known.
attached(node) := {volume |
	attachments := attachment.on_node(node.metadata.name)
	reported := {entry.name | some entry in node.status.volumesAttached} | _in_use(node)
	some key in (reported | {attachment.volume(one) | some one in attachments})
	own := {one | some one in attachments; attachment.volume(one) == key}
	found := _found(key, own, reported)
	volume := object.union(found, {
		"mounted": key in _in_use(node),
		"unknown": union({found.unknown, _unsure(key in reported, own)}),
	})
}

# METADATA
# description: |
#   Pods on the node that hold data, as {text, volumes, unknown}: volumes are the names of those that they write to.
#   Pods of DaemonSets and of the node's own files end with the node, and those that have ended hold nothing.
pods(node) := {{"text": meta.qualified(pod), "volumes": _volumes(pod), "unknown": unknown} |
	some [ns, name] in _on_node(node.metadata.name)
	pod := data.inventory.namespace[ns].v1.Pod[name]
	not _stays(pod)
	not object.get(pod, ["status", "phase"], "") in {"Succeeded", "Failed"}
	not classify.disposable(pod)
	unknown := _holds(pod)
}

# METADATA
# description: |
#   Volumes on the node's disk that a claim has or had, as {text, names, driver, unknown}: driver is ""
#   where none made it, and unknown is empty.
on_disk(node) := {{
	"text": _text(volume),
	"names": {volume.metadata.name},
	"driver": object.get(volume, ["spec", "csi", "driver"], ""),
	"unknown": set(),
} |
	some name in _near({node.metadata.name} | {value | some value in node.metadata.labels})
	volume := data.inventory.cluster.v1.PersistentVolume[name]
	_on_disk(volume, node)
	not classify.disposable_volume(volume)
}

# The cheap questions first: a cluster has thousands of pods and volumes, and few of them name the node. Scalars are
# compared where they stand: an object that is passed on costs more than all else.
_on_node(node_name) := {[ns, name] |
	some ns
	pods := data.inventory.namespace[ns].v1.Pod
	some name
	pods[name].spec.nodeName == node_name
}

_near(names) := {name |
	volumes := data.inventory.cluster.v1.PersistentVolume
	some name
	terms := volumes[name].spec.nodeAffinity.required.nodeSelectorTerms
	some part in ["matchExpressions", "matchFields"]
	names[terms[_][part][_].values[_]]
}

_on_disk(volume, node) if {
	volume.spec.claimRef.name
	affinity.confines(volume, node)
}

_on_disk(volume, node) if {
	object.get(volume, ["spec", "csi", "driver"], "kubernetes.io/no-provisioner") in storage.node_local_provisioners
	volume.spec.claimRef.name
	storage.node_local(volume)
	affinity.allows(volume, node)
}

_in_use(node) := {key | some key in node.status.volumesInUse}

# Undefined for a volume that is not at stake.
_found(key, own, reported) := {"text": sort({_text(volume) | some volume in risked})[0], "names": {volume.metadata.name | some volume in risked}, "unknown": set()} if {
	risked := {volume | some name in _names(key, own, reported); volume := storage.volume(name); _at_stake(volume)}
	count(risked) > 0
} else := {"text": sprintf("%s of a pod", [source.csi.volumeHandle]), "names": set(), "unknown": set()} if {
	some one in own
	source := one.spec.source.inlineVolumeSpec
	_one_writer({"spec": source})
} else := {"text": sprintf("%s, which nobody showed", [name]), "names": {name}, "unknown": {meta.key("v1", "PersistentVolume", "", name)}} if {
	some name in _names(key, own, reported)
	not storage.volume(name)
} else := {"text": sprintf("%s, which nobody showed", [key]), "names": set(), "unknown": {sprintf("v1/PersistentVolume of %s", [key])}} if {
	count(own) == 0
	count(_names(key, own, reported)) == 0
}

# Attachments name their volume; a key alone has to be looked for.
_names(key, own, reported) := {name | some [other, name] in attachment.volumes_of_keys(reported); other == key} if {
	count(own) == 0
} else := {one.spec.source.persistentVolumeName | some one in own}

_unsure(reported, own) := set() if {
	reported
} else := set() if {
	some one in own
	attachment.certain(one)
} else := {meta.key("storage.k8s.io/v1", "VolumeAttachment", "", one.metadata.name) | some one in own}

_at_stake(volume) if {
	_one_writer(volume)
	not classify.disposable_volume(volume)
}

# Not known to be for many nodes, and not for reading alone.
_one_writer(obj) if {
	not storage.many_writers(obj)
	storage.modes(obj) != {"ReadOnlyMany"}
}

# The controller of a DaemonSet tolerates what makes others leave; a mirror pod only shows what the kubelet runs.
_stays(pod) if {
	some owner in pod.metadata.ownerReferences
	owner.controller == true
	owner.kind == "DaemonSet"
}

_stays(pod) if pod.metadata.annotations["kubernetes.io/config.mirror"]

# What nobody showed of a pod that holds data; undefined for one that holds none.
_holds(pod) := set() if {
	classify.data_workload(pod)
} else := set() if {
	some claim in _claims(pod)
	_at_stake_claim(claim)
} else := unknown if {
	unknown := {meta.key("v1", "PersistentVolumeClaim", pod.metadata.namespace, used.name) |
		some used in workload.claims(pod)
		not storage.claim(pod.metadata.namespace, used.name)
	}
	count(unknown) > 0
}

_at_stake_claim(claim) if {
	_one_writer(claim)
	not classify.disposable(claim)
}

_claims(pod) := {claim |
	some used in workload.claims(pod)
	claim := storage.claim(pod.metadata.namespace, used.name)
}

_volumes(pod) := {claim.spec.volumeName | some claim in _claims(pod)}

_text(volume) := sprintf("%s of claim %s/%s", [volume.metadata.name, ref.namespace, ref.name]) if {
	ref := volume.spec.claimRef
} else := volume.metadata.name
