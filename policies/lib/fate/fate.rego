# METADATA
# description: |
#   What becomes of data when its claim goes. A fate is {claim, volume, policy, size}: the claim's name; its volume's
#   name, "" where nobody named one; that volume's reclaim policy, "" where nobody showed the volume; and its size as
#   someone wrote it, "" where nobody did.
package lib.fate

import data.lib.classify
import data.lib.meta
import data.lib.storage

# METADATA
# description: |
#   The fate of a claim's data. Where several volumes are reserved for the claim, the worst counts.
of(claim) := _of(claim, _volumes(claim))

_of(claim, names) := {"claim": meta.simple(claim), "volume": name, "policy": _policy(name), "size": _size(claim, name)} if {
	[_, name] := sort([[rank(_policy(name)), name] | some name in names])[0]
} else := {"claim": meta.simple(claim), "volume": "", "policy": "", "size": _size(claim, "")}

# METADATA
# description: |
#   The fates of all claims of a namespace that hold data someone would miss, as [rank, claim, policy, volume, size],
#   worst first. Where a claim itself was not shown, its volume speaks for it, else the StatefulSet whose template made
#   it. A namespace can have thousands: objects are bound where they stand, and never passed on.
of_namespace(ns) := sort(array.concat(_of_claims(ns), array.concat(_of_volumes(ns), _of_templates(ns))))

# METADATA
# description: How bad a reclaim policy is, worst first; what nobody knows comes before Retain.
rank(policy) := object.get(_ranks, [policy], 2)

_ranks := {"Delete": 0, "Recycle": 1, "": 3, "Retain": 4}

# METADATA
# description: |
#   The data of some claim of the namespace goes for certain. This is sooner said than what becomes of all.
some_goes(ns) if {
	volumes := data.inventory.cluster.v1.PersistentVolume
	claims := data.inventory.namespace[ns].v1.PersistentVolumeClaim
	some name
	_ranks[volumes[claims[name].spec.volumeName].spec.persistentVolumeReclaimPolicy] < _ranks[""]
	not classify.disposable(claims[name])
}

# METADATA
# description: |
#   Pending without a volume is the one status that says there is no data. A file has no status and says nothing.
never_bound(claim) if _never_bound(claim, _volumes(claim))

_never_bound(claim, names) if {
	claim.status.phase == "Pending"
	count(names) == 0
}

# METADATA
# description: Somebody showed a claim, of whatever namespace, so those that are not shown are not there.
claims_shown if {
	some versions in data.inventory.namespace
	count(versions.v1.PersistentVolumeClaim) > 0
}

_of_claims(ns) := array.concat(known, array.concat(named, unbound)) if {
	known := _of_bound(ns)
	left := _claims(ns) - {entry[1] | some entry in known}
	named := [_entry(name, volume, _size_of(ns, name, volume)) |
		some name in left
		volume := data.inventory.namespace[ns].v1.PersistentVolumeClaim[name].spec.volumeName
		not volume in {"", null}
	]
	unbound := _of_unbound(ns, left - {entry[1] | some entry in named})
}

# Names of the claims that someone would miss.
_claims(ns) := object.keys(claims) - classify.disposables(ns, "v1", "PersistentVolumeClaim") if {
	claims := data.inventory.namespace[ns].v1.PersistentVolumeClaim
} else := set()

# Nearly all claims of a cluster: the volume that they name is shown, and says everything.
_of_bound(ns) := [[rank, name, policy, volume, size] |
	ranks := _ranks
	volumes := data.inventory.cluster.v1.PersistentVolume
	claims := data.inventory.namespace[ns].v1.PersistentVolumeClaim
	some name in _claims(ns)
	volume := claims[name].spec.volumeName
	spec := volumes[volume].spec
	policy := spec.persistentVolumeReclaimPolicy
	policy != ""
	rank := ranks[policy]
	size := spec.capacity.storage
]

_of_unbound(ns, names) := [] if {
	count(names) == 0
} else := [entry |
	worst := _worst_reserved(ns)
	some name in names
	some entry in _of_reserved(ns, name, object.get(worst, [name], ""))
]

# None for a claim that was never bound.
_of_reserved(ns, name, volume) := [] if {
	volume == ""
	data.inventory.namespace[ns].v1.PersistentVolumeClaim[name].status.phase == "Pending"
} else := [_entry(name, volume, _size_of(ns, name, volume))]

_entry(claim, volume, size) := [rank(policy), claim, policy, volume, size] if {
	policy := _policy(volume)
}

_size_of(ns, name, volume) := size if {
	size := data.inventory.cluster.v1.PersistentVolume[volume].spec.capacity.storage
} else := size if {
	size := data.inventory.namespace[ns].v1.PersistentVolumeClaim[name].status.capacity.storage
} else := size if {
	size := data.inventory.namespace[ns].v1.PersistentVolumeClaim[name].spec.resources.requests.storage
} else := ""

_shown(ns) := claims if {
	claims := data.inventory.namespace[ns].v1.PersistentVolumeClaim
} else := {}

_of_volumes(ns) := [[entry[1], entry[0], policy, entry[2], _size_of(ns, "", entry[2])] |
	claims := _shown(ns)
	some entry in _reserved(ns)
	not claims[entry[0]]
	policy := _policy(entry[2])
	not _let_go(entry[2])
	not _disposable(entry[2])
]

# The volumes that are reserved for claims of the namespace that name none themselves, as [claim, rank, volume], the
# worst first for each claim.
_reserved(ns) := sort([[claim, rank(_policy(name)), name] |
	claims := _shown(ns)
	volumes := data.inventory.cluster.v1.PersistentVolume
	some name in _volumes_of_namespace(ns)
	claim := object.get(volumes[name].spec.claimRef, "name", "")
	object.get(claims, [claim, "spec", "volumeName"], "") in {"", null}
])

# The first of a claim's own in the sorted list.
_worst_reserved(ns) := {entry[0]: entry[2] |
	reserved := _reserved(ns)
	before := array.concat([[null]], reserved)
	some i, entry in reserved
	before[i][0] != entry[0]
}

# A StatefulSet names the claims of a template <template>-<set>-<ordinal>
# (pkg/controller/statefulset/stateful_set_utils.go, getPersistentVolumeClaimName).
_of_templates(ns) := [[rank(""), claim, "", "", size] |
	claims := _shown(ns)
	disposable := classify.disposables(ns, "apps/v1", "StatefulSet")
	reserved := {entry[0] | some entry in _reserved(ns)}
	some key, owner in data.inventory.namespace[ns]["apps/v1"].StatefulSet
	not key in disposable
	some template in owner.spec.volumeClaimTemplates
	start := object.get(owner.spec, ["ordinals", "start"], 0)
	replicas := _replicas(owner.spec)
	replicas > 0
	some ordinal in numbers.range(start, (start + min([replicas, _most_ordinals])) - 1)
	claim := sprintf("%s-%s-%d", [template.metadata.name, owner.metadata.name, ordinal])
	not claims[claim]
	not claim in reserved
	size := _size(template, "")
]

_replicas(spec) := spec.replicas if {
	is_number(spec.replicas)
} else := 1

# A file may say any number, and counting to it must end.
_most_ordinals := 1000

# A volume has no namespace that could speak for it.
_disposable(name) if {
	metadata := data.inventory.cluster.v1.PersistentVolume[name].metadata
	some part in ["annotations", "labels"]
	metadata[part][meta.data_key]
	classify.disposable({"metadata": metadata})
}

_let_go(name) if data.inventory.cluster.v1.PersistentVolume[name].status.phase in {"Available", "Released", "Failed"}

_volumes(claim) := {name} if {
	name := object.get(claim, ["spec", "volumeName"], "")
	not name in {"", null}
} else := storage.volumes_of_claim(meta.qualified(claim))

# METADATA
# custom: {index: _volumes_by_namespace}
_volumes_of_namespace(ns) := {name |
	volumes := data.inventory.cluster.v1.PersistentVolume
	some name
	volumes[name].spec.claimRef.namespace == ns
}

_volumes_by_namespace := {ns: names |
	some ns in {volume.spec.claimRef.namespace | some volume in data.inventory.cluster.v1.PersistentVolume}
	names := {name |
		some name, other in data.inventory.cluster.v1.PersistentVolume
		other.spec.claimRef.namespace == ns
	}
}

_policy(name) := policy if {
	policy := data.inventory.cluster.v1.PersistentVolume[name].spec.persistentVolumeReclaimPolicy
	not policy in {"", null}
} else := "Retain" if {
	data.inventory.cluster.v1.PersistentVolume[name]
} else := ""

# What the volume has, else what the claim was given, else what it asks for.
_size(claim, name) := size if {
	size := data.inventory.cluster.v1.PersistentVolume[name].spec.capacity.storage
} else := size if {
	size := claim.status.capacity.storage
} else := size if {
	size := claim.spec.resources.requests.storage
} else := ""
