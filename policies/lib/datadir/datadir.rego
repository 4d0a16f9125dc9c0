# METADATA
# description: |
#   Where a container's engine keeps its data: the directory, and the place in a volume that is behind it.
package lib.datadir

import data.lib.engines
import data.lib.filepath
import data.lib.process
import data.lib.workload

# METADATA
# description: |
#   The places of the engine's data as {dir, volume, path, lasting}, one for each directory that a volume is behind:
#   volume says which, path is the directory inside of it, and lasting is false for one that goes with its pod.
places(obj, container, engine) := {object.union(place, {"dir": dir}) |
	some dir in _directories(container, engine)
	place := _place(obj, container, dir)
}

# METADATA
# description: |
#   Somebody says which directory it is: environment, options, or the tag of an image whose directory is known. Else it
#   is one of those that images of the engine use.
exact(container, engine) if count(process.named_directories(container, engine)) > 0

exact(container, _) if _versioned(container)

_directories(container, engine) := process.named_directories(container, engine) if {
	count(process.named_directories(container, engine)) > 0
} else := {_versioned(container)} if {
	_versioned(container)
} else := {path | some path in engines.table[engine].paths}

# The official image has a directory for each major version from 18 on
# (https://github.com/docker-library/postgres/pull/1259).
_versioned(container) := sprintf("/var/lib/postgresql/%d/docker", [_major(container.image)]) if {
	_major(container.image) >= 18
} else := "/var/lib/postgresql/data" if {
	_major(container.image)
}

_major(image) := to_number(match[1]) if {
	[match] := regex.find_all_string_submatch_n(`(?:^|/)postgres:([0-9]+)(?:[.@-]|$)`, image, 1)
}

# The mount that lies deepest counts.
_place(obj, container, dir) := object.union(_volume(obj, mount.name), {"path": _inside(mount, dir)}) if {
	at := max({filepath.clean(mount.mountPath) |
		some mount in container.volumeMounts
		filepath.covers(filepath.clean(mount.mountPath), dir)
	})
	some mount in container.volumeMounts
	filepath.clean(mount.mountPath) == at
}

_inside(mount, dir) := filepath.join(
	concat("", [object.get(mount, "subPath", ""), object.get(mount, "subPathExpr", "")]),
	trim_prefix(dir, filepath.clean(mount.mountPath)),
)

_volume(obj, name) := {"volume": sprintf("claim template %s", [name]), "template": name, "lasting": true} if {
	name in {template.metadata.name | some template in workload.claim_templates(obj)}
} else := {"volume": _source(entry.volume), "lasting": count(object.keys(entry.volume) & _passing) == 0} if {
	some entry in workload.volumes(obj)
	entry.volume.name == name
}

_passing := {"configMap", "downwardAPI", "emptyDir", "ephemeral", "image", "projected", "secret"}

# What tells a volume from others; the name that the pod gives it does not.
_source(volume) := sprintf("claim %s", [volume.persistentVolumeClaim.claimName]) if {
	volume.persistentVolumeClaim
} else := sprintf("host path %s", [filepath.clean(volume.hostPath.path)]) if {
	volume.hostPath
} else := sprintf("NFS %s:%s", [volume.nfs.server, filepath.clean(volume.nfs.path)]) if {
	volume.nfs
} else := "an emptyDir" if {
	volume.emptyDir
} else := concat(" and ", sort([sprintf("%s %s", [kind, json.marshal(source)]) |
	some kind, source in volume
	kind != "name"
]))
