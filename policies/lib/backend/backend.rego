# METADATA
# description: |
#   Where volumes keep their data, and which of them keep it in the same place. A place is a root (a server, a node,
#   a disk) and a path below it; two volumes overlap when the place of one covers that of the other. The indexes are
#   linear: each volume stands at its place and, in the second one, below every directory above it.
package lib.backend

import data.lib.affinity
import data.lib.filepath
import data.lib.meta
import data.lib.storage

# METADATA
# description: |
#   Names of the other volumes that keep data where the volume does: {same, above, below}. The directory of one that is
#   above contains the volume's directory, that of one below lies in it.
overlaps(volume) := _overlaps(volume, _disks(volume) | _directories(volume, affinity.met(volume)))

# METADATA
# description: |
#   The same for volumes with the same path, of which nobody knows whether they share a node with the volume.
maybe_overlaps(volume) := _overlaps(volume, _directories(volume, affinity.maybe_met(volume)))

# METADATA
# description: |
#   Where the volume keeps its data, as a message says it; undefined for a source that cannot be compared.
text(volume) := sprintf("NFS %s:%s", [nfs.server, nfs.path]) if {
	nfs := _nfs(volume)
} else := sprintf("%s on %s", [_directory(volume), affinity.text(volume)]) if {
	_directory(volume)
} else := sprintf("%s %s", [volume.spec.csi.driver, volume.spec.csi.volumeHandle]) if {
	volume.spec.csi
} else := sprintf("iSCSI %s lun %v", [volume.spec.iscsi.iqn, object.get(volume.spec.iscsi, "lun", 0)]) if {
	volume.spec.iscsi
} else := sprintf("Fibre Channel %s", [concat(" and ", _fc_names(volume.spec.fc))]) if {
	volume.spec.fc
}

# METADATA
# description: |
#   Names of volumes whose data goes when their claim does: the reclaim policy is not known to be Retain.
doomed := {name |
	some name, volume in data.inventory.cluster.v1.PersistentVolume
	not storage.retained(volume)
}

# METADATA
# description: Names of volumes that are annotated data-guard.dev/shared-backend "true".
shared := {name |
	some name, volume in data.inventory.cluster.v1.PersistentVolume
	meta.annotation(volume, "shared-backend") == "true"
}

# METADATA
# description: Names of volumes that several nodes may mount, by what their access modes say.
shareable := {name |
	some name, volume in data.inventory.cluster.v1.PersistentVolume
	count(storage.modes(volume) & {"ReadWriteMany", "ReadOnlyMany"}) > 0
}

_overlaps(volume, places) := {
	"same": union({_at[_key(place.root, place.path)] | some place in places}) - {meta.simple(volume)},
	"above": union({_at[_key(place.root, path)] |
		some place in places
		some path in (filepath.ancestors(place.path) - {place.path})
	}) - {meta.simple(volume)},
	"below": union({_under[_key(place.root, place.path)] | some place in places}) - {meta.simple(volume)},
}

# Keys are made distinct first: a group is built once, not once a member.
_at := {key: names |
	some key in {taken | some [taken, _] in _places}
	names := {name |
		some [other, name] in _places
		key == other
	}
}

_under := {key: names |
	some key in {taken | some [taken, _] in _places_above}
	names := {name |
		some [other, name] in _places_above
		key == other
	}
}

_places contains [_key(place.root, place.path), name] if {
	some name, volume in data.inventory.cluster.v1.PersistentVolume
	some place in _taken(volume)
}

_places_above contains [_key(place.root, path), name] if {
	some name, volume in data.inventory.cluster.v1.PersistentVolume
	some place in _taken(volume)
	some path in (filepath.ancestors(place.path) - {place.path})
}

_key(root, path) := sprintf("%s %s", [root, path])

_taken(volume) := _disks(volume) if {
	not _directory(volume)
} else := _directories(volume, affinity.held(volume))

_directories(volume, roots) := {{"root": root, "path": _directory(volume)} | some root in roots}

# Places that are the same from every node.
_disks(volume) := (({{"root": sprintf("nfs %s", [nfs.server]), "path": nfs.path} |
	nfs := _nfs(volume)
} | {{"root": sprintf("csi %s^%s", [csi.driver, csi.volumeHandle]), "path": "/"} |
	csi := volume.spec.csi
}) | {{"root": sprintf("iscsi %s %s %v", [_with_port(portal), iscsi.iqn, object.get(iscsi, "lun", 0)]), "path": "/"} |
	iscsi := volume.spec.iscsi
	some portal in ({iscsi.targetPortal} | {portal | some portal in iscsi.portals})
	is_string(portal)
}) | {{"root": sprintf("fc %s", [name]), "path": "/"} |
	some name in _fc_names(volume.spec.fc)
}

# The driver nfs.csi.k8s.io keeps a volume in a directory of the share: an attribute, and the third field of the
# handle (https://github.com/kubernetes-csi/csi-driver-nfs/blob/master/deploy/example/pv-nfs-csi.yaml).
_nfs(volume) := {"server": lower(nfs.server), "path": filepath.clean(nfs.path)} if {
	nfs := volume.spec.nfs
	is_string(nfs.server)
} else := {"server": lower(server), "path": filepath.join(share, _subdirectory(volume.spec.csi))} if {
	volume.spec.csi.driver == "nfs.csi.k8s.io"
	server := _attribute(volume.spec.csi, "server")
	share := _attribute(volume.spec.csi, "share")
}

_subdirectory(csi) := _attribute(csi, "subdir") if {
	_attribute(csi, "subdir")
} else := split(csi.volumeHandle, "#")[2] if {
	is_string(csi.volumeHandle)
} else := ""

_attribute(csi, name) := [value |
	some key, value in csi.volumeAttributes
	lower(key) == name
	is_string(value)
][0]

_with_port(portal) := portal if {
	contains(portal, ":")
} else := sprintf("%s:3260", [portal])

_fc_names(fc) := {sprintf("%s lun %v", [name, object.get(fc, "lun", 0)]) |
	some name in fc.targetWWNs
} | {name | some name in fc.wwids}

_directory(volume) := filepath.clean(volume.spec.hostPath.path) if {
	volume.spec.hostPath
} else := filepath.clean(volume.spec.local.path)
