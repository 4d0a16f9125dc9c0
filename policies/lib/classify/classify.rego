# METADATA
# description: |
#   Which objects hold data that someone would miss. What people wrote decides first: data-guard.dev/data on the
#   object (annotation, else label), then on its namespace; then the engine that it serves; then a StatefulSet
#   with claim templates mounted where engines keep their data. Everything else is not data.
package lib.classify

import data.lib.engines
import data.lib.filepath
import data.lib.meta
import data.lib.storage
import data.lib.workload

# METADATA
# description: The workload holds data.
data_workload(obj) if _marked(obj) == "true"

data_workload(obj) if {
	count(workload.serves(obj)) > 0
	_marked(obj) == ""
}

data_workload(obj) if {
	_marked(obj) == ""
	some template in workload.claim_templates(obj)
	some entry in workload.running(obj)
	some mount in entry.container.volumeMounts
	mount.name == template.metadata.name
	filepath.clean(mount.mountPath) in engines.paths
}

# METADATA
# description: |
#   The engines that a data workload serves; empty when it holds no data or only people say that it does.
data_engines(obj) := {entry.engine | some entry in workload.serves(obj)} if {
	data_workload(obj)
} else := set()

# METADATA
# description: |
#   Someone wrote that this object, or everything in its namespace, holds data.
declared(obj) if _marked(obj) == "true"

# METADATA
# description: |
#   Someone wrote that this claim, or everything in its namespace, may be lost.
disposable(obj) if _marked(obj) == "false"

disposable(obj) if {
	_marked(obj) == ""
	disposable_namespace(_namespace(meta.namespace(obj)))
}

# METADATA
# description: |
#   Names of the objects of that kind in the namespace that may be lost. Of many, few carry a mark of their own, and
#   only these are looked at closer.
disposables(ns, version, kind) := {name |
	some name, obj in data.inventory.namespace[ns][version][kind]
	disposable(obj)
} if {
	disposable({"metadata": {"namespace": ns}})
} else := {name |
	objects := data.inventory.namespace[ns][version][kind]
	some part in ["annotations", "labels"]
	some name
	objects[name].metadata[part][meta.data_key]
	disposable(objects[name])
}

# METADATA
# description: |
#   Someone wrote that this volume, the claim that it is reserved for, or everything in that claim's namespace may be
#   lost.
disposable_volume(volume) if _mark(volume) == "false"

disposable_volume(volume) if {
	_mark(volume) == ""
	disposable(_reserved_for(volume.spec.claimRef))
}

_reserved_for(ref) := claim if {
	claim := storage.claim(ref.namespace, ref.name)
} else := {"metadata": {"namespace": ref.namespace}}

# METADATA
# description: |
#   Someone wrote that what the object holds may be lost, whatever its kind: of a volume as disposable_volume, of a
#   Namespace as disposable_namespace unless it is declared, of anything else as disposable.
expendable(obj) if {
	obj.kind == "PersistentVolume"
	disposable_volume(obj)
}

expendable(obj) if {
	obj.kind == "Namespace"
	disposable_namespace(obj)
	not declared(obj)
}

expendable(obj) if disposable(obj)

# METADATA
# description: |
#   The namespace is there to be thrown away: label ephemeral "true", label env "ci", or data "false".
disposable_namespace(ns) if meta.label(ns, "ephemeral") == "true"

disposable_namespace(ns) if meta.label(ns, "env") == "ci"

disposable_namespace(ns) if _mark(ns) == "false"

# The object's word before its namespace's; "" where nobody wrote one.
_marked(obj) := own if {
	own := _mark(obj)
	own != ""
} else := _mark(_namespace(meta.namespace(obj))) if {
	_namespace(meta.namespace(obj))
} else := ""

_mark(obj) := value if {
	value := meta.annotation(obj, "data")
	value in {"true", "false"}
} else := value if {
	value := meta.label(obj, "data")
	value in {"true", "false"}
} else := ""

_namespace(name) := data.inventory.cluster.v1.Namespace[name]
