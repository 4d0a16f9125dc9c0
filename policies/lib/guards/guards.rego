# METADATA
# description: |
#   By what an object is guarded against its deletion: by who deploys it (lib.keeping, and what other tools read), by a
#   webhook that refuses to delete what carries a label, by an operator or a cloud. Finalizers are not among them:
#   protective-finalizer-removed is about those.
package lib.guards

import data.lib.keeping
import data.lib.operators

# METADATA
# description: |
#   Guards that old has and new does not, {path, guard, now, loss, value}. path leads to the field that was the guard;
#   guard is what a message calls it, with the value that it had; now is the value in its place, as JSON, "" where there is
#   none; loss ends a sentence. value restores the guard where nothing is in its place. Where two fields are the same tool's
#   guard, one of them suffices, and of two that go one is told.
lost(old, new) := {object.union(guard, {"now": _now(new, guard.path)}) |
	some tool in ({guard.tool | some guard in _guards(old)} - {guard.tool | some guard in _guards(new)})
	guard := sort([guard | some guard in _guards(old); guard.tool == tool])[0]
} | _argo(old, new)

_now(obj, path) := json.marshal(value) if {
	value := object.get(obj, path, null)
	value != null
} else := ""

_guards(obj) := {{"tool": row.tool, "path": row.path, "guard": sprintf("%s %s", [_word(row.path), json.marshal(value)]), "loss": row.loss, "value": value} |
	some row in _rows
	_about(obj, row)
	value := object.get(obj, row.path, null)
	_holds(row, value)
}

_about(_, row) if not row.group

_about(obj, row) if endswith(operators.kind(obj), row.group)

_about(obj, row) if endswith(split(operators.kind(obj), "/")[0], row.group)

_holds(row, value) if value in row.values

_holds(row, value) if {
	not row.values
	is_string(value)
}

_word(path) := sprintf("%s %s", [trim_suffix(path[1], "s"), path[2]]) if {
	path[0] == "metadata"
} else := concat(".", path)

# Argo CD reads several options from one annotation. It deletes no definition with an Application, and nothing that Helm
# keeps (argo-cd v3.1 controller/appcontroller.go, shouldBeDeleted).
_argo(old, new) := {{
	"path": ["metadata", "annotations", keeping.argo_key],
	"guard": sprintf("%s of annotation %s", [concat(" and ", [_option(old, name) | some name in ["Prune", "Delete"]; gone[name]]), keeping.argo_key]),
	"now": _now(new, ["metadata", "annotations", keeping.argo_key]),
	"loss": sprintf("Argo CD deletes it %s", [concat(", and ", [_when[name] | some name in ["Prune", "Delete"]; gone[name]])]),
	"value": old.metadata.annotations[keeping.argo_key],
} |
	gone := {name: true | some name in _disarmed(old, new)}
	count(gone) > 0
}

_disarmed(old, new) := {name | some name in _pruned(old, new)} | {name | some name in _cascaded(old, new)}

_pruned(old, new) := {"Prune"} if {
	keeping.argo_prune(old)
	not keeping.argo_prune(new)
} else := set()

_cascaded(old, new) := {"Delete"} if {
	keeping.argo_delete(old)
	not keeping.argo_delete(new)
	not keeping.helm(new)
	not old.kind == "CustomResourceDefinition"
} else := set()

_option(obj, name) := sprintf("%s=%s", [name, sort(keeping.options(obj)[name] & {"false", "confirm"})[0]])

_when := {"Prune": "when git no longer has it", "Delete": "with its Application"}

# Where the words are read:
# openkruise/kruise apis/policy/v1alpha1/deletion_protection.go, karmada pkg/apis/work/v1alpha2/well_known_constants.go,
# alibabacloud.com/help/en/ack (policy ACKNamespacesDeleteProtection), crossplane-contrib/function-deletion-protection,
# docs.giantswarm.io/tutorials/fleet-management/cluster-management/deletion-prevention (whatever the value),
# sigs.k8s.io/cli-utils pkg/common/common.go, carvel.dev/kapp docs (apply: delete-strategy), kluctl.io docs (annotations).
_rows := [
	{"tool": "Helm", "path": ["metadata", "annotations", keeping.helm_key], "values": {"keep"}, "loss": "Helm deletes it with its release, and when the chart no longer has it"},
	{"tool": "Flux", "path": ["metadata", "annotations", keeping.flux_key], "values": {"disabled"}, "loss": _flux},
	{"tool": "Flux", "path": ["metadata", "labels", keeping.flux_key], "values": {"disabled"}, "loss": _flux},
	{"tool": "kpt", "path": ["metadata", "annotations", "cli-utils.sigs.k8s.io/on-remove"], "values": {"keep"}, "loss": _kpt},
	{"tool": "kpt", "path": ["metadata", "annotations", "client.lifecycle.config.k8s.io/deletion"], "values": {"detach"}, "loss": _kpt},
	{"tool": "kapp", "path": ["metadata", "annotations", "kapp.k14s.io/delete-strategy"], "values": {"orphan"}, "loss": "kapp deletes it with its app, and when the app no longer has it"},
	{"tool": "Kluctl", "path": ["metadata", "annotations", "kluctl.io/skip-delete"], "values": {"true", "True", "TRUE", "t", "T", "1"}, "loss": "Kluctl deletes it when its project no longer has it"},
	{"tool": "OpenKruise", "path": ["metadata", "labels", "policy.kruise.io/delete-protection"], "values": {"Always", "Cascading"}, "loss": "OpenKruise no longer refuses its deletion"},
	{"tool": "Karmada", "path": ["metadata", "labels", "resourcetemplate.karmada.io/deletion-protected"], "values": {"Always"}, "loss": "Karmada no longer refuses its deletion"},
	{"tool": "ACK", "path": ["metadata", "labels", "policy.alibabacloud.com/delete-protection"], "values": {"true"}, "loss": "the policies of Alibaba Cloud no longer refuse its deletion"},
	{"tool": "Crossplane", "path": ["metadata", "labels", "protection.fn.crossplane.io/block-deletion"], "values": {"true"}, "loss": "Crossplane no longer refuses its deletion"},
	{"tool": "Giant Swarm", "path": ["metadata", "labels", "giantswarm.io/prevent-deletion"], "loss": "the policies of Giant Swarm no longer refuse its deletion"},
	{"tool": "KubeBlocks", "group": "apps.kubeblocks.io/Cluster", "path": ["spec", "terminationPolicy"], "values": {"DoNotTerminate"}, "loss": "KubeBlocks no longer refuses its deletion"},
	{"tool": "cloud", "group": ".cnrm.cloud.google.com", "path": ["metadata", "annotations", "cnrm.cloud.google.com/deletion-policy"], "values": {"abandon"}, "loss": _cloud},
	{"tool": "cloud", "group": ".services.k8s.aws", "path": ["metadata", "annotations", "services.k8s.aws/deletion-policy"], "values": {"retain"}, "loss": _cloud},
	{"tool": "cloud", "group": ".azure.com", "path": ["metadata", "annotations", "serviceoperator.azure.com/reconcile-policy"], "values": {"skip", "detach-on-delete"}, "loss": _cloud},
	{"tool": "cloud", "group": ".crossplane.io", "path": ["spec", "deletionPolicy"], "values": {"Orphan"}, "loss": _cloud},
	{"tool": "cloud", "group": ".upbound.io", "path": ["spec", "deletionPolicy"], "values": {"Orphan"}, "loss": _cloud},
	{"tool": "cloud", "group": ".cnrm.cloud.google.com", "path": ["spec", "settings", "deletionProtectionEnabled"], "values": {true}, "loss": _refused},
	{"tool": "cloud", "group": ".services.k8s.aws", "path": ["spec", "deletionProtection"], "values": {true}, "loss": _refused},
	{"tool": "cloud", "group": ".services.k8s.aws", "path": ["spec", "deletionProtectionEnabled"], "values": {true}, "loss": _refused},
	{"tool": "cloud", "group": ".crossplane.io", "path": ["spec", "forProvider", "deletionProtection"], "values": {true}, "loss": _refused},
	{"tool": "cloud", "group": ".upbound.io", "path": ["spec", "forProvider", "deletionProtection"], "values": {true}, "loss": _refused},
	{"tool": "cloud", "group": ".upbound.io", "path": ["spec", "forProvider", "deletionProtectionEnabled"], "values": {true}, "loss": _refused},
]

_flux := "Flux deletes it when git no longer has it, and with its Kustomization"

_kpt := "kpt and Config Sync delete it when git no longer has it"

_cloud := "what it stands for in the cloud is deleted with it"

_refused := "the cloud no longer refuses to delete what it stands for"
