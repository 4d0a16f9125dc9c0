# METADATA
# description: |
#   Which nodes have which volume attached. Two sources say so: VolumeAttachments, and status.volumesAttached of Nodes.
#   A volume's key is the name that Nodes give it, kubernetes.io/csi/<driver>^<handle>
#   (pkg/volume/util/util.go, GetUniqueVolumeName), or "volume <name>" when nobody showed more.
package lib.attachment

# METADATA
# description: The key of what a VolumeAttachment attaches; undefined for one that names nothing.
volume(attachment) := _csi_key(attachment.spec.source.inlineVolumeSpec.csi) if {
	attachment.spec.source.inlineVolumeSpec
} else := key if {
	key := _csi_key(data.inventory.cluster.v1.PersistentVolume[attachment.spec.source.persistentVolumeName].spec.csi)
} else := sprintf("volume %s", [attachment.spec.source.persistentVolumeName])

# METADATA
# description: |
#   The VolumeAttachments of a key, as {name, node, certain}; without those that are being deleted (a volume on its way
#   from node to node) and those that say they are not attached. Not certain: nobody showed a status.
# custom: {index: by_volume}
of_volume(key) := {{
	"name": attachment.metadata.name,
	"node": attachment.spec.nodeName,
	"certain": certain(attachment),
} |
	some name in (_naming(volumes_of_key(key) | {trim_prefix(key, "volume ")}) | _inline)
	attachment := data.inventory.cluster["storage.k8s.io/v1"].VolumeAttachment[name]
	_attached(attachment)
	volume(attachment) == key
}

_naming(volumes) := {name |
	some name
	data.inventory.cluster["storage.k8s.io/v1"].VolumeAttachment[name].spec.source.persistentVolumeName in volumes
}

_inline := {name |
	some name
	data.inventory.cluster["storage.k8s.io/v1"].VolumeAttachment[name].spec.source.inlineVolumeSpec
}

# METADATA
# description: |
#   VolumeAttachments by key, as {name, node, certain}; without those that are being deleted (a volume on its way from
#   node to node) and those that say they are not attached. Not certain: nobody showed a status.
by_volume := {key: attachments |
	some key in {volume(attachment) | some attachment in _live}
	attachments := {{
		"name": attachment.metadata.name,
		"node": attachment.spec.nodeName,
		"certain": certain(attachment),
	} |
		some attachment in _live
		key == volume(attachment)
	}
}

# METADATA
# description: |
#   The VolumeAttachments of the node of that name; without those that are being deleted and those that say they are
#   not attached.
on_node(node) := {attachment |
	attachments := data.inventory.cluster["storage.k8s.io/v1"].VolumeAttachment
	some name
	attachments[name].spec.nodeName == node
	attachment := attachments[name]
	not attachment.metadata.deletionTimestamp
	not attachment.status.attached == false
}

# METADATA
# description: The attachment's status says that it is attached.
default certain(_) := false

certain(attachment) if attachment.status.attached == true

# METADATA
# description: |
#   Names of Nodes by the key of a volume that they say is attached to them; without Nodes that are being deleted.
nodes_by_volume := {key: nodes |
	some key in {taken | some [taken, _] in _listed}
	nodes := {node |
		some [other, node] in _listed
		key == other
	}
}

# METADATA
# description: Names of the volumes that have the key.
# custom: {index: volumes_by_key}
volumes_of_key(key) := {name |
	unique := trim_prefix(key, "kubernetes.io/csi/")
	driver := split(unique, "^")[0]
	handle := trim_prefix(unique, sprintf("%s^", [driver]))
	some name
	data.inventory.cluster.v1.PersistentVolume[name].spec.csi.volumeHandle == handle
	data.inventory.cluster.v1.PersistentVolume[name].spec.csi.driver == driver
}

# METADATA
# description: |
#   The volumes that have one of the keys, as [key, name], found in one search.
volumes_of_keys(keys) := {[key, name] |
	count(keys) > 0
	handles := {concat("^", array.slice(parts, 1, count(parts))) | some key in keys; parts := split(key, "^")}
	volumes := data.inventory.cluster.v1.PersistentVolume
	some name
	handles[volumes[name].spec.csi.volumeHandle]
	key := _csi_key(volumes[name].spec.csi)
	key in keys
}

# METADATA
# description: Names of volumes by their key.
volumes_by_key := {key: names |
	some key in {taken | some [taken, _] in _keyed}
	names := {name |
		some [other, name] in _keyed
		key == other
	}
}

_live contains attachment if {
	some attachment in data.inventory.cluster["storage.k8s.io/v1"].VolumeAttachment
	_attached(attachment)
}

_attached(attachment) if {
	not attachment.metadata.deletionTimestamp
	not attachment.status.attached == false
}

_listed contains [entry.name, name] if {
	some name, node in data.inventory.cluster.v1.Node
	not node.metadata.deletionTimestamp
	some entry in node.status.volumesAttached
}

_keyed contains [_csi_key(volume.spec.csi), name] if {
	some name, volume in data.inventory.cluster.v1.PersistentVolume
}

_csi_key(csi) := sprintf("kubernetes.io/csi/%s^%s", [csi.driver, csi.volumeHandle])
