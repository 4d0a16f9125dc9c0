# METADATA
# description: |
#   Objects whose removal from what is deployed can take data along: claims, volumes, namespaces, definitions and
#   instances of custom resources that hold data, StatefulSets that make claims, and what people mark as an identity that
#   data depends on. What may be lost is not among them.
package lib.dataobject

import data.lib.classify
import data.lib.meta
import data.lib.operators
import data.lib.workload

# METADATA
# description: The object is one of them.
is(obj) if word(obj)

# METADATA
# description: |
#   What it is, in a word or a few: "claim", "volume", "namespace", "definition of a data resource", "data resource",
#   "StatefulSet with claims", "identity". Undefined for every other object, and for one that may be lost.
word(obj) := name if {
	name := _word(obj)
	not _disposable(obj)
}

_word(obj) := _core[obj.kind] if {
	obj.apiVersion == "v1"
} else := "definition of a data resource" if {
	definition(obj)
} else := "StatefulSet with claims" if {
	operators.kind(obj) in {"apps/StatefulSet", "apps.kruise.io/StatefulSet"}
	count(workload.claim_templates(obj)) > 0
} else := "data resource" if {
	operators.holds_data(obj)
} else := "identity" if {
	_identity(obj)
}

_core := {"PersistentVolumeClaim": "claim", "PersistentVolume": "volume", "Namespace": "namespace"}

# METADATA
# description: |
#   The object defines a custom resource that holds data; what else is in its group does not matter.
definition(obj) if {
	operators.kind(obj) == "apiextensions.k8s.io/CustomResourceDefinition"
	sprintf("%v/%v", [obj.spec.group, obj.spec.names.kind]) in operators.kinds
}

_identity(obj) if {
	obj.apiVersion == "v1"
	obj.kind in {"Secret", "ConfigMap"}
	not meta.annotation(obj, "identity") in {"", "false"}
	meta.annotation(obj, "identity")
}

_disposable(obj) if {
	obj.kind == "PersistentVolume"
	classify.disposable_volume(obj)
}

_disposable(obj) if {
	obj.kind == "Namespace"
	classify.disposable_namespace(obj)
	not classify.declared(obj)
}

_disposable(obj) if {
	not obj.kind in {"PersistentVolume", "Namespace"}
	classify.disposable(obj)
}
