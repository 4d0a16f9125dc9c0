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
maybe_overlaps(volume) := _overlaps(volume, _directories(volume, affinity.maybe_met(volume, _labels(volume))))

# METADATA
# custom: {indexed: _labels_indexed}
_labels(volume) := affinity.labels([storage.volume(name) | some name in _near(volume)])

_labels_indexed(_) := _all_labels

_all_labels := affinity.labels([volume | some volume in data.inventory.cluster.v1.PersistentVolume])

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
#   Of the names, those of volumes whose data goes when their claim does: the reclaim policy is not known to be Retain.
doomed(names) := {name |
	some name in names
	not storage.retained(storage.volume(name))
}

# METADATA
# description: Of the names, those of volumes that are annotated data-guard.dev/shared-backend "true".
shared(names) := {name |
	some name in names
	meta.annotation(storage.volume(name), "shared-backend") == "true"
}

# METADATA
# description: Of the names, those of volumes that several nodes may mount, by what their access modes say.
shareable(names) := {name |
	some name in names
	count(storage.modes(storage.volume(name)) & {"ReadWriteMany", "ReadOnlyMany"}) > 0
}

# METADATA
# custom: {indexed: _overlaps_indexed}
_overlaps(volume, places) := {
	"same": {name | some ["same", name] in found},
	"above": {name | some ["above", name] in found},
	"below": {name | some ["below", name] in found},
} if {
	found := {[relation, name] |
		some name in (_near(volume) - {meta.simple(volume)})
		some taken in _taken(storage.volume(name))
		some place in places
		place.root == taken.root
		relation := _relation(place.path, taken.path)
	}
}

_relation(own, other) := "same" if {
	own == other
} else := "above" if {
	filepath.covers(other, own)
} else := "below" if {
	filepath.covers(own, other)
}

# Volumes whose source names what the volume's source names, before anyone looks closer. Scalars are compared where
# they stand: an object that is bound or passed on costs more than all else.
_near(volume) := union({_of_nfs(volume), _of_directory(volume), _of_disk(volume)})

_of_nfs(volume) := _near_nfs(_nfs(volume).server, _pattern(_nfs(volume).path)) if {
	_nfs(volume)
} else := set()

_of_directory(volume) := _near_directory(_pattern(_directory(volume))) if {
	_directory(volume)
} else := set()

_of_disk(volume) := _near_handle(volume.spec.csi.volumeHandle) if {
	volume.spec.csi
} else := {name |
	some source in ["iscsi", "fc"]
	volume.spec[source]
	some name
	data.inventory.cluster.v1.PersistentVolume[name].spec[source]
}

_near_nfs(server, pattern) := {name |
	some name
	regex.match(pattern, data.inventory.cluster.v1.PersistentVolume[name].spec.nfs.path)
	lower(data.inventory.cluster.v1.PersistentVolume[name].spec.nfs.server) == server
} | {name |
	some name
	data.inventory.cluster.v1.PersistentVolume[name].spec.csi.driver == "nfs.csi.k8s.io"
	attributes := object.get(data.inventory.cluster.v1.PersistentVolume[name].spec.csi, "volumeAttributes", {})
	not _elsewhere(attributes, server, pattern)
}

# Known from the attributes as the driver itself spells them; undefined without one of them.
_elsewhere(attributes, server, _) if lower(attributes.server) != server

_elsewhere(attributes, _, pattern) if {
	is_string(attributes.share)
	is_string(attributes.subdir)
	not regex.match(pattern, sprintf("%s/%s", [attributes.share, attributes.subdir]))
}

_near_directory(pattern) := {name |
	some name
	regex.match(pattern, data.inventory.cluster.v1.PersistentVolume[name].spec.hostPath.path)
} | {name |
	some name
	regex.match(pattern, data.inventory.cluster.v1.PersistentVolume[name].spec.local.path)
}

_near_handle(handle) := {name |
	some name
	data.inventory.cluster.v1.PersistentVolume[name].spec.csi.volumeHandle == handle
}

# What matches every spelling of the clean path, of the directories above it and of all that is below it; of a few
# others too.
_pattern(path) := "" if {
	path == "/"
} else := concat("", [`(?s)^[/.]*(`, concat(`([/.]+`, steps), `(/.*)?`, concat("", [")?" | some _ in steps]), `[/.]*$`]) if {
	steps := [regex.replace(step, `[^A-Za-z0-9]`, ".") | some step in split(trim(path, "/"), "/")]
}

_overlaps_indexed(volume, places) := {
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
