# METADATA
# title: Flux deletes no data because a file left git
# description: |
#   A Kustomization with prune deletes what it has made and no longer finds in git: a moved folder, a renamed claim, an
#   overlay that renders nothing. When the Kustomization itself goes, all that it has made goes with it, unless
#   deletionPolicy is Orphan. An object that says kustomize.toolkit.fluxcd.io/prune: disabled stays, and so does one that
#   Flux was told not to reconcile. A suspended Kustomization deletes nothing. status.inventory says what it has made;
#   of a file nobody knows that.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#prune
#     description: garbage collection and how an object opts out
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#deletion-policy
#     description: what goes with the Kustomization
#   - ref: https://github.com/fluxcd/kustomize-controller/blob/v1.6.1/internal/controller/kustomization_controller.go
#     description: which objects are left (prune, finalizerShouldDeleteResources)
# custom:
#   severities: [high, medium]
#   incidents: [federated-namespace-deletion]
#   remediation: |
#     In git, add to each object that is named, and to its like:
#     metadata: {annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}}
#     and wait until Flux has applied it; the live object counts. Where a Kustomization has nothing but data, commonMetadata
#     does it for all of them; deletionPolicy: Orphan lets the Kustomization go without what it has made.
#   match:
#     kinds: [{apiGroups: [kustomize.toolkit.fluxcd.io], kinds: [Kustomization]}]
#   asks: [state]
#   admission: false
#   admissionReason: |
#     What is at risk are objects that stand in the cluster already, and the Kustomization has as a rule been there longer:
#     refusing its next change would protect none of them, and stop deployments.
#   reads:
#     - acid.zalan.do/v1/OperatorConfiguration
#     - apiextensions.k8s.io/v1/CustomResourceDefinition
#     - apps/v1/StatefulSet
#     - storage.k8s.io/v1/StorageClass
#     - v1/Namespace
#     - v1/PersistentVolume
#     - v1/PersistentVolumeClaim
#   parameters: {type: object, default: {}}
package flux_prune_unguarded

import data.lib.asked
import data.lib.keeping
import data.lib.meta
import data.lib.tracked
import data.lib.verdict

violation contains v if {
	some v in verdict.state("flux-prune-unguarded", _problems(asked.object), {p | some p in _problems(asked.before)})
}

_problems(kustomization) := {object.union(
	{
		"msg": sprintf("%s %s; %s", [meta.name(kustomization), act.text, risk.text]),
		"field": act.field,
	},
	object.filter(risk, ["severity", "related", "unknown"]),
) |
	act := _act(kustomization.spec)
	not kustomization.spec.suspend == true
	not _guards_all(kustomization.spec)
	risk := _risk(kustomization)
}

_act(spec) := {"field": "/spec/prune", "text": _pruned(object.get(spec, "deletionPolicy", "MirrorPrune"))} if {
	spec.prune == true
} else := {"field": "/spec/deletionPolicy", "text": "takes along all that it has made when it is deleted itself"} if {
	spec.deletionPolicy in {"Delete", "WaitForTermination"}
}

_pruned("Orphan") := "deletes what git no longer has"

_pruned(policy) := "deletes what git no longer has, and all that it has made when it is deleted itself" if policy != "Orphan"

_guards_all(spec) if _guards(spec.commonMetadata)

_guards(metadata) if keeping.flux({"metadata": metadata})

_guards(metadata) if metadata.annotations[_reconcile] == "disabled"

_guards(metadata) if metadata.labels[_reconcile] == "disabled"

_reconcile := "kustomize.toolkit.fluxcd.io/reconcile"

# A status that lists nothing says that nothing was made; no status says nothing.
_risk(kustomization) := tracked.risk(entries, {entry | some entry in entries; _guarded(tracked.object(entry), kustomization)}, _here(kustomization.spec)) if {
	entries := _entries(kustomization)
} else := tracked.unlisted("status of kustomize.toolkit.fluxcd.io/v1/Kustomization") if {
	count(object.get(kustomization, "status", {})) == 0
}

# An id is <namespace>_<name>_<group>_<kind>; the names of what holds data have no underscore.
_entries(kustomization) := {{"namespace": parts[0], "name": parts[1], "group": parts[2], "kind": parts[3]} |
	some entry in kustomization.status.inventory.entries
	parts := split(entry.id, "_")
}

_guarded(obj, _) if _guards(obj.metadata)

# Only what carries the Kustomization's own labels is deleted.
_guarded(obj, kustomization) if obj.metadata.labels["kustomize.toolkit.fluxcd.io/name"] != kustomization.metadata.name

_guarded(obj, kustomization) if obj.metadata.labels["kustomize.toolkit.fluxcd.io/namespace"] != kustomization.metadata.namespace

_here(spec) := false if {
	spec.kubeConfig
} else := true
