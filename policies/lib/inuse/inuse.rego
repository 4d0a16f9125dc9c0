# METADATA
# description: |
#   Which volumes data workloads write to, as far as claims, volumes and workloads are shown. Pods count even when a
#   workload made them: a snapshot may hold the pod alone.
package lib.inuse

import data.lib.classify
import data.lib.meta
import data.lib.storage
import data.lib.workload

# METADATA
# description: Names of the data workloads, as messages say them, that write to the volume of that name.
# custom: {index: by_volume}
writers(volume) := {meta.name(obj) |
	some [ns, claim] in (_reserving(volume) | _naming(volume))
	some [version, kind, name] in _users(ns, claim)
	obj := data.inventory.namespace[ns][version][kind][name]
	classify.data_workload(obj)
	_writes_to(obj, ns, claim)
}

_reserving(volume) := {[ref.namespace, ref.name] | ref := storage.volume(volume).spec.claimRef}

_naming(volume) := {[ns, name] |
	some ns, versions in data.inventory.namespace
	some name, claim in versions.v1.PersistentVolumeClaim
	claim.spec.volumeName == volume
}

# Workloads that name the claim or make claims, before anyone looks closer.
_users(ns, claim) := {[version, kind, name] |
	some [version, kind] in _kinds
	some name, obj in data.inventory.namespace[ns][version][kind]
	some path in [["spec", "volumes"], ["spec", "template", "spec", "volumes"]]
	some volume in object.get(obj, path, [])
	volume.persistentVolumeClaim.claimName == claim
} | {["apps/v1", "StatefulSet", name] |
	some name, obj in data.inventory.namespace[ns]["apps/v1"].StatefulSet
	some template in obj.spec.volumeClaimTemplates
	sprintf("%s-%s-", [template.metadata.name, name]) == _stem(claim)
}

_writes_to(obj, _, claim) if {
	some used in workload.claims(obj)
	used.name == claim
}

_writes_to(obj, ns, claim) if {
	some template in workload.claim_templates(obj)
	workload.mounted_writable(obj, template.metadata.name)
	sprintf("%s/%s-%s-", [ns, template.metadata.name, obj.metadata.name]) == _stem(sprintf("%s/%s", [ns, claim]))
}

# METADATA
# description: Names of data workloads, as messages say them, by the name of the volume that they write to.
by_volume := {volume: writers |
	some volume in {taken | some [taken, _] in _writes}
	writers := {writer |
		some [other, writer] in _writes
		volume == other
	}
}

_writes contains [volume, writer] if {
	some [claim, writer] in _claims
	some volume in storage.volumes_by_claim[claim]
}

_writes contains [volume, writer] if {
	some [claim, writer] in _claims
	[ns, name] := split(claim, "/")
	volume := storage.claim(ns, name).spec.volumeName
}

_claims contains [claim, meta.name(obj)] if {
	some obj in _data_workloads
	some used in workload.claims(obj)
	claim := sprintf("%s/%s", [meta.namespace(obj), used.name])
}

_claims contains [claim, meta.name(obj)] if {
	some obj in _data_workloads
	some template in workload.claim_templates(obj)
	workload.mounted_writable(obj, template.metadata.name)
	stem := sprintf("%s/%s-%s-", [meta.namespace(obj), template.metadata.name, obj.metadata.name])
	some claim in _known_claims[stem]
}

_data_workloads contains obj if {
	some versions in data.inventory.namespace
	some [version, kind] in _kinds
	some obj in versions[version][kind]
	classify.data_workload(obj)
}

# Claims that are shown or that a volume is reserved for, "namespace/name", by that name without the number at its end.
_known_claims := {stem: claims |
	some stem in {_stem(claim) | some claim in _all_claims}
	claims := {claim |
		some claim in _all_claims
		stem == _stem(claim)
	}
}

_all_claims := {claim | some claim, _ in storage.volumes_by_claim} | {sprintf("%s/%s", [ns, name]) |
	some ns, versions in data.inventory.namespace
	some name, _ in versions.v1.PersistentVolumeClaim
}

_stem(claim) := trim_right(claim, "0123456789")

_kinds := [
	["v1", "Pod"], ["apps/v1", "DaemonSet"], ["apps/v1", "Deployment"], ["apps/v1", "ReplicaSet"],
	["apps/v1", "StatefulSet"],
]
