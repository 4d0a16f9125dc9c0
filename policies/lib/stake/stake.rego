# METADATA
# description: |
#   What is at stake when an object is deleted, for who warns of a deletion that has not been asked for yet: {kept, text,
#   unknown, related}. kept says that the data is known to stay; text is the end of a sentence; unknown has the keys of
#   what decides and nobody showed. Undefined for an object that holds no data, or data that may be lost.
package lib.stake

import data.lib.dataobject
import data.lib.fate
import data.lib.meta
import data.lib.operators
import data.lib.storage
import data.lib.text

# METADATA
# description: |
#   What is at stake with a claim, a volume, a Namespace, a StatefulSet, a custom resource that holds data, or the
#   definition of one.
of(obj) := object.union({"kept": false, "unknown": [], "related": []}, _of(operators.kind(obj), obj)) if {
	dataobject.is(obj)
}

_of("/PersistentVolumeClaim", claim) := _of_claim(fate.of(claim), _class(claim))

_of("/PersistentVolume", volume) := {
	"kept": true,
	"text": "it has reclaim policy Retain, so the data stays where it is, in no volume",
} if {
	storage.retained(volume)
} else := {"text": sprintf("it has reclaim policy %v, so the data goes as soon as no claim has it", [storage.reclaim(volume)])}

_of("apiextensions.k8s.io/CustomResourceDefinition", _) := {"text": "all objects of its kind go with it"}

_of("/Namespace", namespace) := _of_namespace(fate.of_namespace(meta.simple(namespace)))

_of(kind, set) := {"text": "its claims go with it (whenDeleted is Delete)"} if {
	kind in _sets
	set.spec.persistentVolumeClaimRetentionPolicy.whenDeleted == "Delete"
} else := {"kept": true, "text": "its pods go, and its claims stay"} if {
	kind in _sets
}

_sets := {"apps/StatefulSet", "apps.kruise.io/StatefulSet"}

_of(_, obj) := {"text": end.text, "unknown": end.unknown} if {
	end := operators.end(obj)
}

_of_claim(end, class) := {
	"kept": true,
	"text": sprintf("its volume %s%s has reclaim policy Retain, so the data stays in a volume that nothing claims", [end.volume, _size(end)]),
	"related": [_volume(end)],
} if {
	end.policy == "Retain"
} else := {
	"text": sprintf("its volume %s%s has reclaim policy %v, so the data goes with it", [end.volume, _size(end), end.policy]),
	"related": [_volume(end)],
} if {
	end.policy != ""
} else := {
	"kept": true,
	"text": sprintf("the volume that class %s makes for it%s has reclaim policy Retain, so the data stays in a volume that nothing claims", [class, _size(end)]),
	"related": [meta.key("storage.k8s.io/v1", "StorageClass", "", class)],
} if {
	end.volume == ""
	storage.class(class).reclaimPolicy == "Retain"
} else := {"text": sprintf("its data%s goes with it unless its volume is Retain", [_size(end)])}

# The class that makes the claim's volume; "" where none does or nobody showed the default one.
_class(claim) := storage.class_name(claim) if {
	storage.class_name(claim)
} else := storage.default_class if {
	not storage.class_name(claim)
	storage.default_class
} else := ""

_volume(end) := meta.key("v1", "PersistentVolume", "", end.volume)

_size(end) := "" if {
	end.size == ""
} else := sprintf(" (%v)", [end.size])

# Each end is [rank, claim, policy, volume, size], the worst first.
_of_namespace(ends) := {
	"kept": true,
	"text": sprintf("its %s too, whose volumes, all Retain, keep the data", [_claims(ends)]),
} if {
	count(ends) > 0
	ends[0][2] == "Retain"
} else := {"text": sprintf("its %s with all else in it", [_claims(ends)])} if {
	count(ends) > 0
} else := {"text": "all that is in it goes too"} if {
	not _seen
}

_claims(ends) := "claim goes" if {
	count(ends) == 1
} else := sprintf("%s go", [text.counted(count(ends), "claim")])

# A live cluster was shown with its claims: a namespace without any has none.
_seen if {
	storage.live
	fate.claims_shown
}
