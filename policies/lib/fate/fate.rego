# METADATA
# description: |
#   What becomes of data when its claim goes. A fate is {claim, volume, policy, size}: the claim's name; its volume's
#   name, "" where nobody named one; that volume's reclaim policy, "" where nobody showed the volume; and its size as
#   someone wrote it, "" where nobody did.
package lib.fate

import data.lib.classify
import data.lib.meta
import data.lib.storage
import data.lib.workload

# METADATA
# description: |
#   The fate of a claim's data. Where several volumes are reserved for the claim, the worst counts.
of(claim) := _of(claim, _volumes(claim))

_of(claim, names) := {"claim": meta.simple(claim), "volume": name, "policy": _policy(name), "size": _size(claim, name)} if {
	[_, name] := sort([[rank(_policy(name)), name] | some name in names])[0]
} else := {"claim": meta.simple(claim), "volume": "", "policy": "", "size": _size(claim, "")}

# METADATA
# description: |
#   The fates of all claims of a namespace that hold data someone would miss, worst first. Where a claim itself was not
#   shown, its volume speaks for it, else the StatefulSet whose template made it.
of_namespace(ns) := [fate |
	some entry in sort(((_of_claims(ns) | _of_volumes(ns)) | _of_templates(ns)))
	fate := entry[2]
]

# METADATA
# description: How bad a reclaim policy is, worst first; what nobody knows comes before Retain.
rank(policy) := object.get({"Delete": 0, "Recycle": 1, "": 3, "Retain": 4}, [policy], 2)

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

_of_claims(ns) := {[rank(fate.policy), fate.claim, fate] |
	some claim in data.inventory.namespace[ns].v1.PersistentVolumeClaim
	names := _volumes_at_once(claim)
	not _never_bound(claim, names)
	not classify.disposable(claim)
	fate := _of(claim, names)
}

_of_volumes(ns) := {[rank(fate.policy), fate.claim, fate] |
	some name in _volumes_of_namespace(ns)
	volume := storage.volume(name)
	claim := object.get(volume, ["spec", "claimRef", "name"], "")
	not storage.claim(ns, claim)
	not _let_go(volume)
	not classify.disposable(volume)
	fate := {"claim": claim, "volume": name, "policy": _policy(name), "size": _size({}, name)}
}

# A StatefulSet names the claims of a template <template>-<set>-<ordinal>
# (pkg/controller/statefulset/stateful_set_utils.go, getPersistentVolumeClaimName).
_of_templates(ns) := {[rank(""), claim, fate] |
	some owner in data.inventory.namespace[ns]["apps/v1"].StatefulSet
	not classify.disposable(owner)
	workload.replicas(owner) > 0
	some template in workload.claim_templates(owner)
	start := object.get(owner, ["spec", "ordinals", "start"], 0)
	some ordinal in numbers.range(start, (start + min([workload.replicas(owner), _most_ordinals])) - 1)
	claim := sprintf("%s-%s-%d", [template.metadata.name, owner.metadata.name, ordinal])
	not storage.claim(ns, claim)
	not claim in _reserved(ns)
	fate := {"claim": claim, "volume": "", "policy": "", "size": _size(template, "")}
}

# A file may say any number, and counting to it must end.
_most_ordinals := 1000

_let_go(volume) if volume.status.phase in {"Available", "Released", "Failed"}

_volumes(claim) := {name} if {
	name := object.get(claim, ["spec", "volumeName"], "")
	not name in {"", null}
} else := storage.volumes_of_claim(meta.qualified(claim))

# For all claims of a namespace one index costs less than a search for each.
_volumes_at_once(claim) := {name} if {
	name := object.get(claim, ["spec", "volumeName"], "")
	not name in {"", null}
} else := object.get(storage.volumes_by_claim, [meta.qualified(claim)], set())

_reserved(ns) := {storage.volume(name).spec.claimRef.name | some name in _volumes_of_namespace(ns)}

# METADATA
# custom: {index: _volumes_by_namespace}
_volumes_of_namespace(ns) := {name |
	some name
	data.inventory.cluster.v1.PersistentVolume[name].spec.claimRef.namespace == ns
}

_volumes_by_namespace := {ns: names |
	some ns in {volume.spec.claimRef.namespace | some volume in data.inventory.cluster.v1.PersistentVolume}
	names := {name |
		some name, other in data.inventory.cluster.v1.PersistentVolume
		other.spec.claimRef.namespace == ns
	}
}

_policy(name) := policy if {
	policy := storage.reclaim(storage.volume(name))
} else := ""

# What the volume has, else what the claim was given, else what it asks for.
_size(claim, name) := size if {
	size := storage.volume(name).spec.capacity.storage
} else := size if {
	size := claim.status.capacity.storage
} else := size if {
	size := claim.spec.resources.requests.storage
} else := ""
